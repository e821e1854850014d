"""A step on a runner that keeps its workspace: what an earlier step left there is never what this one found."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bnregress.action.inputs import variable
from bnregress.action.step import main
from bnregress.results.file import WRITTEN, write_results
from tests.results.shards import make_results

SOUND = make_results({"tf2.1.0/h5": "pass"})
COUNTS = ("regressions<<", "cells<<", "results-json<<", "report-path<<")


def workspace(root: Path, run: str) -> Path:
    out = root / "bnregress-results"
    out.mkdir()
    for name in (*WRITTEN, "gate.md", "bisect.md"):
        (out / name).write_text("of yesterday", encoding="utf-8")
    write_results(replace(SOUND, run=run), out / "results.json")
    return out


def step(root: Path, **inputs: str) -> tuple[int, str]:
    (root / "outputs").unlink(missing_ok=True)
    texts = {variable(name.replace("_", "-")): text for name, text in inputs.items()}
    places = {"GITHUB_WORKSPACE": str(root), "RUNNER_TEMP": str(root / "temp"), "PATH": "/usr/bin:/bin"}
    (root / "temp").mkdir(exist_ok=True)
    code = main({**texts, **places, "GITHUB_RUN_ID": "18", "GITHUB_RUN_ATTEMPT": "1"})
    return code, (root / "outputs").read_text(encoding="utf-8")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(code=st.sampled_from([0, 1, 2, 3, 4, 5, 120, 130]), same=st.booleans())
def test_a_run_that_breaks_off_has_no_results(
    code: int, same: bool, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path_factory.mktemp("workspace")
    stub = root / "stub"
    stub.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    stub.chmod(0o755)
    # Even of a step before in the same run.
    out = workspace(root, "github-18-1" if same else "github-17-1")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(stub))
        patched.setenv("GITHUB_OUTPUT", str(root / "outputs"))
        patched.setenv("GITHUB_STEP_SUMMARY", str(root / "summary"))
        patched.chdir(root)
        _, outputs = step(root, command="run")
    assert [word for word in COUNTS if word in outputs] == []
    assert list(out.iterdir()) == []
    assert not (root / "summary").exists() or (root / "summary").read_text(encoding="utf-8") == ""


def test_a_gate_takes_no_results_of_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.chdir(tmp_path)
    out = workspace(tmp_path, "github-17-1")
    results = "bnregress-results/results.json"
    code, outputs = step(tmp_path, command="gate", results=results)
    assert code == 2
    assert [word for word in COUNTS if word in outputs] == []
    assert "github-18-1 is meant" in capfd.readouterr().out
    assert not (out / "gate.md").exists()
    for run in ("any", "github-17-1"):
        code, outputs = step(tmp_path, command="gate", results=results, run_id=run)
        assert code == 0
        assert [word for word in COUNTS if word in outputs] == list(COUNTS)
    # What `report` wrote beside it is left for the artifact.
    assert (out / "report.html").read_text(encoding="utf-8") == "of yesterday"
