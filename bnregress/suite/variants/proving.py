"""Variants in which the control runs: each value of each axis is in one, so that what passes there could have failed.

In every variant it would cost as much again as what it proves.
"""

from bnregress.suite.variants.axes import AXES, DEFAULT, parse
from bnregress.suite.variants.cover import COVER, RARE


def proving(cover=COVER):
    """Choose rows of a cover, the one with most values that are not yet proven first.

    A row with a value that some releases lack counts for that value alone.

    Args:
        cover: names of variants.

    Returns:
        Names, in the order chosen; values of the default variant need none.
    """
    default = parse(DEFAULT)
    proves = {name: _proved_by(parse(name)) for name in cover}
    left = set().union(*proves.values()) - {(axis, getattr(default, axis)) for axis in AXES}
    chosen = []
    while left:
        # Of equals the first.
        best = max(cover, key=lambda name: len(proves[name] & left))
        chosen.append(best)
        left -= proves[best]
    return chosen


def _proved_by(variant):
    values = {(axis, getattr(variant, axis)) for axis in AXES}
    rare = {(axis, value) for axis, value in values if value in RARE.get(axis, ())}
    return rare or values


PROVING = frozenset(proving())
