"""The small network, hand-built: it carries the variants that would cost too much on ResNet50."""

from bnregress.suite import small
from bnregress.suite.registry import loading_path


@loading_path(
    "small",
    family="small",
    summary="a hand-built network of three BatchNorm layers",
    code=small.CODE,
    networks=("small",),
)
def small_network(framework, trainable=True):
    return small.build(framework, trainable)
