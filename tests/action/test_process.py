from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bnregress.action.process import bare, run


def test_a_command_ends_with_its_exit_code_and_what_it_said(capfd: pytest.CaptureFixture[str]) -> None:
    ended = run(["plan", "--select=nothing-of-the-kind"], os.environ)
    assert ended.code == 2
    assert ended.stderr.startswith("bnregress: ")
    shown = capfd.readouterr().out.splitlines()
    assert shown[0] == "bnregress plan --select=nothing-of-the-kind"
    token = shown[1].removeprefix("::stop-commands::")
    assert shown[-1] == f"::{token}::"
    assert any(line.startswith("bnregress: ") for line in shown[2:-1])


def test_what_speaks_to_github_and_what_is_named_like_a_secret_is_withheld() -> None:
    kept = {"PATH": "/bin", "GITHUB_WORKSPACE": "/w", "BNREGRESS_CACHE": "/c"}
    withheld = (
        "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE", "GITHUB_TOKEN",
        "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "BNREGRESS_INPUT_SELECT", "MY_SECRET", "DB_PASSWORD",
    )  # fmt: skip
    assert bare({**kept, **dict.fromkeys(withheld, "x")}) == kept


def test_nothing_is_kept_from_one_job_to_the_next_unless_a_cache_is_named() -> None:
    assert bare({"RUNNER_TEMP": "/t"})["BNREGRESS_CACHE"] == "/t/bnregress-cache"
    assert bare({"RUNNER_TEMP": "/t", "BNREGRESS_CACHE": "/mine"})["BNREGRESS_CACHE"] == "/mine"


SLEEPER = """
import os, signal, sys
sys.executable = sys.argv[1]
from bnregress.action.process import run
print(run([], os.environ).code)
"""
STUB = """#!/bin/sh
trap 'echo interrupted; exit 130' INT
echo ready
while :; do sleep 0.05; done
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_step_interrupts_the_command_and_waits_for_it(number: int, tmp_path: Path) -> None:
    stub = tmp_path / "stub"
    stub.write_text(STUB, encoding="utf-8")
    stub.chmod(0o755)
    step = subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(stub)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert step.stdout is not None
    lines = []
    for line in step.stdout:
        lines.append(line.strip())
        if line == "ready\n":
            step.send_signal(number)
    step.stdout.close()
    assert step.wait(timeout=30) == 0
    assert "interrupted" in lines
    assert lines[-1] == "130"
