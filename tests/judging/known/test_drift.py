"""Drift is a function of what was measured and what is known, and strict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.judging.known.drift import hold_against, hold_cell
from bnregress.judging.known.entries import Entry, find_entry, load_known
from bnregress.results.model import CellResult, CheckResult, ReleaseResult
from tests.judging.known.conftest import NAMES, cell, check, entry, results

NESTED = CellId(release="tf2.15.1", path="weights-h5.nested")
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


def test_nothing_is_fixed_by_another_keras_than_the_one_that_is_listed() -> None:
    measured = results(cell("tf2.1.0/h5", "pass", check("mode-parity", "pass")))
    release = ReleaseResult(
        tensorflow="2.1.0", keras="2.9.0", python="3.8.18", lock_sha256=None, own_python="3.7", own_keras="2.2.4-tf"
    )
    (held,) = hold_against(replace(measured, releases={"tf2.1.0": release}), [KNOWN]).cells
    assert held.drift is None


def test_a_regression_that_nothing_is_known_of_is_new_and_what_the_file_says_of_others_does_not_matter() -> None:
    held = hold_against(results(cell("tf2.0.0/h5", "regress"), cell("tf2.0.0/json", "error")), [KNOWN])
    assert [each.drift for each in held.cells] == ["new", None]
    assert [each.known for each in held.cells] == [None, None]


def drift_within(limit: int | tuple[str, ...], **evidence: object) -> str | None:
    known = entry("tf2.1.0/h5", {"weights-kept": limit}, weights_kept="variables are not")
    measured = cell("tf2.1.0/h5", "regress", check("weights-kept", "regress", "some variables are not", **evidence))
    return hold_cell(measured, known).drift


names = st.lists(st.text("abc/", min_size=1, max_size=4), unique=True, max_size=6).map(tuple)


@given(changed=names, listed=names.filter(bool), key=st.sampled_from(["changed", "lost", "layers"]))
def test_more_affected_than_listed_is_never_as_known(
    changed: tuple[str, ...], listed: tuple[str, ...], key: str
) -> None:
    # What is within the tolerance is not affected; what is no number is.
    layers = [{"name": "sound", "deviation": 0.5}, *({"name": each, "deviation": "nan"} for each in changed)]
    evidence = {"layers": layers, "tolerance": 0.5} if key == "layers" else {key: list(changed)}
    known = bool(changed) and set(changed) <= set(listed)
    assert drift_within(listed, **evidence) == (None if known else "different")
    known = 0 < len(changed) <= len(listed)
    assert drift_within(len(listed), **evidence) == (None if known else "different")


def test_what_the_evidence_only_counts_is_held_against_a_number_and_never_against_names() -> None:
    assert drift_within(12, trainable=12) is None
    assert drift_within(11, trainable=12) == "different"
    assert drift_within(2, deviating=3, changed=["a"]) == "different"
    assert drift_within(("a", "b"), deviating=2) == "different"


@pytest.mark.parametrize("evidence", [{}, {"changed": "a"}, {"layers": 6}, {"trainable": True}, {"changed": [5, None]}])
def test_evidence_that_tells_nothing_is_within_no_limit(evidence: dict[str, object]) -> None:
    assert drift_within(8, **evidence) == "different"


@pytest.mark.parametrize(("count", "drift"), [(8, None), (9, "different"), (10, "different")])
def test_a_nested_network_that_loses_more_than_is_packaged_is_different(count: int, drift: str | None) -> None:
    changed = [f"bn/{place}" for place in range(count)]
    reason = f"{count} of 14 variables are not what they were before: bn/0"
    measured = cell(
        str(NESTED),
        "regress",
        check("weights-kept", "regress", reason, changed=changed, variables=14),
        check("oracle", "regress", "3 of 3 BatchNorm layers do not equal the formula, largest deviation inf"),
    )
    assert hold_cell(measured, find_entry(load_known(), NESTED)).drift == drift


TRAINABLE = "`network.trainable = True` leaves the layer first_bn frozen"
OTHER = "frozen, the two modes differ"


@pytest.mark.parametrize(
    ("told", "counted", "drift"),
    [
        ([TRAINABLE], 1, None),
        ([OTHER], 1, "different"),
        ([TRAINABLE, OTHER], 2, "different"),
        ([OTHER, TRAINABLE], 2, "different"),
        # A failure that is counted and not told of.
        ([TRAINABLE], 2, "different"),
    ],
)
def test_a_known_failure_of_the_search_hides_no_other(told: list[str], counted: int, drift: str | None) -> None:
    id = CellId(release="tf2.21.0", path="search")
    reason = f"search: 359 examples, {counted} failures: {'; '.join(told)}"
    measured = cell(str(id), "regress", check("search", "regress", reason, failures=counted))
    assert hold_cell(measured, find_entry(load_known(), id)).drift == drift


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
