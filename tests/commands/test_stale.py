"""Results that an earlier run left never stand in for those of a run that broke off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import bnregress
from bnregress.cli import main
from bnregress.results.file import write_results
from tests.results.shards import in_two, make_results

EXAMPLES = Path(bnregress.__file__).parents[1] / "examples"
SOUND = make_results({"tf2.1.0/h5": "pass", "tf2.21.0/h5": "pass"})
BASH = shutil.which("bash")


def leave(folder: Path, run: str | None = "yesterday") -> None:
    """What both shards of an earlier run left, all of it green."""
    for index, source in enumerate(in_two(), 1):
        cells = tuple(replace(cell, status="pass") for cell in source.results.cells)
        (folder / str(index)).mkdir(parents=True)
        write_results(replace(source.results, cells=cells, run=run), folder / str(index) / "results.json")


Break = Callable[[Path, dict[str, str]], list[str]]


def misspelt(_root: Path, _environ: dict[str, str]) -> list[str]:
    return ["--path", "vgg61"]


def no_cache(root: Path, environ: dict[str, str]) -> list[str]:
    (root / "file").touch()
    environ["BNREGRESS_CACHE"] = str(root / "file")
    return ["--select", "tf2.21.0", "--path", "{vgg16,h5}", "--offline"]


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize("breaks", [misspelt, no_cache])
@pytest.mark.parametrize("script", ["shards.sh", "shards.slurm"])
def test_the_scripts_report_nothing_of_an_earlier_run(script: str, breaks: Break, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "bnregress"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bnregress "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environ = dict(os.environ) | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    environ["BNREGRESS_CACHE"] = str(tmp_path / "cache")
    environ["BNREGRESS_ENVIRONMENTS"] = str(tmp_path / "environments")
    options = breaks(tmp_path, environ)
    if script == "shards.sh":
        leave(tmp_path / "bnregress-shards")
        command = [BASH or "", str(EXAMPLES / script), "2", *options]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    else:
        leave(tmp_path / "bnregress-shards" / "17")
        text = (EXAMPLES / script).read_text(encoding="utf-8").replace("--select group:default", " ".join(options))
        text = "\n".join(line for line in text.splitlines() if "export BNREGRESS_CACHE" not in line)
        (tmp_path / script).write_text(text, encoding="utf-8")
        numbers = {"SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_CPUS_PER_TASK": "1"}
        for index in ("1", "2"):
            subprocess.run(
                [BASH or "", script], cwd=tmp_path, env=environ | numbers | {"SLURM_ARRAY_TASK_ID": index},
                capture_output=True, check=False,
            )  # fmt: skip
        report = ["report", "bnregress-shards/17", "--run-id", "slurm-17", "--expect-shards", "2", "--out", "all"]
        done = subprocess.run(
            [program, *report], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "PASS" not in done.stdout
    assert not list(tmp_path.glob("*all/results.json"))


@pytest.mark.parametrize("run", ["yesterday", None])
@pytest.mark.parametrize("command", ["report", "gate"])
def test_a_command_demands_the_run_that_is_meant(
    command: str, run: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results.json"
    write_results(replace(SOUND, run=run), file)
    arguments = [command, str(file), *(["--out", str(tmp_path / "out")] if command == "report" else [])]
    assert main([*arguments, "--run-id", "today"]) == 2
    assert "and today is meant" in capsys.readouterr().err
    assert main([*arguments, "--run-id", "any"]) == 0
    assert main(arguments) == 0


def test_shards_on_github_are_those_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(tmp_path / "shards", run="github-17-1")
    arguments = ["report", str(tmp_path / "shards"), "--out", str(tmp_path / "out")]
    monkeypatch.setenv("GITHUB_RUN_ID", "18")
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "1")
    assert main(arguments) == 2
    assert "github-18-1 is meant" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_RUN_ID", "17")
    assert main(arguments) == 0
