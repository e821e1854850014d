"""The committed cover: every pair of values of two axes is asked together, and is asked wherever it can be."""

from __future__ import annotations

import itertools

import pytest

from bnregress.suite.apart import USUAL, setup_of
from bnregress.suite.variants import AXES, parse
from bnregress.suite.variants.cover import ALONE, COSTLY, COSTLY_COVER, COVER, IMPOSSIBLE, MODE_COVER, RARE

ORDER = list(AXES)
WHOLE = (*COVER, *COSTLY_COVER, *MODE_COVER)
Pair = frozenset[tuple[str, str]]


def every_pair() -> set[Pair]:
    """Pairs of values of two axes, less those that no release can have together, or that are asked by themselves."""
    singles = [[(axis, value) for value in AXES[axis] if value not in ALONE.get(axis, ())] for axis in ORDER]
    pairs = {
        frozenset(pair) for one, other in itertools.combinations(singles, 2) for pair in itertools.product(one, other)
    }
    return pairs - impossible()


def impossible() -> set[Pair]:
    return {
        frozenset({(axis, value), (other, its)})
        for axis, values, other, others in IMPOSSIBLE
        for value, its in itertools.product(values, others)
    }


def asked_by(name: str) -> set[Pair]:
    """Pairs that a variant asks in every release that has the pair itself."""
    variant = parse(name)
    values = [(axis, getattr(variant, axis)) for axis in ORDER]
    rare = {(axis, value) for axis, value in values if value in RARE.get(axis, ())}
    return {frozenset(pair) for pair in itertools.combinations(values, 2) if rare <= set(pair)}


def test_every_pair_of_values_is_covered() -> None:
    covered = set().union(*(asked_by(name) for name in ("default", *WHOLE)))
    assert sorted(map(sorted, every_pair() - covered)) == []


def test_the_cover_holds_nothing_that_no_release_can_have() -> None:
    for name in WHOLE:
        variant = parse(name)
        pairs = {
            frozenset(pair) for pair in itertools.combinations([(axis, getattr(variant, axis)) for axis in ORDER], 2)
        }
        assert not pairs & impossible(), name


def test_the_cover_names_each_variant_once_in_its_canonical_spelling() -> None:
    assert [parse(name).name for name in WHOLE] == list(WHOLE)
    assert len(set(WHOLE)) == len(WHOLE)


def test_no_variant_of_the_cover_could_be_left_out() -> None:
    for name in WHOLE:
        others = set().union(*(asked_by(other) for other in ("default", *WHOLE) if other != name))
        assert asked_by(name) & every_pair() - others, name


def test_a_plain_run_asks_every_pair_that_needs_no_mode_and_is_not_costly() -> None:
    pairs = {
        pair
        for pair in every_pair()
        if not any((axis == "mode" and value != "default") or value in COSTLY.get(axis, ()) for axis, value in pair)
    }
    covered = set().union(*(asked_by(name) for name in ("default", *COVER)))
    assert sorted(map(sorted, pairs - covered)) == []
    assert {parse(name).mode for name in COVER} == {"default"}


@pytest.mark.parametrize(("axis", "value"), [(axis, value) for axis, values in COSTLY.items() for value in values])
def test_a_plain_run_asks_what_is_costly_by_itself_unless_it_needs_a_process(axis: str, value: str) -> None:
    name = f"{axis}={value}"
    assert (name in COVER) is (setup_of("small", name) == USUAL)
    assert all(setup_of("small", each) == USUAL for each in COVER)
