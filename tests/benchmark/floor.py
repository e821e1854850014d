"""The framework calls that the verdicts cannot do without, and nothing else: a bare script.

Run by a release's own interpreter. It imports TensorFlow once; for each path it
builds or loads the network once, asks a forward pass in each mode, one compiled
training step and one compiled evaluation; last, one un-frozen training step.
It prints its peak memory as JSON.
"""

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


def applications(source):
    return tf.keras.applications.ResNet50(**ARGUMENTS)


def with_layers(source):
    return tf.keras.applications.ResNet50(layers=tf.keras.layers, **ARGUMENTS)


def package(source):
    from keras_applications import resnet

    keras = tf.keras
    return resnet.ResNet50(
        backend=keras.backend, layers=keras.layers, models=keras.models, utils=keras.utils, **ARGUMENTS
    )


def compat_v1(source):
    return tf.compat.v1.keras.applications.ResNet50(**ARGUMENTS)


def clone(source):
    network = tf.keras.models.clone_model(source)
    network.set_weights(source.get_weights())
    return network


def from_json(source):
    network = tf.keras.models.model_from_json(source.to_json())
    network.set_weights(source.get_weights())
    return network


def h5(source):
    with tempfile.TemporaryDirectory() as folder:
        source.save(os.path.join(folder, "model.h5"))
        return tf.keras.models.load_model(os.path.join(folder, "model.h5"), compile=False)


def vgg16(source):
    return tf.keras.applications.VGG16(**ARGUMENTS)


PATHS = {
    "tf-keras-applications": applications,
    "tf-keras-applications-layers": with_layers,
    "keras-applications-package": package,
    "compat-v1": compat_v1,
    "clone": clone,
    "json": from_json,
    "h5": h5,
    "vgg16": vgg16,
}


def compiled(network):
    model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.1), loss="categorical_crossentropy")
    return model


def main(paths):
    # The environment asks for deterministic ops, as the suite does; some releases then want a seed.
    tf.compat.v1.set_random_seed(0)
    source = applications(None) if set(paths) & {"clone", "json", "h5"} else None
    for path in paths:
        network = PATHS[path](source)
        for layer in network.layers:
            layer.trainable = False
        network(IMAGES, training=False)
        network(IMAGES, training=True)
        model = compiled(network)
        model.fit(IMAGES, LABELS, batch_size=8, epochs=1, verbose=0)
        model.evaluate(IMAGES, LABELS, batch_size=8, verbose=0)
    network = applications(None)
    compiled(network).fit(IMAGES, LABELS, batch_size=8, epochs=1, verbose=0)


if __name__ == "__main__":
    main(sys.argv[1:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_rss_bytes": peak}))
