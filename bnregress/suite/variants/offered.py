"""Which variants each loading path is tested in."""

from bnregress.suite.registry import OWN_CHECKS, PATHS
from bnregress.suite.variants.axes import AXES, DEFAULT, Variant
from bnregress.suite.variants.cover import COSTLY_COVER, COVER, MODE_COVER
from bnregress.suite.variants.freeze import FREEZE
from bnregress.suite.variants.wrap import WRAP

#: The path that carries the cover of all pairs; see `bnregress.suite.small`.
SMALL = "small"

#: Single values that make no sense on the paths of a family, by axis: nothing is loaded, or the layers are not the
#: path's to make, or what it starts from is not its to choose.
_SENSELESS = {
    "applications": {"freeze": ("constructor", "after-load")},
    "control": {"freeze": ("constructor", "after-load")},
    "rebuilt": {"freeze": ("constructor",), "train": ("mixed",)},
    "saved": {"freeze": ("constructor",), "train": ("mixed",)},
    "raw": {
        "mode": ("graph", "v1-behavior"),
        "freeze": ("after-wrap", "after-compile", "constructor", "after-load", "call", "two-stage"),
        "wrap": ("functional", "chain", "nested", "time-distributed", "preprocessing"),
        "train": ("mixed",),
    },
    "weights": {"freeze": tuple(FREEZE), "train": ("mixed",)},
    "cross-release": {"freeze": tuple(FREEZE), "train": ("mixed",)},
    "comparison": {"freeze": ("constructor", "after-load")},
}


def names(path):
    """Every variant of a path that `--variant '*'` asks.

    On the small network that is each single value and the cover of all pairs;
    on the others each single value that makes sense for the path.
    """
    if path == SMALL:
        return tuple(dict.fromkeys((DEFAULT, *_single({}), *COVER, *COSTLY_COVER, *MODE_COVER)))
    base = path.partition("=")[0]
    if base in OWN_CHECKS:
        return (DEFAULT,)
    family = PATHS[base].family if base in PATHS else "applications"
    return (DEFAULT, *_single(_SENSELESS.get(family, {})))


def default_names(path):
    """The variants of a path that run if none is named: the default, and on the small network the cover.

    Pairs with a mode are left to `--variant`: each value of it costs a process. So are most pairs with what is costly.
    """
    return (DEFAULT, *COVER) if path == SMALL else (DEFAULT,)


def _single(senseless):
    return [
        Variant(**{axis: value}, **_needed(axis, value)).name
        for axis, values in AXES.items()
        for place, value in enumerate(values)
        if place and value not in senseless.get(axis, ())
    ]


def _needed(axis, value):
    """What else a value cannot do without: a call with `training=False` needs a wrap whose author calls the network."""
    if axis == "freeze" and FREEZE[value].called:
        return {"wrap": next(name for name, wrap in WRAP.items() if wrap.calls)}
    return {}
