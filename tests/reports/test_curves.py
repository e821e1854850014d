"""Training curves for people."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from bnregress.cells.identifiers import CellId
from bnregress.reports import curves
from bnregress.reports.summary import render_summary
from bnregress.results.model import CellResult, CheckResult, Host, Results
from bnregress.suite import status

BROKEN = {"accuracy": [0.5, 0.9], "val_accuracy": [0.1, 0.1]}
LEARNED = {"accuracy": [0.4, 0.99], "val_accuracy": [0.6, 0.98]}

SVG = "{http://www.w3.org/2000/svg}"


def read(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - it is our own


def cell(id_: str, word: str, subject: dict[str, list[float]]) -> CellResult:
    evidence = {"curves": {"subject": subject, "reference": LEARNED}, "chance": 0.1, "seed": 0}
    check = CheckResult(name="accuracy-parity", status=word, reason="As measured.", evidence=evidence)
    return CellResult(id=CellId.parse(id_), device="cpu", status=word, reason="As measured.", checks=(check,))


def results(*cells: CellResult) -> Results:
    return Results(plan="a" * 64, complete=True, host=Host.here(), releases={}, cells=cells)


def texts(file: Path) -> list[str]:
    return [element.text or "" for element in read(file.read_text(encoding="utf-8")).iter(f"{SVG}text")]


def test_a_regressing_cell_is_drawn_beside_the_path_that_passes_in_its_release(tmp_path: Path) -> None:
    found = results(
        cell("tf2.1.0/tf-keras-applications", status.REGRESS, BROKEN),
        cell("tf2.1.0/tf-keras-applications-layers", status.PASS, LEARNED),
        cell("tf2.15.1/tf-keras-applications", status.PASS, LEARNED),
    )
    (file,) = curves.write_curves(found, tmp_path / "curves")
    assert file.name == "tf2.1.0--tf-keras-applications.svg"
    assert {"tf2.1.0/tf-keras-applications", "tf2.1.0/tf-keras-applications-layers", "chance"} <= set(texts(file))


def test_without_such_a_path_it_is_drawn_beside_its_reference_arm(tmp_path: Path) -> None:
    (file,) = curves.write_curves(results(cell("tf2.1.0/h5@freeze=model", status.REGRESS, BROKEN)), tmp_path)
    assert "head on inference features" in texts(file)


def test_a_line_goes_from_chance_to_the_top_of_its_panel() -> None:
    panel = curves.Curves(title="a < b", accuracy=(0.0, 1.0), held_out=(0.1, float("nan")))
    lines = [line.get("points") for line in read(curves.svg([panel], chance=0.1)).iter(f"{SVG}polyline")]
    assert lines == ["40.0,224.0 340.0,44.0", "40.0,206.0"]


def test_the_summary_shows_curves_as_a_table_and_not_as_numbers_in_the_evidence() -> None:
    text = render_summary(results(cell("tf2.1.0/h5", status.REGRESS, BROKEN)))
    assert "| held-out | ▁▁ | 0.10 | 0.10 |" in text
    assert "| held-out, head on inference features | ▅█ | 0.60 | 0.98 |" in text.replace("▅▇", "▅█")
    assert "val_accuracy" not in text


def test_a_cell_that_was_not_fine_tuned_has_no_curves(tmp_path: Path) -> None:
    other = CellResult(id=CellId.parse("tf2.1.0/h5"), device="cpu", status=status.REGRESS, reason="As measured.")
    assert curves.curves_of(other) is None
    assert curves.write_curves(results(other), tmp_path / "none") == []
    assert not (tmp_path / "none").exists()
