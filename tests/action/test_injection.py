"""A step from end to end, each of its inputs with text that would run, break an output or forge an annotation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bnregress.action.inputs import INPUTS, variable
from bnregress.action.step import main

ROOT = Path(__file__).resolve().parents[2]
STEP = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][-1]
HOSTILE = {
    "command": "$(touch pwned)",
    "backtick": "`touch pwned`",
    "quotes": "'\"; touch pwned; '\"",
    "newline": "x\n::error::forged\nresult=forged\n",
    "carriage return": "x\r\n::error::forged",
    "percent code": "%0A::error::forged%0D%0A::set-output name=result::forged",
    "expression": "${{ github.token }}",
    "option": "--help",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", INPUTS)
def test_whatever_an_input_holds_a_step_ends_with_one_annotation_and_one_output_and_runs_nothing(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    outputs = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    code = main({**needed(name), variable(name): HOSTILE[kind], **places(tmp_path)})
    assert code == 2
    # What the command itself printed is between two lines that have GitHub read nothing there.
    read = re.sub(r"::stop-commands::(\w+)\n.*?\n::\1::\n", "", capfd.readouterr().out, flags=re.DOTALL)
    commands = [line for line in re.split(r"[\r\n]+", read) if line.startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::error title=bnregress::")
    # A bisection that was refused still tells both its ends.
    written = outputs.read_text(encoding="utf-8")
    assert re.match(r"result<<(bnregress-[0-9a-f]{32})\nusage\n\1\n", written)
    assert "forged" not in written
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["outputs"]


def test_the_shell_of_the_step_reads_none_of_the_inputs(tmp_path: Path) -> None:
    """All of them hostile at once, through the very line of action.yml."""
    program = tmp_path / "python"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environ = {variable(name): "\n".join(HOSTILE.values()) for name in INPUTS}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]],
        env={**environ, "BNREGRESS_ACTION_PYTHON": str(program), "PATH": os.environ["PATH"]},
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "-I\n-m\nbnregress.action\n"
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["python"]


def places(root: Path) -> dict[str, str]:
    return {"GITHUB_WORKSPACE": str(root), "RUNNER_TEMP": str(root), "PATH": os.path.dirname(sys.executable)}


def needed(name: str) -> dict[str, str]:
    """A command that takes the input, without results to work on: where the text is let through, that ends it."""
    command = "report" if "report" in INPUTS[name].commands else INPUTS[name].commands[-1]
    texts = {"command": command}
    if command in ("report", "gate"):
        texts["results"] = "missing"
    elif command == "bisect":
        texts |= {"path": "h5", "from": "tf2.0.0", "to": "tf2.1.0"}
    return {variable(each): text for each, text in texts.items()}
