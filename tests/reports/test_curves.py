"""Training curves for people."""

from __future__ import annotations

from bnregress.cells.identifiers import CellId
from bnregress.reports import curves
from bnregress.reports.summary import render_summary
from bnregress.results.model import CellResult, CheckResult, Host, Results
from bnregress.suite import status

BROKEN = {"accuracy": [0.5, 0.9], "val_accuracy": [0.1, 0.1]}
LEARNED = {"accuracy": [0.4, 0.99], "val_accuracy": [0.6, 0.98]}


def cell(id_: str, word: str, subject: dict[str, list[float]]) -> CellResult:
    evidence = {"curves": {"subject": subject, "reference": LEARNED}, "chance": 0.1, "seed": 0}
    check = CheckResult(name="accuracy-parity", status=word, reason="As measured.", evidence=evidence)
    return CellResult(id=CellId.parse(id_), device="cpu", status=word, reason="As measured.", checks=(check,))


def results(*cells: CellResult) -> Results:
    return Results(plan="a" * 64, complete=True, host=Host.here(), releases={}, cells=cells)


def test_the_summary_shows_curves_as_a_table_and_not_as_numbers_in_the_evidence() -> None:
    text = render_summary(results(cell("tf2.1.0/h5", status.REGRESS, BROKEN)))
    assert "| held-out | ▁▁ | 0.10 | 0.10 |" in text
    assert "| held-out, head on inference features | ▅█ | 0.60 | 0.98 |" in text.replace("▅▇", "▅█")
    assert "val_accuracy" not in text


def test_a_cell_that_was_not_fine_tuned_has_no_curves() -> None:
    other = CellResult(id=CellId.parse("tf2.1.0/h5"), device="cpu", status=status.REGRESS, reason="As measured.")
    assert curves.curves_of(other) is None
