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


def _cell(id, own, summary, **options):
    """Register a cell with checks of its own; options are those of `loading_path`."""
    loading_path(id, family=USAGE, summary=summary, code=small.CODE, networks=("small",), own=own, **options)(
        small_network
    )


_cell("training", TRAINING, "a hand-built network with every setting of `compile` and `fit`, through every entry point")
_cell("layers", LAYERS, "one BatchNorm at a time, in every shape and with every option")
_cell("flags", FLAGS, "`network.trainable = False` once more, after layers of the network were un-frozen")
_cell(
    "constructor",
    CONSTRUCTOR,
    "`tf.keras.Model(inputs, outputs, trainable=False)`, and layers from the description of others",
)
_cell("phases", PHASES, "trained, frozen, compiled again and trained on")
_cell(
    "resumed-keras-v3",
    RESUMES["keras-v3"],
    'model.save("model.keras") of a compiled model that was trained, loaded and trained on',
)
_cell("resumed-h5", RESUMES["h5"], 'model.save("model.h5") of a compiled model that was trained, loaded and trained on')
_cell(
    "resumed-savedmodel",
    RESUMES["savedmodel"],
    'model.save("model", save_format="tf") of a compiled model that was trained, likewise',
)
_cell(
    "replicas",
    REPLICAS,
    "BatchNorm of each kind under MirroredStrategy, on two logical devices",
    group="replicas",
    devices=2,
)
_cell(
    "replicas-plain",
    PLAIN_REPLICAS,
    "an un-frozen BatchNorm that is not synchronized, likewise",
    group="replicas",
    devices=2,
)
