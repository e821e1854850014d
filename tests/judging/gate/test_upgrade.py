"""What an upgrade changes follows from the statuses in both releases alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.errors import ExitCode, UsageError
from bnregress.judging.gate.changes import FAILURES, compare, upgrade_exit_code
from bnregress.judging.gate.decision import Decision
from bnregress.judging.gate.upgrade import KINDS, judge_upgrade
from bnregress.results.model import CellResult
from bnregress.suite.variants.train import TRAIN
from tests.judging.gate.conftest import KNOWN, STATUSES, cell, drifting, results

OLD, NEW = "tf2.0.0", "tf2.15.1"
PATHS = ("tf-keras-applications", "tf-keras-applications-layers", "json", "h5")


def judged(*cells: CellResult, fail_on: str = "regression", undecided: tuple[str, ...] = ()) -> Decision:
    return judge_upgrade(results(*cells, undecided=undecided), OLD, NEW, fail_on)


def kinds(decision: Decision) -> dict[str, list[str]]:
    return {section.kind: [finding.title for finding in section.findings] for section in decision.sections}


@pytest.mark.parametrize(
    ("before", "after", "word", "kind"),
    [
        ("pass", "regress", "unsafe", "breaks"),
        ("pass", "pass", "safe", None),
        ("regress", "pass", "safe", "cured"),
        ("regress", "regress", "safe", "still-broken"),
        ("not-applicable", "pass", "safe", None),
        ("not-applicable", "regress", "safe", "arises-broken"),
        ("pass", "error", "cannot tell", "unknown"),
        ("inconclusive", "pass", "cannot tell", "unknown"),
        ("unavailable", "pass", "cannot tell", "unknown"),
        ("pass", "not-applicable", "unsafe", "gone"),
        ("regress", "not-applicable", "safe", "ceases"),
        ("not-applicable", "not-applicable", "cannot tell", None),
    ],
)
def test_each_pair_of_statuses_has_its_answer(before: str, after: str, word: str, kind: str | None) -> None:
    decision = judged(cell(f"{OLD}/h5", before), cell(f"{NEW}/h5", after))
    assert decision.word == word
    assert list(kinds(decision)) == ([kind] if kind else [])


def test_a_path_that_ceases_to_exist_names_a_path_that_was_measured_to_pass() -> None:
    layers = "tf-keras-applications-layers"
    broken = cell(f"{NEW}/compat-v1", "regress"), cell(f"{OLD}/compat-v1", "regress")
    gone = cell(f"{OLD}/{layers}", "pass"), cell(f"{NEW}/{layers}", "not-applicable", reason="takes no layers")
    sound = cell(f"{OLD}/tf-keras-applications", "pass"), cell(f"{NEW}/tf-keras-applications", "pass")
    decision = judged(*broken, *gone, *sound)
    assert decision.word == "safe"
    (finding,) = next(section.findings for section in decision.sections if section.kind == "ceases")
    assert finding.reason == "takes no layers."
    assert "Go through tf-keras-applications, `tf.keras.applications.ResNet50(...)`" in (finding.remedy or "")
    assert judged(*broken, *gone).word == "unsafe"


def test_a_variant_that_ceases_to_exist_names_the_nearest_that_passes() -> None:
    lost = "small@wrap=chain,train=generator"
    gone = cell(f"{OLD}/{lost}", "pass"), cell(f"{NEW}/{lost}", "not-applicable", reason="no fit_generator")
    others = [cell(f"{NEW}/{each}", "pass") for each in ("small", "small@wrap=chain,train=jit", "small@wrap=chain")]
    decision = judged(*gone, *others)
    (finding,) = next(section.findings for section in decision.sections if section.kind == "ceases")
    assert finding.remedy == "Go through small@wrap=chain, which passes in the newer release."
    assert judged(*gone, cell(f"{NEW}/small", "regress")).word == "unsafe"


def test_many_variants_with_one_reason_are_said_once() -> None:
    subjects = [f"small@train={train}" for train in sorted(TRAIN)[:7]]
    pairs = [(cell(f"{OLD}/{each}", "regress", reason="it moved"), cell(f"{NEW}/{each}", "pass")) for each in subjects]
    sound = [cell(f"{release}/h5@train={train}", "pass") for release in (OLD, NEW) for train in sorted(TRAIN)[:7]]
    decision = judged(*(one for pair in pairs for one in pair), *sound)
    assert "7 are cured, 7 stay sound" in decision.sentence
    (section,) = decision.sections
    (finding,) = section.findings
    assert (section.size, finding.title) == (7, "small@* (7 variants)")
    assert finding.cells == tuple(f"{release}/{each}" for each in subjects for release in (OLD, NEW))
    assert "Sound in both: h5@* (7 variants)." in decision.notes


def test_a_break_keeps_its_reason_its_remedy_and_what_is_known_of_it() -> None:
    decision = judged(
        cell(f"{OLD}/h5", "pass"), cell(f"{NEW}/h5", "regress", reason="it broke", remedy="Take h5.", known=KNOWN)
    )
    (finding,) = decision.sections[0].findings
    assert (finding.reason, finding.remedy, finding.source) == ("it broke", "Take h5.", KNOWN.source)
    assert decision.exit_code == ExitCode.REGRESSION
    assert decision.sentence.startswith(f"{OLD} to {NEW}: 1 path breaks")


def test_features_that_move_are_told_with_their_size() -> None:
    still = judged(
        cell(f"{OLD}/h5", "pass", checks=drifting(1.5e-6)), cell(f"{NEW}/h5", "pass", checks=drifting(2.5e-6))
    )
    assert "at most 1.5e-06 of their scale before and 2.5e-06 after; 1.0e-04 is allowed" in still.notes[0]
    moved = judged(
        cell(f"{OLD}/h5", "pass", checks=drifting(1.5e-6)), cell(f"{NEW}/h5", "regress", checks=drifting(0.5))
    )
    (finding,) = next(section.findings for section in moved.sections if section.kind == "features-move")
    assert "differ from the float64 reference by 1.5e-06 of their scale before and 0.5 after" in finding.reason


def test_a_release_without_a_cell_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no cell of tf2\.15\.1\. Did you mean tf2\.15\.0,"):
        judged(cell(f"{OLD}/h5", "pass"), cell("tf2.15.0/h5", "pass"))


def test_cells_that_an_interrupt_left_open_are_not_passed_over() -> None:
    decision = judged(cell(f"{OLD}/h5", "pass"), cell(f"{NEW}/h5", "pass"), undecided=(f"{OLD}/json", f"{NEW}/json"))
    assert (decision.word, decision.exit_code) == ("cannot tell", ExitCode.UNDECIDED)
    assert "interrupted before json" in decision.notes[-1]


def test_every_kind_is_told_of_in_the_first_line() -> None:
    assert {kind for kind, *_ in KINDS} >= set().union(*FAILURES.values())


pairs = st.dictionaries(
    st.sampled_from(PATHS),
    st.tuples(st.sampled_from([None, *STATUSES]), st.sampled_from([None, *STATUSES])),
    min_size=1,
)


@given(statuses=pairs, fail_on=st.sampled_from(sorted(FAILURES)))
def test_the_answer_follows_from_the_statuses_and_no_path_vanishes(
    statuses: dict[str, tuple[str | None, str | None]], fail_on: str
) -> None:
    cells = [
        cell(f"{release}/{path}", status)
        for path, pair in statuses.items()
        for release, status in zip((OLD, NEW), pair)
        if status
    ]
    changes = compare(cells, OLD, NEW)
    told = {change.subject: change.kind for change in changes}
    assert set(told) == {path for path, pair in statuses.items() if any(pair)}
    code = upgrade_exit_code(told.values(), fail_on)
    if any(pair == ("pass", "regress") for pair in statuses.values()) and fail_on != "never":
        assert code == ExitCode.REGRESSION
    undecided = {None, "error", "inconclusive", "unavailable"}
    if any(undecided & set(pair) and any(pair) for pair in statuses.values()):
        assert code in (ExitCode.UNDECIDED, ExitCode.REGRESSION)
    if code == ExitCode.EXPECTED:
        assert {"pass", "regress"} & {status for pair in statuses.values() for status in pair}
    if fail_on == "never":
        assert code != ExitCode.REGRESSION
    assert code == upgrade_exit_code(reversed(list(told.values())), fail_on)
