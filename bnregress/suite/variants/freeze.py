"""The axis `freeze`: how, and at which moment, the network is frozen."""

from collections import OrderedDict
from dataclasses import dataclass
from inspect import cleandoc
from typing import Callable, Optional

#: Moments, in the order they come: the network is built, then saved or copied and loaded where the path does so (and
#: at `LOADED` on every path), then given to a head, then wrapped with it, then compiled and trained for a first step.
BUILT, LOADED, GIVEN, WRAPPED, COMPILED = "built", "loaded", "given", "wrapped", "compiled"

FREEZE = OrderedDict()


@dataclass(frozen=True)
class Freeze:
    """A way of freezing.

    Attributes:
        name: as in `freeze=model`.
        summary: what it is, for a person.
        moment: when; one of the moments above.
        apply: takes a list of what is frozen: the network, or from `WRAPPED` on what stands for it in the model.
        code: the same as lines of a script, on the list `parts`.
        called: whether the model calls the network with `training=False`, which keeps its BatchNorm in inference mode
            whatever the flags say, and lets everything else of it train.
        thaw: takes the same list; un-freezes it once the head has been trained, for a second stage. None where there
            is one stage.
        thaw_code: the same as lines of a script.
    """

    name: str
    summary: str
    moment: str
    apply: Callable
    code: str
    called: bool = False
    thaw: Optional[Callable] = None
    thaw_code: str = ""


def freezing(name, moment, summary, code, **more):
    """Declare the decorated function as a way of freezing."""

    def register(apply):
        FREEZE[name] = Freeze(name, summary, moment, apply, cleandoc(code), **more)
        return apply

    return register


_EACH = """
for part in parts:
    for layer in part.layers:
        layer.trainable = False
"""
_FLAG = """
for part in parts:
    part.trainable = False
"""


@freezing("layers", BUILT, "layer by layer, before wrapping", _EACH)
def layers(parts):
    for part in parts:
        for layer in part.layers:
            layer.trainable = False


def flag(parts):
    for part in parts:
        part.trainable = False


freezing("model", BUILT, "`network.trainable = False`, before wrapping", _FLAG)(flag)
freezing("after-wrap", WRAPPED, "the wrapped part's `trainable = False`, before compiling", _FLAG)(flag)
freezing("after-compile", COMPILED, "the same after compiling and a first step, not compiled again", _FLAG)(flag)


@freezing(
    "batchnorm-only",
    BUILT,
    "only the BatchNorm layers",
    """
    for part in parts:
        for layer in part.layers:
            if hasattr(layer, "moving_mean"):
                layer.trainable = False
    """,
)
def batchnorm_only(parts):
    for part in parts:
        for layer in part.layers:
            if hasattr(layer, "moving_mean"):
                layer.trainable = False


@freezing("constructor", BUILT, "`trainable=False` as each layer is made", "")
def constructor(parts):
    """Nothing is left to do: the network was built so."""


freezing("after-load", LOADED, "saved un-frozen, frozen layer by layer when loaded", _EACH)(layers)


@freezing("call", GIVEN, "called with `training=False`, its flags left alone", "", called=True)
def call(parts):
    """Nothing is left to do: the call freezes."""


def _unflag(parts):
    for part in parts:
        part.trainable = True


freezing(
    "two-stage",
    GIVEN,
    "frozen and called with `training=False`, the head trained, then un-frozen, compiled again and trained on",
    _FLAG,
    called=True,
    thaw=_unflag,
    thaw_code=cleandoc(_FLAG.replace("False", "True")),
)(flag)
