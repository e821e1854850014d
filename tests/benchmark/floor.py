"""The framework calls that the verdicts cannot do without, and nothing else: a bare script.

    python floor.py CELLS

Run by a release's own interpreter. CELLS is a JSON file, a list of {"path":,
"source": [ways to build what the path starts from, none or more], "code":},
each code the lines that the loading path itself declares for a person's script.
TensorFlow is imported once; each path builds or loads its network once, asks a
forward pass in each mode, one compiled training step and one compiled
evaluation; last, an un-frozen network takes one training step. Peak memory is
printed as JSON.
"""

import importlib
import json
import os
import resource
import sys
import tempfile

import numpy as np
import tensorflow as tf

ARGUMENTS = {"weights": None, "include_top": False, "pooling": "avg", "input_shape": (32, 32, 3)}
IMAGES = np.random.RandomState(0).uniform(-100, 100, (8, 32, 32, 3)).astype("float32")
LABELS = np.eye(10, dtype="float32")[:8]


def main(cells):
    # The environment asks for deterministic ops, as the suite does; some releases then want a seed.
    tf.compat.v1.set_random_seed(0)
    sources = {}
    for cell in cells:
        ways = tuple(cell["source"])
        if ways and ways not in sources:
            sources[ways] = frozen(first_that_builds(ways))
        packages = {cell["keras"]: importlib.import_module(cell["keras"])} if cell["keras"] else {}
        network = lines(cell["code"], source=sources.get(ways), **packages)["network"]
        if not ways:
            frozen(network)
        network(IMAGES, training=False)
        network(IMAGES, training=True)
        model = compiled(network)
        model.fit(IMAGES, LABELS, batch_size=8, epochs=1, verbose=0)
        model.evaluate(IMAGES, LABELS, batch_size=8, verbose=0)
    network = tf.keras.applications.ResNet50(**ARGUMENTS)
    compiled(network).fit(IMAGES, LABELS, batch_size=8, epochs=1, verbose=0)


def lines(code, **known):
    """Run lines of a script in a folder of their own; return the names that they define."""
    names = dict(known, tf=tf, np=np, ARGUMENTS=ARGUMENTS, TRAINABLE=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        exec(code, names)  # noqa: S102 - the project's own declarations
        os.chdir(os.path.dirname(os.path.abspath(__file__)))
    return names


def first_that_builds(ways):
    for code in ways[:-1]:
        try:
            return lines(code)["source"]
        except (TypeError, ValueError):  # an argument that this release does not take
            continue
    return lines(ways[-1])["source"]


def frozen(network):
    for layer in network.layers:
        layer.trainable = False
    return network


def compiled(network):
    model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.1), loss="categorical_crossentropy")
    return model


if __name__ == "__main__":
    with open(sys.argv[1]) as stream:
        main(json.load(stream))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_rss_bytes": peak}))
