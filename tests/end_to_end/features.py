"""Writes what a release's sound network answers to the probes; run by that release's own Python."""

from __future__ import annotations

import sys

import numpy as np

from bnregress.suite import probes
from bnregress.suite.framework import load_framework


def main(target: str) -> int:
    framework = load_framework()
    network = framework.sound_network()
    np.save(target, framework.execution().forward(network, probes.images(), training=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
