"""Run in a release's environment: the faults of `tests/faults` that can be in a person's own model, planted one by one.

Prints a line of JSON for each, {"fault": name or null, "expected": check, "exit": what `check` makes of the model}.
"""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import json
import sys

import numpy as np

from bnregress.suite import small
from bnregress.suite.framework import load_framework
from bnregress.suite.inspection import batchnorms, verdicts
from tests.faults import FAULTS
from tests.faults.keras import Keras
from tests.faults.registry import DIRECT

#: Checks on which a model's frozen layers fail by themselves, without a reference or another release.
OF_A_MODEL = ("mode-parity", "batch-independence", "fit-eval-parity", "frozen-state")
#: A model's own steps always name the mode: what a call without one does is tested by `run` alone.
OF_NO_STEP = ("frozen-layer-follows-the-batch-when-not-told-the-mode",)


def main(*names):
    """Inspect a sound model, and one with each fault."""
    framework = load_framework()
    chosen = [
        fault
        for fault in FAULTS.values()
        if DIRECT in fault.paths
        and "small" in fault.networks
        and fault.expected in OF_A_MODEL
        and fault.name not in OF_NO_STEP
    ]
    for fault in [None, *(fault for fault in chosen if not names or fault.name in names)]:
        keras = Keras(framework.engine)
        framework.begin()
        try:
            if fault is not None:
                fault.plant(keras)
            found = batchnorms.inspect_model(framework, _model(framework))
            line = {"exit": _exit(found), "unseen": found.unseen}
        finally:
            keras.restore()
        line.update(fault=fault and fault.name, expected=fault and fault.expected)
        print(json.dumps(line), flush=True)


def _model(framework):
    network = small.build(framework)
    random = np.random.RandomState(1)
    for layer in network.layers:
        layer.trainable = False
        if isinstance(layer, framework.keras.layers.BatchNormalization):
            # As after training: on a fresh network several faults are invisible.
            layer.set_weights([random.uniform(0.5, 1.5, np.shape(each)) for each in layer.get_weights()])
    model = framework.keras.Sequential([network, framework.keras.layers.Dense(3)])
    model.compile(framework.sgd(0.05), "mse")
    return model


def _exit(found):
    words = {layer["verdict"] for layer in found.layers}
    if verdicts.AFFECTED in words:
        return 1
    return 4 if verdicts.UNDECIDED in words or found.unseen else 0


if __name__ == "__main__":
    batchnorms.offer_cures = lambda *_: None
    main(*sys.argv[1:])
