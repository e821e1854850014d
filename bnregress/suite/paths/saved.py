"""Whole models, saved frozen and loaded within the release."""

import inspect
import os
import tempfile
import zipfile

from bnregress.suite.finding import NotApplicable
from bnregress.suite.registry import loading_path


@loading_path(
    "h5",
    family="saved",
    summary='model.save("model.h5"), then tf.keras.models.load_model',
    networks=("small", "resnet50"),
    code="""
    source.save("model.h5")
    network = tf.keras.models.load_model("model.h5", compile=False)
    """,
)
def h5(framework, source):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.h5")
        source.save(file)
        return framework.keras.models.load_model(file, compile=False)


@loading_path(
    "savedmodel",
    family="saved",
    summary='model.save("model", save_format="tf"), then tf.keras.models.load_model',
    networks=("small", "resnet50"),
    code="""
    source.save("model", save_format="tf")
    network = tf.keras.models.load_model("model", compile=False)
    """,
)
def savedmodel(framework, source):
    require_saves_savedmodel(source)
    with tempfile.TemporaryDirectory() as folder:
        source.save(folder, save_format="tf")
        network = framework.keras.models.load_model(folder, compile=False)
        # A graph restores variables as they are first read, and the folder goes.
        framework.execution().read(network.weights)
        return network


@loading_path(
    "keras-v3",
    family="saved",
    summary='model.save("model.keras"), then tf.keras.models.load_model',
    networks=("small", "resnet50"),
    code="""
    source.save("model.keras")
    network = tf.keras.models.load_model("model.keras", compile=False)
    """,
)
def keras_v3(framework, source):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.keras")
        save_keras_v3(source, file)
        return framework.keras.models.load_model(file, compile=False)


def require_saves_savedmodel(source):
    """Raise `NotApplicable` where this release's `Model.save` writes no SavedModel."""
    if "save_format" not in inspect.signature(source.save).parameters:
        raise NotApplicable("this release's Model.save writes no SavedModel: it takes no save_format")


def save_keras_v3(source, file):
    """Save in the format of Keras 3, or raise `NotApplicable` where this release has it not."""
    source.save(file)
    if not zipfile.is_zipfile(file) and "save_format" in inspect.signature(source.save).parameters:
        source.save(file, save_format="keras")  # by name alone only from Keras 2.13 on
    if not zipfile.is_zipfile(file):
        raise NotApplicable("this release writes an older format into a file named model.keras")
