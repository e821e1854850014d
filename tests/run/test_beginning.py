"""When a run began outlives being resumed, and damage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bnregress.run.beginning import began
from bnregress.run.rundir import RunDir


def test_the_first_start_is_kept(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "run")
    first = began(run)
    run.started.write_text(json.dumps("2026-01-02T03:04:05Z"), encoding="utf-8")
    assert began(run) == "2026-01-02T03:04:05Z"
    assert first > "2026-01-02T03:04:05Z"


@pytest.mark.parametrize("text", ["", "{", "7", "null", '"yesterday"', '"2026-13-40T00:00:00Z"', "[" * 100_000])
def test_a_damaged_note_is_replaced(tmp_path: Path, text: str) -> None:
    run = RunDir(tmp_path)
    run.started.write_text(text, encoding="utf-8")
    found = began(run)
    assert found.endswith("Z")
    assert json.loads(run.started.read_text(encoding="utf-8")) == found
