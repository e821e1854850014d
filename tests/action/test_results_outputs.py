from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bnregress.action.gate_outputs import broken
from bnregress.action.gate_outputs import figures as gate_figures
from bnregress.action.results_outputs import figures, remarks, result_word
from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode
from bnregress.judging.gate.decision import Decision, Finding, Section
from bnregress.results.model import CellResult, Host, Known, Results

KNOWN = Known(cells="*/h5", checks=("mode-parity",), reason="Why.", remedy="What.", source="not reported upstream")


def cell(path: str, status: str, **more: Any) -> CellResult:
    kind = "crash" if status == "error" else None
    made = CellResult(id=CellId.parse(f"tf2.1.0/{path}"), device="cpu", status=status, kind=kind, reason=f"{path} did.")
    return replace(made, **more)


def results(*cells: CellResult) -> Results:
    return Results(plan="a" * 64, complete=True, host=Host.here(), releases={}, cells=cells)


MIXED = results(
    cell("vgg16", "pass", drift="fixed", known=KNOWN),
    cell("clone", "inconclusive"),
    cell("h5", "regress", known=KNOWN),
    cell("json", "error"),
    cell("deepcopy", "error", drift="missing", known=KNOWN),
    cell("compat-v1", "regress", drift="different", known=KNOWN, remedy="Take another."),
    cell("pickle", "regress", drift="new"),
    cell("keras-v3", "regress"),
)


def test_only_regressions_beyond_what_is_known_are_counted() -> None:
    assert figures(MIXED) == {"cells": "8", "regressions": "3", "fixed": "1", "errors": "3", "plan": "a" * 64}


def test_the_worst_is_annotated_first_and_what_is_known_not_at_all() -> None:
    notes = remarks(MIXED, code=1)
    assert [(note.level, note.title) for note in notes] == [
        ("error", "tf2.1.0/compat-v1 fails differently than expected"),
        ("error", "tf2.1.0/pickle regresses"),
        ("error", "tf2.1.0/keras-v3 regresses"),
        ("error", "tf2.1.0/deepcopy is missing"),
        ("error", "tf2.1.0/clone could not be decided (inconclusive)"),
        ("error", "tf2.1.0/json could not be decided (error, crash)"),
        ("notice", "tf2.1.0/vgg16 no longer regresses"),
    ]
    assert notes[0].message == "compat-v1 did. Remedy: Take another."


def test_where_the_step_is_green_nothing_is_an_error() -> None:
    assert {note.level for note in remarks(MIXED, code=0)} == {"warning", "notice"}


def test_a_reason_of_many_lines_and_hidden_letters_becomes_one_line() -> None:
    hostile = results(replace(cell("h5", "regress"), reason="x\n::error::forged\x1b[31m\u202e\r"))
    assert remarks(hostile, code=1)[0].message == "x ::error::forged"


@pytest.mark.parametrize(
    ("code", "word"),
    [(0, "expected"), (1, "regression"), (2, "usage"), (3, "nothing-to-do"), (4, "undecided"), (130, "interrupted"),
     (137, "crashed"), (5, "crashed")],
)  # fmt: skip
def test_every_exit_code_has_a_word(code: int, word: str) -> None:
    assert result_word(code) == word


def section(kind: str, *cells: str, grave: bool = False, size: int = 1) -> Section:
    finding = Finding(cells=cells, title="some path", reason="It did.")
    return Section(kind=kind, heading=kind, grave=grave, size=size, findings=(finding,))


def decision(*sections: Section) -> Decision:
    return Decision(word="unsafe", sentence="It is so.", exit_code=ExitCode.REGRESSION, sections=sections)


def test_an_answer_gives_numbers_and_what_to_bisect() -> None:
    found = decision(
        section("breaks", "tf2.0.0/h5@wrap=functional", "tf2.1.0/h5@wrap=functional", grave=True, size=2),
        section("unknown", "tf2.0.0/json", grave=True),
        section("cured", "tf2.0.0/clone"),
        section("sound", "tf2.0.0/vgg16", size=9),
    )
    assert gate_figures(found) == {"regressions": "2", "fixed": "1", "errors": "1"}
    assert broken(found) == {"broken-path": "h5", "broken-variant": "wrap=functional"}


def test_an_answer_without_a_regression_names_nothing_to_bisect() -> None:
    assert broken(decision(section("cured", "tf2.0.0/clone"))) == {}
