"""Trained weights in place of the surrogate's: Keras' own for ImageNet, or a person's, which the host has read."""

import contextlib
import hashlib
from collections import OrderedDict

import numpy as np

from bnregress.suite import networks

#: Applications by a layer that no other has, to find out which network stands before us.
APPLICATIONS = (
    ("ResNet50", "conv5_block3_3_conv"),
    ("VGG16", "block5_conv3"),
    ("DenseNet121", "conv5_block16_2_conv"),
)


class WeightsError(Exception):
    """The weights cannot be had, or are those of another network."""


@contextlib.contextmanager
def kept(subject):
    """Leave every variable of the subject's network as it was."""
    variables = list(subject.variables.values())
    before = subject.execution.read(variables)
    try:
        yield
    finally:
        if not subject.execution.unchanged(variables, before):
            subject.execution.write(variables, before)
            subject.forget_inference()


def assign(subject, request):
    """Give the subject's network the weights that were requested; the surrogate's it has already.

    Raises:
        WeightsError: they cannot be had, or are those of another architecture.
    """
    if request.weights == "surrogate":
        return
    own = request.weights == "imagenet"
    values = _imagenet(subject, request.imagenet_files) if own else read_file(request.weights, request.arrays_sha256)
    layers, wanted = OrderedDict(), []
    for name, variable in subject.variables.items():
        layers.setdefault(name.rpartition("/")[0], []).append(variable)
    for name, variables in layers.items():
        wanted.extend(_of_layer(name, [tuple(map(int, variable.shape)) for variable in variables], values))
    subject.execution.write([variable for variables in layers.values() for variable in variables], wanted)
    subject.forget_inference()


def _of_layer(name, shapes, values):
    if name not in values:
        raise WeightsError("the weights are of another architecture: they have nothing for the layer {}".format(name))
    found = [tuple(np.shape(value)) for value in values[name]]
    if found != shapes:
        raise WeightsError(
            "the weights are of another architecture: the layer {} has {}, the weights have {}".format(
                name, shapes, found
            )
        )
    return values[name]


def read_file(path, sha256):
    """Weights by layer, from the arrays `LAYER//PLACE` that the host made of a person's file.

    Raises:
        WeightsError: they are not those that the run was planned with.
    """
    try:
        with open(path, "rb") as stream:
            found = hashlib.sha256(stream.read()).hexdigest()
        if sha256 is not None and found != sha256:
            raise WeightsError("the weights' file has changed since the run was planned; start the run again")
        values = {}
        with np.load(path) as stored:
            for name in stored.files:
                values.setdefault(name.rpartition("//")[0], []).append(stored[name])
    except (OSError, ValueError) as error:
        raise WeightsError("the weights cannot be read: {}".format(error)) from error
    return values


def _imagenet(subject, files):
    layers = {name.rpartition("/")[0] for name in subject.variables}
    application = next((name for name, telling in APPLICATIONS if telling in layers), None)
    if application is None:
        raise WeightsError("no ImageNet weights are known for this network; use --weights surrogate or a file")
    try:
        build = subject.framework.require("keras.applications." + application)
        network = build(**dict(networks.BACKBONE, weights=files.get(application, "imagenet")))
    except Exception as error:
        raise WeightsError(
            "Keras could not load its ImageNet weights ({}). They are a download of 98 MB: check the network, or give"
            " the file to the cache, see docs/accuracy.md".format(
                str(error).splitlines()[0] if str(error) else type(error).__name__
            )
        ) from error
    variables = [layer.weights for layer in networks.layers_of(network)]
    values = {
        layer.name: subject.execution.read(weights)
        for layer, weights in zip(networks.layers_of(network), variables)
        if weights
    }
    subject.execution.release(network.weights)
    return values
