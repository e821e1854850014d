"""Not loading paths of a person's: a release's cells for what no loading path varies, see `bnregress.suite.usage`."""

from bnregress.suite import small
from bnregress.suite.registry import USAGE, loading_path
from bnregress.suite.usage.layers import LAYERS
from bnregress.suite.usage.replicas import PLAIN_REPLICAS, REPLICAS
from bnregress.suite.usage.training import TRAINING


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
    )(small.build)


_on_replicas("replicas", "BatchNorm of each kind under MirroredStrategy, on two logical devices", REPLICAS)
_on_replicas("replicas-plain", "an un-frozen BatchNorm that is not synchronized, likewise", PLAIN_REPLICAS)
