"""The four axes with their values in order, and the names of variants."""

import difflib
from collections import OrderedDict
from dataclasses import dataclass

from bnregress.suite.variants.freeze import FREEZE
from bnregress.suite.variants.mode import MODE
from bnregress.suite.variants.train import TRAIN
from bnregress.suite.variants.wrap import WRAP

#: Axes in the order of a name; of each the values by name, its default first.
AXES = OrderedDict([("mode", MODE), ("freeze", FREEZE), ("wrap", WRAP), ("train", TRAIN)])
DEFAULT = "default"


@dataclass(frozen=True)
class Variant:
    """One value of each axis, by name."""

    mode: str = next(iter(MODE))
    freeze: str = next(iter(FREEZE))
    wrap: str = next(iter(WRAP))
    train: str = next(iter(TRAIN))

    @property
    def name(self):
        """The canonical name, as in `freeze=model,wrap=functional`."""
        return ",".join("{}={}".format(axis, value) for axis, value in self.departures) or DEFAULT

    @property
    def departures(self):
        """Axes that do not have their default, with the value: a list of pairs in the order of the axes."""
        return [(axis, getattr(self, axis)) for axis in AXES if getattr(self, axis) != next(iter(AXES[axis]))]

    def value(self, axis):
        """The declaration of the variant's value on an axis."""
        return AXES[axis][getattr(self, axis)]


def cell_name(path, variant):
    """Return the name of a cell less its release: `PATH`, or `PATH@VARIANT`."""
    return path if variant == DEFAULT else "{}@{}".format(path, variant)


def parse(name):
    """Read a variant's name, in whatever order its axes are written and with default values written out or not.

    Raises:
        ValueError: an axis or a value does not exist or is named twice; tells the nearest.
    """
    if name == DEFAULT:
        return Variant()
    chosen = {}
    for part in name.split(","):
        axis, separator, value = part.partition("=")
        if not separator:
            raise ValueError("{!r} is not a variant: write AXIS=VALUE, as in freeze=model".format(part))
        if axis not in AXES:
            raise ValueError("there is no axis {!r} of variants{}".format(axis, _nearest(axis, AXES)))
        if value not in AXES[axis]:
            raise ValueError("there is no {} {!r}{}".format(axis, value, _nearest(value, AXES[axis])))
        if axis in chosen:
            raise ValueError("{} is named twice in {!r}".format(axis, name))
        chosen[axis] = value
    return Variant(**chosen)


def _nearest(name, known):
    close = difflib.get_close_matches(name, known, n=1)
    return "; did you mean {}?".format(close[0]) if close else "; there are {}".format(", ".join(known))
