"""Ending what a session started, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from bnregress.run import process_groups

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
)
#: A process whose child is stubborn, and one that puts such a process into a group of its own, as xdist's workers are.
PARENT = (
    "import subprocess, sys;"
    f"child = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], stdout=subprocess.PIPE, env={{env}});"
    "child.stdout.readline(); print(child.pid, flush=True); child.wait()"
)
GRANDPARENT = (
    "import os, subprocess, sys; subprocess.Popen([sys.executable, '-c', {parent!r}], preexec_fn=os.setpgrp).wait()"
)


@pytest.fixture
def marker() -> str:
    return uuid.uuid4().hex


def _start(tmp_path: Path, marker: str, code: str) -> tuple[subprocess.Popen[bytes], str]:
    log = tmp_path / "log.txt"
    variables = {**os.environ, process_groups.MARKER_VARIABLE: marker}
    child = process_groups.start([sys.executable, "-u", "-c", code], env=variables, cwd=tmp_path, log=log)
    while not log.read_text(encoding="utf-8").endswith("\n"):
        assert child.poll() in (None, 0), log.read_text(encoding="utf-8")
    return child, log.read_text(encoding="utf-8").strip()


def _is_gone(pid: int) -> bool:
    """Whether it is dead, or will be shortly: a busy machine takes its time over what was killed."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("own_group", [False, True], ids=["in the group", "in a worker's group"])
@pytest.mark.parametrize("env", ["None", "{}"], ids=["with the marker", "with cleared variables"])
def test_a_child_that_ignores_sigterm_is_ended(tmp_path: Path, marker: str, own_group: bool, env: str) -> None:
    parent = PARENT.format(env=env)
    child, stubborn = _start(tmp_path, marker, GRANDPARENT.format(parent=parent) if own_group else parent)
    process_groups.end(marker, grace=0.2)

    assert child.wait(10) < 0
    assert _is_gone(int(stubborn))


def test_a_process_that_left_its_group_and_lost_its_parent_is_found_by_its_marker(tmp_path: Path, marker: str) -> None:
    daemon = f"import os; os.setsid() if os.fork() == 0 else os._exit(0); print(os.getpid(), flush=True); {STUBBORN}"
    child, said = _start(tmp_path, marker, daemon)
    child.wait(10)
    process_groups.end(marker, grace=0.2)

    assert _is_gone(int(said.split()[0]))


def test_a_process_that_ends_when_asked_may_finish_what_it_does(tmp_path: Path, marker: str) -> None:
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(7)));"
        "print('ready', flush=True); time.sleep(600)"
    )
    child, _ = _start(tmp_path, marker, code)
    process_groups.end(marker, grace=10)

    assert child.wait(10) == 7
    assert (tmp_path / "log.txt").read_text(encoding="utf-8").split() == ["ready", "bye"]


def test_processes_with_another_marker_and_our_own_group_are_left_alone(tmp_path: Path, marker: str) -> None:
    child, _ = _start(tmp_path, marker, STUBBORN)
    process_groups.end(uuid.uuid4().hex, grace=0.1)
    process_groups.kill(uuid.uuid4().hex, group=os.getpgrp())
    process_groups.kill(marker, group=os.getpgrp())
    assert child.poll() is None

    process_groups.kill(marker, group=child.pid)
    assert child.wait(10) < 0


def test_a_started_process_has_no_terminal_and_leads_a_group(tmp_path: Path, marker: str) -> None:
    code = "import os, sys; print(os.getpid() == os.getpgrp() == os.getsid(0), repr(sys.stdin.read()))"
    child, said = _start(tmp_path, marker, code + "; import time; time.sleep(600)")
    process_groups.end(marker, grace=0.2)
    child.wait(10)
    assert said == "True ''"
