"""The gate over results that were held against what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.errors import ExitCode
from bnregress.judging.gate.regressions import judge
from bnregress.results.model import FAIL_ON, CheckResult, Policy
from bnregress.suite.variants.train import TRAIN
from tests.judging.gate.conftest import KNOWN, STATUSES, cell, results

SOUND = "a frozen BatchNorm stays frozen on every path tried in 1 release."
ALL_KNOWN = "1 regression, and it is known; every other cell tried is sound."
UNTRIED = "no cell could be tried here; 1 release unavailable: because of tf2.0.0/h5."


@pytest.mark.parametrize(
    ("changes", "word", "sentence"),
    [
        ({"status": "pass"}, "safe", SOUND),
        ({"status": "regress", "drift": "new"}, "unsafe", "1 of 1 release breaks a frozen BatchNorm, on h5: tf2.0.0."),
        (
            {"status": "regress", "known": KNOWN},
            "safe",
            ALL_KNOWN,
        ),
        (
            {"status": "regress", "known": KNOWN, "drift": "different"},
            "unsafe",
            "1 of 1 release breaks a frozen BatchNorm, on h5: tf2.0.0.",
        ),
        ({"status": "error"}, "cannot tell", "1 cell could not be decided, none of the others regressed."),
        (
            {"status": "pass", "known": KNOWN, "drift": "fixed"},
            "safe",
            SOUND,
        ),
        (
            {"status": "unavailable"},
            "cannot tell",
            UNTRIED,
        ),
    ],
)
def test_the_first_line_says_what_it_rests_on(changes: dict[str, object], word: str, sentence: str) -> None:
    answer = judge(results(cell("tf2.0.0/h5", **changes)), Policy())  # type: ignore[arg-type]
    assert (answer.word, answer.sentence) == (word, sentence)


def test_many_that_are_known_are_all_known() -> None:
    answer = judge(results(*[cell(f"tf2.0.0/p{index}", "regress", known=KNOWN) for index in range(4)]), Policy())
    assert answer.sentence == "4 regressions, all known; every other cell tried is sound."
    (section,) = answer.sections
    (finding,) = section.findings
    assert (section.size, finding.title, finding.source) == (4, "tf2.0.0/{p0,p1,p2,p3}", KNOWN.source)


def test_many_variants_of_a_path_share_a_title_and_none_is_lost() -> None:
    many = [f"tf2.0.{release}/small@train={train}" for release in (0, 4) for train in sorted(TRAIN)[:7]]
    cells = [cell(id, "regress", known=KNOWN) for id in ("tf2.0.0/h5", "tf2.0.0/small", *many)]
    (section,) = judge(results(*cells), Policy()).sections
    (finding,) = section.findings
    assert finding.title == "tf2.0.0/{h5,small}, tf2.0.{0,4}/small@* (14 cells)"
    assert finding.cells == ("tf2.0.0/h5", "tf2.0.0/small", *many)


def test_each_drift_has_its_evidence() -> None:
    failed = CheckResult(name="frozen-state", status="regress", reason="moved")
    answer = judge(
        results(
            cell("tf2.0.0/h5", "regress", known=KNOWN, drift="different", checks=(failed,), reason="it moved"),
            cell("tf2.0.0/json", "pass", known=KNOWN, drift="fixed"),
            cell("tf2.0.0/clone", "unavailable", known=KNOWN, drift="missing", reason="no CPython", remedy="Install."),
        ),
        Policy(fail_on="drift"),
    )
    told = {section.kind: section.findings[0] for section in answer.sections}
    assert told["different"].reason == "it moved (listed as failing mode-parity; fails frozen-state)"
    assert told["fixed"].reason == "It is listed as failing mode-parity, and passes now."
    assert told["missing"].reason == "unavailable: no CPython"
    assert told["missing"].remedy == "Install."
    assert answer.exit_code == ExitCode.REGRESSION


def test_a_run_that_was_interrupted_cannot_tell() -> None:
    answer = judge(results(cell("tf2.0.0/h5", "pass"), undecided=("tf2.0.0/json",)), Policy())
    assert (answer.word, answer.exit_code) == ("cannot tell", ExitCode.UNDECIDED)
    assert "1 of 2 cells decided" in answer.sentence


@given(
    statuses=st.lists(st.tuples(st.sampled_from(STATUSES), st.booleans())),
    fail_on=st.sampled_from(sorted(FAIL_ON)),
)
def test_safe_is_never_said_of_what_is_open_or_new(statuses: list[tuple[str, bool]], fail_on: str) -> None:
    cells = [
        cell(
            f"tf2.0.0/p{index}",
            status,
            known=KNOWN if known else None,
            drift=None if known or status != "regress" else "new",
        )
        for index, (status, known) in enumerate(statuses)
    ]
    answer = judge(results(*cells), Policy(fail_on=fail_on))
    new = ("regress", False) in statuses
    opened = {"error", "inconclusive", "unavailable"} & {status for status, _ in statuses}
    decided = {"pass", "regress"} & {status for status, _ in statuses}
    assert answer.word == ("unsafe" if new else "cannot tell" if opened or not decided else "safe")
    if answer.word != "safe" and fail_on != "never":
        assert answer.exit_code != ExitCode.EXPECTED
    shown = {id for section in answer.sections for finding in section.findings for id in finding.cells}
    assert shown >= {str(each.id) for each in cells if each.status in ("regress", "error", "inconclusive")}
