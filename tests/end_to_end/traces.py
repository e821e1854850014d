"""Says how often a release traces the first step of `fit`; run by that release's own Python."""

from __future__ import annotations

import sys

from bnregress.suite.cells import Cell
from bnregress.suite.crossing import path_of
from bnregress.suite.framework import load_framework
from bnregress.suite.subject import build_subject


def main() -> int:
    framework = load_framework()
    subject = build_subject(framework, path_of("small"), Cell("small").variant)
    called = []
    dense = framework.keras.layers.Dense
    original = dense.call

    def call(layer, *arguments, **named):  # type: ignore[no-untyped-def]
        called.append(layer.name)
        return original(layer, *arguments, **named)

    model = subject.model
    dense.call = call
    subject.fit_loss(model)
    # A graph that is traced runs without calling the layer again.
    subject.fit_loss(model)
    print(called.count(subject.head.name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
