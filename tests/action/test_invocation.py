from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bnregress.action.invocation import run


def test_a_command_ends_with_its_exit_code_and_what_it_said(capfd: pytest.CaptureFixture[str]) -> None:
    ended = run(["plan", "--select=nothing-of-the-kind"], os.environ)
    assert ended.code == 2
    assert ended.stderr.startswith("bnregress: ")
    shown = capfd.readouterr().out.splitlines()
    assert shown[0] == "bnregress plan --select=nothing-of-the-kind"
    token = shown[1].removeprefix("::stop-commands::")
    assert shown[-1] == f"::{token}::"
    assert any(line.startswith("bnregress: ") for line in shown[2:-1])


def test_a_command_that_breaks_off_is_told_from_one_that_could_not_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "stub"
    stub.write_text('#!/bin/sh\necho "a log" > "$BNREGRESS_CRASH_LOG"\nexit 4\n', encoding="utf-8")
    stub.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stub))
    ended = run([], {**os.environ, "RUNNER_TEMP": str(tmp_path)})
    assert (ended.code, ended.word) == (4, "crashed")
    stub.write_text("#!/bin/sh\nexit 4\n", encoding="utf-8")
    assert run([], os.environ).word == "undecided"


SLEEPER = """
import os, signal, sys
sys.executable = sys.argv[1]
from bnregress.action.invocation import run
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
