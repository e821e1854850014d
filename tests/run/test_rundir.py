"""Layout of a run directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.run.rundir import RunDir, read_json, write_json


def test_the_layout_is_the_one_that_suite_sessions_and_resume_agree_on() -> None:
    run = RunDir(Path("out/run"))
    release = "tf2.1.0"
    paths = [run.plan, run.log(release)]
    paths += [place(release) for place in (run.phase, run.session, run.cells, run.attempts, run.records, run.scratch)]
    assert [path.relative_to("out/run").as_posix() for path in paths] == [
        "plan.json",
        "logs/tf2.1.0.log",
        "releases/tf2.1.0/phase.json",
        "releases/tf2.1.0/session.json",
        "releases/tf2.1.0/cells.json",
        "releases/tf2.1.0/attempts.json",
        "releases/tf2.1.0/records",
        "releases/tf2.1.0/scratch",
    ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    phase = RunDir(tmp_path).phase("tf2.1.0")
    write_json(phase, {"phase": "creating"})
    write_json(phase, {"phase": "testing", "exitcode": 1})
    assert read_json(phase) == {"phase": "testing", "exitcode": 1}
    assert [path.name for path in phase.parent.iterdir()] == ["phase.json"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    plan = RunDir(tmp_path).plan
    write_json(plan, {"cells": 1})
    nested: list[object] = []
    nested.append(nested)
    with pytest.raises(RecursionError):
        write_json(plan, nested)
    assert read_json(plan) == {"cells": 1}


def test_an_absent_and_a_damaged_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "absent.json")
    (tmp_path / "damaged.json").write_text('{"phase": "inst', encoding="utf-8")
    with pytest.raises(ValueError, match="Unterminated string"):
        read_json(tmp_path / "damaged.json")
