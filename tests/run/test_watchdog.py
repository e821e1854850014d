"""The watch over one session, with real processes that write what a suite would write."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.run import process_groups
from bnregress.run.budgets import Budgets
from bnregress.run.events import CellDecided, CellStarted, Event
from bnregress.run.records import read_verdict
from bnregress.run.watchdog import Ending, Watch, innermost

HEAD = """
import faulthandler, json, os, sys, time
os.setpgid(0, 0) if os.getpid() != os.getpgrp() else None
def write(name, **content):
    with open(name + '.tmp', 'w') as stream:
        json.dump(content, stream)
    os.replace(name + '.tmp', name)
def start(subject, **more):
    write(subject + '.started.json', **{'pid': os.getpid(), 'pgid': os.getpgrp(), 'check': None, **more})
def decide(subject):
    check = {'name': 'c', 'status': 'pass', 'reason': 'r', 'evidence': {}, 'repro': None}
    write(subject + '.json', path=subject, variant='default', status='pass', kind=None, reason='r', checks=[check])
stacks = open('worker-%d.stacks.txt' % os.getpid(), 'w')
faulthandler.register(__import__('signal').SIGUSR1, file=stacks)
"""
CELLS = tuple(CellId(release="tf1.1.1", path=path) for path in ("one", "two"))


CHILDREN: list[subprocess.Popen[bytes]] = []


@pytest.fixture
def marker() -> Iterator[str]:
    marker = uuid.uuid4().hex
    yield marker
    process_groups.end(marker, grace=0)
    while CHILDREN:
        CHILDREN.pop().wait(10)


def _watch(
    tmp_path: Path, marker: str, code: str, *, phase: str = "testing", stop: bool = False, **budgets: float
) -> tuple[Ending, list[Event], subprocess.Popen[bytes]]:
    records = tmp_path / "records"
    records.mkdir()
    child = process_groups.start(
        [sys.executable, "-c", HEAD + code],
        env={**os.environ, process_groups.MARKER_VARIABLE: marker},
        cwd=records,
        log=tmp_path / "log.txt",
    )
    CHILDREN.append(child)
    events: list[Event] = []
    stopped = threading.Event()
    if stop:
        stopped.set()
    ending = Watch(
        child=child,
        marker=marker,
        release="tf1.1.1",
        cells=CELLS,
        records=records,
        phase=lambda: phase,
        budgets=Budgets(**budgets),
        tell=events.append,
        stop=stopped,
    ).run()
    return ending, events, child


def test_what_was_written_before_the_session_ended_is_told(tmp_path: Path, marker: str) -> None:
    ending, events, _ = _watch(tmp_path, marker, "start('one'); decide('one'); start('two')")
    assert ending == Ending(by="itself")
    assert [event.cell.path for event in events if isinstance(event, CellStarted)] == ["one", "two"]
    assert [event.cell.path for event in events if isinstance(event, CellDecided)] == ["one"]


def test_an_overdue_cell_ends_its_process_and_the_note_says_where_it_was(tmp_path: Path, marker: str) -> None:
    code = "\ndef stuck():\n    time.sleep(600)\nstart('one', check='mode-parity')\nstuck()"
    ending, _, child = _watch(tmp_path, marker, code, cell=1)
    verdict = read_verdict(CELLS[0], tmp_path / "records")

    assert ending == Ending(by="itself")
    assert child.wait(10) == -9
    assert verdict is not None
    assert verdict.kind == "timeout"
    assert "mode-parity" in verdict.reason
    assert "in stuck" in verdict.reason


def test_a_cell_that_is_decided_in_time_is_never_ended(tmp_path: Path, marker: str) -> None:
    code = "start('one'); decide('one'); time.sleep(3); start('two'); decide('two')"
    ending, _, child = _watch(tmp_path, marker, code, cell=1)
    assert ending == Ending(by="itself")
    assert child.wait(10) == 0


@pytest.mark.parametrize("pid", [1, "os.getppid()", "'x'", None])
def test_a_process_that_is_not_of_the_session_is_not_ended(tmp_path: Path, marker: str, pid: object) -> None:
    code = f"start('one', pid={pid}, pgid={pid}); time.sleep(600)"
    ending, _, child = _watch(tmp_path, marker, code, cell=1, idle=1)
    verdict = read_verdict(CELLS[0], tmp_path / "records")

    # We are alive to see it, and what could not be ended alone is left to the end of the session.
    assert ending.by in ("cell", "idle")
    assert child.poll() is None
    assert verdict is not None
    assert verdict.kind == "timeout"


def test_silence_without_a_running_cell_is_ended_and_says_where_it_was(tmp_path: Path, marker: str) -> None:
    code = "write('worker-%d.json' % os.getpid(), pid=os.getpid())\ndef importing():\n    time.sleep(600)\nimporting()"
    ending, _, _ = _watch(tmp_path, marker, code, idle=1)
    assert ending.by == "idle"
    assert "in importing" in str(ending.at)


def test_a_cell_at_work_is_not_silence(tmp_path: Path, marker: str) -> None:
    ending, _, _ = _watch(tmp_path, marker, "start('one'); time.sleep(3); decide('one')", idle=1, cell=60)
    assert ending.by == "itself"


def test_an_installation_has_its_own_budget(tmp_path: Path, marker: str) -> None:
    ending, _, _ = _watch(tmp_path, marker, "time.sleep(600)", phase="installing", install=1, idle=0.1)
    assert ending == Ending(by="install")


def test_a_session_that_does_not_leave_is_ended_when_all_is_decided(tmp_path: Path, marker: str) -> None:
    ending, _, _ = _watch(tmp_path, marker, "decide('one'); decide('two'); time.sleep(600)", leave=1)
    assert ending == Ending(by="leave")


def test_an_interrupt_ends_the_watch(tmp_path: Path, marker: str) -> None:
    ending, _, child = _watch(tmp_path, marker, "time.sleep(600)", stop=True)
    assert ending == Ending(by="interrupt")
    assert child.poll() is None


def test_the_innermost_frame_is_that_of_the_last_thread() -> None:
    dump = (
        'Thread 0x1 (most recent call first):\n  File "/a/other.py", line 1 in wait\n\n'
        'Current thread 0x2 (most recent call first):\n  File "/a/b c.py", line 12 in <module>\n'
        '  File "/z.py", line 3 in run\n'
    )
    assert innermost(dump) == "b c.py:12 in <module>"
    assert innermost(None) is innermost("Segmentation fault") is None
