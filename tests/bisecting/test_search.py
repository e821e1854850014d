"""The search finds the change in few tests, whatever cannot be decided on the way."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.bisecting.search import Found, search

VERDICTS = ("pass", "regress", "not-applicable")


class ReleaseTester:
    """Answers from a row, and counts."""

    def __init__(self, row: list[str | None]) -> None:
        self.row = row
        self.tested: list[int] = []

    def __call__(self, place: int) -> str | None:
        self.tested.append(place)
        return self.row[place]


def found(row: list[str | None], *, verify: bool = False) -> Found:
    tester = ReleaseTester(row)
    result = search(len(row), tester, verify=verify)
    assert list(result.tested) == tester.tested
    assert len(set(tester.tested)) == len(tester.tested), "a place was tested twice"
    assert result.verdicts == {place: row[place] for place in tester.tested if row[place]}
    return result


@st.composite
def two_parts(draw: st.DrawFn, failures: bool = True) -> list[str | None]:
    """A row that changes once; what lies between the ends may be undecided."""
    before, after = draw(st.permutations(VERDICTS))[:2]
    first, second = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    row: list[str | None] = [*[before] * first, *[after] * second]
    if failures:
        for place in draw(st.sets(st.integers(1, len(row) - 2), max_size=len(row)) if len(row) > 2 else st.just(set())):
            row[place] = None
    return row


anything = st.lists(st.sampled_from([None, *VERDICTS]), min_size=2, max_size=60)


@given(two_parts(failures=False))
def test_where_the_verdict_changes_once_its_neighbours_are_found_in_few_questions(row: list[str | None]) -> None:
    result = found(row)
    (step,) = result.steps
    assert step == (row.index(row[-1]) - 1, row.index(row[-1]))
    assert len(result.tested) <= math.ceil(math.log2(len(row))) + 2
    assert not result.scanned


@given(two_parts())
def test_what_cannot_be_decided_costs_a_question_and_nothing_else(row: list[str | None]) -> None:
    result = found(row)
    ((low, high),) = result.steps
    decided = [place for place, verdict in enumerate(row) if verdict]
    assert (low, high) == next((a, b) for a, b in pairwise(decided) if row[a] != row[b])
    assert set(range(low + 1, high)) <= set(result.undecided), "a place between was passed over"
    assert len(result.tested) <= math.ceil(math.log2(len(row))) + 2 + len(result.undecided)


@given(anything, st.booleans())
def test_in_any_row_what_is_told_is_true(row: list[str | None], verify: bool) -> None:
    result = found(row, verify=verify)
    for low, high in result.steps:
        assert row[low] != row[high]
        assert set(range(low + 1, high)) <= set(result.undecided)
    if row[0] is None or row[-1] is None:
        assert set(result.tested) == {0, len(row) - 1}
    elif row[0] != row[-1]:
        assert result.steps
    elif not verify:
        assert set(result.tested) == {0, len(row) - 1}


@given(anything)
def test_verifying_finds_every_change(row: list[str | None]) -> None:
    result = found(row, verify=True)
    if row[0] is not None and row[-1] is not None:
        decided = [(place, verdict) for place, verdict in enumerate(row) if verdict]
        changes = [(a, b) for (a, one), (b, other) in pairwise(decided) if one != other]
        assert result.steps == changes
        assert result.scanned


def test_a_third_verdict_makes_it_ask_all_between() -> None:
    row: list[str | None] = [*["pass"] * 4, "not-applicable", "pass", "regress", "regress", "regress"]
    result = found(row)
    assert result.scanned
    assert result.steps == [(3, 4), (4, 5), (5, 6)]


def test_a_row_without_two_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="no two ends"):
        search(1, lambda _: "pass")
