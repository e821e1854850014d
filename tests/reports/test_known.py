"""Known regressions are shown as known, with their source, below what is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bnregress.judging.summary import summarise
from bnregress.reports.progress import LineProgress
from bnregress.reports.summary import render_summary
from bnregress.reports.terminal import print_report
from bnregress.results.model import CheckResult, Known
from bnregress.run.events import ReleaseFinished

Make = Callable[..., Any]

SOURCE = "https://github.com/keras-team/keras/pull/9965"
KNOWN = Known(
    cells="tf2.1.0/*",
    checks=("mode-parity",),
    reason="It is built from the old layer.",
    remedy="Pass layers.",
    source=SOURCE,
)


@pytest.fixture
def report(console: Make, printed: Make, results: Make) -> Callable[..., str]:
    def print_(*cells: Any) -> str:
        screen = console(100)
        print_report(screen, results(*cells))
        return str(printed(screen))

    return print_


def test_where_all_is_known_the_verdict_says_so_plainly(results: Make, cell: Make) -> None:
    measured = results(*[cell(f"tf2.1.0/p{index}", "regress", known=KNOWN) for index in range(4)], cell("tf2.1.0/h5"))
    assert summarise(measured).word == "AS KNOWN"
    assert summarise(measured).sentence.startswith("4 regressions, all known")
    assert render_summary(measured).splitlines()[0].startswith("**AS KNOWN**: 4 regressions, all known")


def test_a_new_one_beside_them_is_the_summarise(results: Make, cell: Make) -> None:
    measured = results(cell("tf2.1.0/h5", "regress", known=KNOWN), cell("tf2.15.1/h5", "regress", drift="new"))
    said = summarise(measured)
    assert said.word == "REGRESS"
    assert "1 of 2 releases breaks a frozen BatchNorm, on h5: tf2.15.1; 1 more is known" in said.sentence


def test_an_open_cell_beside_them_is_the_summarise(results: Make, cell: Make) -> None:
    open_check = CheckResult(name="oracle", status="error", reason="r")
    for other in (cell("tf2.15.1/h5", "error", kind="crash"), cell("tf2.15.1/h5", "inconclusive")):
        assert summarise(results(cell("tf2.1.0/h5", "regress", known=KNOWN), other)).word == "UNDECIDED"
    assert summarise(results(cell("tf2.1.0/h5", "regress", known=KNOWN, checks=(open_check,)))).word == "UNDECIDED"


def test_new_ones_stand_first_and_known_ones_have_reason_remedy_and_source(report: Make, cell: Make) -> None:
    text = report(
        cell("tf2.1.0/h5", "regress", "measured words", known=KNOWN),
        cell("tf2.15.1/h5", "regress", "something new", drift="new"),
    )
    assert "tf2.1.0   known" in text
    assert "tf2.15.1  REGRESS" in text
    assert "known: listed as a known regression" in text
    places = [text.index(words) for words in ("Regressions (1)", "something new", "Known regressions (1)", SOURCE)]
    assert places == sorted(places)
    assert "remedy: Pass layers." in text
    assert "2 regress (1 known)" in text


def test_drift_from_what_is_known_is_told_in_words(report: Make, cell: Make) -> None:
    failed = CheckResult(name="frozen-state", status="regress", reason="r")
    text = " ".join(
        report(
            cell("tf2.1.0/h5", "regress", "it moved", drift="different", known=KNOWN, checks=(failed,)),
            cell("tf2.1.0/json", "pass", drift="fixed", known=KNOWN),
            cell("tf2.1.0/clone", "error", kind="crash", drift="missing", known=KNOWN),
        ).split()
    )
    assert "listed as failing mode-parity: It is built from the old layer. Now fails frozen-state." in text
    assert "Known regressions that are fixed (1) tf2.1.0/json" in text
    assert "`bnregress known --update RESULTS` proposes the file without it" in text
    assert "Known regressions without a verdict (1) tf2.1.0/clone" in text
    assert "Of the known regressions: 1 failing differently than expected, 1 fixed, 1 without a verdict." in text


def test_what_fails_the_same_checks_otherwise_is_told_with_what_they_say_and_once_for_all_cells(
    report: Make, cell: Make, results: Make
) -> None:
    failed = CheckResult(name="mode-parity", status="regress", reason="9 of 9 layers")
    cells = [
        cell(f"tf2.1.{patch}/h5", "regress", "it moved", drift="different", known=KNOWN, checks=(failed,))
        for patch in range(3)
    ]
    said = "listed as failing mode-parity: It is built from the old layer. Now fails otherwise: 9 of 9 layers."
    assert " ".join(report(*cells).split()).count(said) == 1
    assert " ".join(render_summary(results(*cells)).split()).count("Now fails otherwise: 9 of 9 layers.") == 1


def test_the_summary_tells_the_same_and_links_the_source(results: Make, cell: Make) -> None:
    page = render_summary(
        results(
            cell("tf2.1.0/h5", "regress", known=KNOWN),
            cell("tf2.1.0/json", "pass", drift="fixed", known=KNOWN),
            cell("tf2.15.1/h5", "regress", drift="new"),
        )
    )
    places = [page.index(words) for words in ("## Regressions (1)", "that are fixed (1)", "## Known regressions (1)")]
    assert places == sorted(places)
    assert f"Source: <{SOURCE}>" in page
    assert "| known |" in page


def test_a_hostile_source_becomes_no_markup(results: Make, cell: Make) -> None:
    hostile = Known(cells="*", checks=(), reason="<b>", remedy="`", source="https://x><script>")
    assert "<script>" not in render_summary(results(cell("tf2.1.0/h5", "regress", known=hostile)))


def test_progress_says_of_a_regression_that_it_is_known_to_be_one(console: Make, printed: Make, cell: Make) -> None:
    screen = console()
    known, new = cell("tf2.1.0/h5").id, cell("tf2.1.0/json").id
    progress = LineProgress(screen, lambda _: 1.0, listed=lambda cell: cell == known)
    progress(ReleaseFinished(release="tf2.1.0", seconds=1, statuses=((known, "regress"), (new, "regress"))))
    assert "REGRESS tf2.1.0/h5, listed as known\n" in printed(screen)
    assert "REGRESS tf2.1.0/json\n" in printed(screen)
