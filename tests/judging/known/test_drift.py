"""Drift is a function of what was measured and what is known, and strict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.judging.known.drift import hold_against
from bnregress.judging.known.entries import Entry
from bnregress.results.model import CellResult, CheckResult
from tests.judging.known.conftest import NAMES, cell, check, entry, results

STATUSES = ("pass", "regress", "inconclusive", "error", "not-applicable", "unavailable")
KNOWN = entry("tf2.1.0/h5", mode_parity="off by", frozen_state="moved")


def drift_of(*checks: CheckResult, status: str) -> str | None:
    held = hold_against(results(cell("tf2.1.0/h5", status, *checks)), [KNOWN])
    return held.cells[0].drift


@pytest.mark.parametrize(
    ("checks", "drift"),
    [
        ([("mode-parity", "regress", "off by 3"), ("frozen-state", "regress", "moved 1")], None),
        ([("mode-parity", "regress", "off by 3"), ("frozen-state", "pass", "")], "different"),
        ([("mode-parity", "regress", "off by 3"), ("frozen-state", "regress", "is nan")], "different"),
        (
            [
                ("mode-parity", "regress", "off by 3"),
                ("frozen-state", "regress", "moved"),
                ("oracle", "regress", "off by"),
            ],
            "different",
        ),
        ([("oracle", "regress", "off by 3")], "different"),
    ],
)
def test_another_check_or_another_reason_is_different(checks: list[tuple[str, str, str]], drift: str | None) -> None:
    assert drift_of(*(check(*values) for values in checks), status="regress") == drift


def test_a_check_that_was_not_asked_is_not_missed() -> None:
    assert drift_of(check("mode-parity", "regress", "off by 3"), status="regress") is None
    assert drift_of(check("accuracy-parity", "pass"), status="pass") is None


@pytest.mark.parametrize("status", ["inconclusive", "error", "not-applicable"])
def test_a_run_that_asked_nothing_that_is_known_has_nothing_missing(status: str) -> None:
    assert drift_of(check("accuracy-parity", status), status=status) is None
    assert drift_of(check("accuracy-parity", status), check("mode-parity", status), status=status) == "missing"


def test_of_a_known_accuracy_only_the_run_that_asks_for_it_speaks() -> None:
    known = entry("tf2.1.0/h5", mode_parity="off by", accuracy_parity="predictions differ")
    for name, reason in (("mode-parity", "off by 3"), ("accuracy-parity", "165 of 192 predictions differ")):
        held = hold_against(results(cell("tf2.1.0/h5", "regress", check(name, "regress", reason))), [known])
        assert held.cells[0].drift is None, name


def test_a_check_that_came_to_nothing_leaves_a_known_regression_open() -> None:
    held = hold_against(
        results(
            cell("tf2.1.0/h5", "regress", check("mode-parity", "regress", "off by"), check("frozen-state", "error"))
        ),
        [KNOWN],
    )
    assert held.cells[0].drift is None
    assert held.cells[0].undecided


@pytest.mark.parametrize("status", ["inconclusive", "error", "not-applicable", "unavailable"])
def test_a_known_regression_without_a_verdict_is_missing(status: str) -> None:
    assert drift_of(status=status) == "missing"


def test_a_known_regression_that_passes_is_fixed() -> None:
    assert drift_of(check("mode-parity", "pass"), status="pass") == "fixed"


def test_a_regression_that_nothing_is_known_of_is_new_and_what_the_file_says_of_others_does_not_matter() -> None:
    held = hold_against(results(cell("tf2.0.0/h5", "regress"), cell("tf2.0.0/json", "error")), [KNOWN])
    assert [each.drift for each in held.cells] == ["new", None]
    assert [each.known for each in held.cells] == [None, None]


ids = st.builds("{}/{}".format, st.sampled_from(sorted(NAMES.releases)), st.sampled_from(sorted(NAMES.paths)))
cells = st.lists(st.builds(cell, ids, st.sampled_from(STATUSES)), unique_by=lambda each: str(each.id), max_size=8)
entries = st.lists(ids, unique=True, max_size=6).map(lambda known: [entry(each) for each in known])


@given(cells=cells, entries=entries)
def test_no_cell_vanishes_or_changes_but_in_drift_and_known(cells: list[CellResult], entries: list[Entry]) -> None:
    held = hold_against(results(*cells), entries)
    again = hold_against(held, entries)
    assert [each.id for each in held.cells] == [each.id for each in cells]
    assert [each.status for each in held.cells] == [each.status for each in cells]
    assert held == again
    for each in held.cells:
        known = each.known is not None
        assert known == any(entry.cells.matches(each.id) for entry in entries)
        assert (each.drift == "new") == (each.status == "regress" and not known)
        assert (each.drift == "fixed") == (each.status == "pass" and known)
        assert each.drift != "different"
        assert each.as_known == (each.status == "regress" and known)
    assert hold_against(held, []).cells == hold_against(results(*cells), []).cells
