"""Not loading paths of a person's: a release's cells for what no loading path varies, see `bnregress.suite.usage`."""

from bnregress.suite import small
from bnregress.suite.registry import USAGE, loading_path
from bnregress.suite.usage.constructor import CONSTRUCTOR
from bnregress.suite.usage.flags import FLAGS
from bnregress.suite.usage.layers import LAYERS
from bnregress.suite.usage.phases import PHASES
from bnregress.suite.usage.replicas import PLAIN_REPLICAS, REPLICAS
from bnregress.suite.usage.resumed import RESUMES
from bnregress.suite.usage.training import TRAINING


def small_network(framework):
    """The small network, un-frozen."""
    return small.build(framework)


@loading_path(
    "training",
    family=USAGE,
    summary="a hand-built network with every setting of `compile` and `fit`, through every entry point",
    code=small.CODE,
    networks=("small",),
    own=TRAINING,
)
def training(framework):
    return small.build(framework)


@loading_path(
    "layers",
    family=USAGE,
    summary="one BatchNorm at a time, in every shape and with every option",
    code=small.CODE,
    networks=("small",),
    own=LAYERS,
)
def layers(framework):
    return small.build(framework)


@loading_path(
    "flags",
    family=USAGE,
    summary="`network.trainable = False` once more, after layers of the network were un-frozen",
    code=small.CODE.replace("TRAINABLE", "True"),
    networks=("small",),
    own=FLAGS,
)
def flags(framework):
    return small.build(framework)


@loading_path(
    "constructor",
    family=USAGE,
    summary="`tf.keras.Model(inputs, outputs, trainable=False)`, and layers from the description of others",
    code=small.CODE.replace("TRAINABLE", "True"),
    networks=("small",),
    own=CONSTRUCTOR,
)
def constructor(framework):
    return small.build(framework)


@loading_path(
    "phases",
    family=USAGE,
    summary="trained, frozen, compiled again and trained on",
    code=small.CODE.replace("TRAINABLE", "True"),
    networks=("small",),
    own=PHASES,
)
def phases(framework):
    return small.build(framework)


def _resumed(format_, summary):
    loading_path(
        "resumed-{}".format(format_),
        family=USAGE,
        summary=summary,
        code=small.CODE.replace("TRAINABLE", "True"),
        networks=("small",),
        own=RESUMES[format_],
    )(small_network)


_resumed("keras-v3", 'model.save("model.keras") of a compiled model that was trained, loaded and trained on')
_resumed("h5", 'model.save("model.h5") of a compiled model that was trained, loaded and trained on')
_resumed("savedmodel", 'model.save("model", save_format="tf") of a compiled model that was trained, likewise')


def _on_replicas(id, summary, own):
    loading_path(
        id,
        family=USAGE,
        summary=summary,
        code=small.CODE,
        group="replicas",
        networks=("small",),
        own=own,
        devices=2,
    )(small_network)


_on_replicas("replicas", "BatchNorm of each kind under MirroredStrategy, on two logical devices", REPLICAS)
_on_replicas("replicas-plain", "an un-frozen BatchNorm that is not synchronized, likewise", PLAIN_REPLICAS)
