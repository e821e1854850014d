"""All reports of a run, each whole or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bnregress.machine.atomic import replace_text
from bnregress.reports import files
from bnregress.reports.files import REPORTS, write_reports
from bnregress.results.model import Policy, Results


def test_every_report_is_written_and_named(real: Results, tmp_path: Path) -> None:
    written = write_reports(real, tmp_path / "new")
    assert sorted(file.name for file in written) == ["badge.json", "junit.xml", "report.html", "summary.md"]
    assert sorted(written) == sorted((tmp_path / "new").iterdir())
    assert (tmp_path / "new" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    ET.parse(tmp_path / "new" / "junit.xml")  # noqa: S314
    json.loads((tmp_path / "new" / "badge.json").read_bytes())


def test_files_are_replaced_whole_whatever_the_text(real: Results, tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("old", encoding="utf-8")
    cells = [replace(cell, reason="\ud800 surrogate") for cell in real.cells if cell.status == "pass"]
    write_reports(replace(real.with_cells(cells), host=replace(real.host, platform="\udfff")), tmp_path)
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("**PASS**")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(REPORTS)


def test_a_report_that_cannot_be_made_leaves_the_old_one(
    real: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(results: Results, policy: Policy) -> str:
        raise OSError("no room")

    (tmp_path / "junit.xml").write_text("old", encoding="utf-8")
    monkeypatch.setattr(files, "REPORTS", REPORTS | {"junit.xml": fail})
    with pytest.raises(OSError, match="no room"):
        write_reports(real, tmp_path)
    assert (tmp_path / "junit.xml").read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob("*.tmp"))


def test_the_same_results_give_the_same_bytes(real: Results) -> None:
    again = Results.from_json(real.to_json())
    assert all(render(real, Policy()) == render(again, Policy()) for render in REPORTS.values())


def test_where_one_cannot_be_written_none_of_any_run_is_left(
    real: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in REPORTS:
        (tmp_path / name).write_text("of an earlier run", encoding="utf-8")

    def full(path: Path, text: str) -> None:
        if path.name == "junit.xml":
            raise OSError("no room")
        replace_text(path, text)

    monkeypatch.setattr("bnregress.reports.files.replace_text", full)
    with pytest.raises(OSError, match="no room"):
        write_reports(real, tmp_path)
    assert list(tmp_path.iterdir()) == []
