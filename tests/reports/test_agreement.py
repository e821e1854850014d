"""Exit code, junit, badge, summary, page, terminal, gate and annotations agree on what makes the exit code 1."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bnregress.action.results_outputs import figures, remarks
from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.compatibility import compatibility
from bnregress.judging.gate.regressions import judge
from bnregress.judging.summary import summarise
from bnregress.reports.badge import render_badge
from bnregress.reports.files import REPORTS
from bnregress.reports.gate import github_annotations
from bnregress.reports.grid import Grid
from bnregress.reports.html.embedded import overview
from bnregress.reports.html.headline import sections
from bnregress.reports.html.page import render_page
from bnregress.reports.junit import render_junit
from bnregress.reports.markdown import escape
from bnregress.reports.summary import render_summary
from bnregress.reports.terminal import print_report
from bnregress.results.file import load_results, write_results
from bnregress.results.model import (
    FAIL_ON,
    CellResult,
    CheckResult,
    Host,
    Known,
    Policy,
    ReleaseResult,
    Results,
    exit_code,
)
from bnregress.suite.status import SEVERITY

KNOWN = Known(cells="*", checks=("mode-parity",), reason="r", remedy="d", source="https://x.org")
RELEASES = ("tf2.1.0", "tf2.2.3")
#: Every way in which a cell of a status can stand, never held against a list (the first) or held.
HELD: dict[str, list[tuple[str | None, Known | None]]] = {
    "regress": [(None, None), ("new", None), (None, KNOWN), ("different", KNOWN)],
    "pass": [(None, None), (None, KNOWN), ("fixed", KNOWN)],
}
OTHERS: list[tuple[str | None, Known | None]] = [(None, None), (None, KNOWN), ("missing", KNOWN)]


@st.composite
def measured(draw: st.DrawFn) -> Results:
    ids = draw(st.lists(st.tuples(st.sampled_from(RELEASES), st.integers(0, 3)), max_size=6, unique=True))
    cells = []
    for release, number in ids:
        status = draw(st.sampled_from(SEVERITY))
        drift, known = draw(st.sampled_from(HELD.get(status, OTHERS)))
        kind = "crash" if status == "error" else None
        checks = (CheckResult(name="mode-parity", status=status, reason="r"),) if draw(st.booleans()) else ()
        id = CellId(release=release, path=f"p{number}")
        cells.append(
            CellResult(
                id=id, device="cpu", status=status, kind=kind, reason="r", drift=drift, known=known, checks=checks
            )
        )
    undecided = tuple(CellId(release=RELEASES[0], path=f"q{number}") for number in range(draw(st.integers(0, 1))))
    facts = ReleaseResult(tensorflow="2", keras="2", python=None, lock_sha256=None)
    return Results(
        plan="0" * 64,
        complete=not undecided,
        host=Host.here(),
        releases=dict.fromkeys(RELEASES, facts),
        cells=tuple(cells),
        undecided=undecided,
    )


def ways_of_saying_it(results: Results, fail_on: str) -> dict[str, bool]:
    policy = Policy(fail_on=fail_on)
    junit = ET.fromstring(render_junit(results, policy))  # noqa: S314 - ours
    failures = [case for case in junit.iter("testcase") if case.find("failure") is not None]
    assert junit.get("failures") == str(len(failures))
    gate = judge(results, policy)
    word = summarise(results, policy).word
    said = {section.name for section in sections(results)}
    grid = Grid.of(results, folded=False)
    rows = [row[4] for row in overview(results, grid, compatibility(results, ()))["cells"]]
    return {
        "junit": bool(failures),
        "badge": json.loads(render_badge(results, policy))["color"] == "red",
        "word": word in ("REGRESS", "DRIFT"),
        "summary": render_summary(results, policy).startswith((f"**{word}**",)) and word in ("REGRESS", "DRIFT"),
        "page's first screen": bool(said & FAIL_ON[fail_on]),
        "page's table": bool(FAIL_ON[fail_on].intersection(rows)),
        "gate's exit code": gate.exit_code == ExitCode.REGRESSION,
        "gate's sections": any(section.kind in FAIL_ON[fail_on] and section.grave for section in gate.sections),
    }


@settings(deadline=None)
@given(measured(), st.sampled_from(["regression", "drift"]))
def test_all_agree_on_what_makes_the_exit_code_1(results: Results, fail_on: str) -> None:
    red = exit_code(results, Policy(fail_on=fail_on)) == ExitCode.REGRESSION
    assert {name: said for name, said in ways_of_saying_it(results, fail_on).items() if said != red} == {}


@settings(deadline=None)
@given(measured(), st.sampled_from(sorted(FAIL_ON)), st.sampled_from(["all", "tried"]))
def test_one_sentence_sums_up_a_run_wherever_it_is_read(results: Results, fail_on: str, require: str) -> None:
    policy = Policy(fail_on=fail_on, require=require)
    said = summarise(results, policy)
    terminal = Console(file=io.StringIO(), width=10_000)
    print_report(terminal, results, policy=policy)
    assert isinstance(terminal.file, io.StringIO)
    assert f" {said.word}  {said.sentence}" in terminal.file.getvalue()
    assert judge(results, policy).sentence == said.sentence
    assert f"**{said.word}**: {escape(said.sentence)}" in render_summary(results, policy)
    assert html.escape(said.sentence[:1].upper() + said.sentence[1:]) in render_page(results, policy)
    assert json.loads(render_badge(results, policy))["message"] == said.brief


@settings(deadline=None)
@given(measured())
def test_what_is_counted_and_annotated_is_what_is_unexpected(results: Results) -> None:
    unexpected = {str(cell.id) for cell in results.cells if cell.unexpected}
    gate = judge(results, Policy())
    assert (gate.word == "unsafe") == bool(unexpected)
    found = {
        id
        for section in gate.sections
        if section.kind in FAIL_ON["regression"]
        for finding in section.findings
        for id in finding.cells
    }
    assert found == unexpected
    assert bool(github_annotations(gate)) >= bool(unexpected)
    assert figures(results)["regressions"] == str(len(unexpected))
    told = {
        note.title.split(" ")[0] for note in remarks(results, 1) if note.title.split(" ")[1] in ("regresses", "fails")
    }
    assert told == unexpected


@settings(deadline=None, max_examples=20)
@given(measured())
def test_nothing_reads_greener_where_no_list_was_at_hand(results: Results) -> None:
    unheld = results.with_cells(
        CellResult(id=cell.id, device="cpu", status=cell.status, kind=cell.kind, reason="r") for cell in results.cells
    )
    red = any(cell.status == "regress" for cell in unheld.cells)
    assert (exit_code(unheld) == ExitCode.REGRESSION) == red
    assert set(ways_of_saying_it(unheld, "regression").values()) <= {red}


@pytest.mark.parametrize(
    ("status", "drift", "known"),
    [("pass", "new", None), ("error", "different", KNOWN), ("regress", "fixed", KNOWN), ("regress", "missing", KNOWN)],
)
def test_a_file_whose_drift_and_status_contradict_each_other_is_refused(
    status: str, drift: str, known: Known | None, cell: Callable[..., Any], results: Callable[..., Any], tmp_path: Any
) -> None:
    kind = "crash" if status == "error" else None
    write_results(results(cell("tf2.1.0/h5", status, drift=drift, known=known, kind=kind)), tmp_path / "results.json")
    with pytest.raises(UsageError, match=f"drift: {drift}, and the status of the cell is {status}"):
        load_results(tmp_path / "results.json")


def test_every_report_is_told_what_fails(cell: Callable[..., Any], results: Callable[..., Any]) -> None:
    fixed = results(cell("tf2.1.0/h5", "pass", drift="fixed", known=KNOWN))
    for name, render in REPORTS.items():
        assert render(fixed, Policy(fail_on="drift")) != render(fixed, Policy()), name
