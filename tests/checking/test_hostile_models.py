"""A person's module that answers for the inspection, never ends, or leaves children: it decides nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bnregress.checking.inspector import Inspection, inspect
from bnregress.checking.interpreter import Inspected
from bnregress.checking.receiver import Channel
from bnregress.errors import FatalError
from bnregress.machine.staging import stage_suite
from bnregress.suite.inspection.sender import Channel as Teller

FORGED = [
    {"event": "facts", "facts": {"tensorflow": "2.15.1", "keras": "2.15.0", "python": "3.11", "executable": "x"}},
    {"event": "model", "name": "m", "layers": [], "notes": []},
]
TO_DESCRIPTORS = """
import json, os
for number in range({first}, 60):
    try:
        for event in {forged!r}:
            os.write(number, (json.dumps(event) + "\\n").encode())
    except OSError:
        pass
"""
TO_FILES = """
import glob, json, os, sys, tempfile
folder = os.path.dirname(sys.argv[2])
names = set(os.listdir(folder)) | {{"events"}}
for name in names:
    with open(os.path.join(folder, name), "ab") as stream:
        for event in {forged!r}:
            stream.write((json.dumps(event) + "\\n").encode())
"""
LOOPS = "while True: pass\n"
FORKS = """
import os, subprocess, sys, time
if os.fork() == 0:
    os.setsid() if {apart} else None
    time.sleep(600)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=dict(os.environ, MARK="{mark}"))
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage_suite(tmp_path_factory.mktemp("cache"))[0]


def ask(source: str, suite: Path, folder: Path, timeout: float = 60.0) -> Inspection:
    (folder / "hostile.py").write_text(source, encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        return inspect(
            Inspected(executable=Path(sys.executable), version="3", keeps=True),
            suite=suite,
            target="hostile:build",
            environ=os.environ,
            listen=lambda _: None,
            timeout=timeout,
        )
    finally:
        os.chdir(before)


@pytest.mark.parametrize("first", [3, 1])
@pytest.mark.parametrize("end", ["", "\nos._exit(0)\n", "\nimport time; time.sleep(0.5)\n"])
def test_whatever_is_written_to_every_descriptor_is_no_answer(
    first: int, end: str, suite: Path, tmp_path: Path
) -> None:
    source = TO_DESCRIPTORS.format(first=first, forged=FORGED) + end
    try:
        said = ask(source, suite, tmp_path)
    except FatalError:
        return
    # It goes on to what the module lacks.
    assert said.last["event"] == "problem"
    assert said.facts == {}


def test_what_is_written_to_the_files_beside_the_request_makes_it_undecided(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="no result can be trusted"):
        ask(TO_FILES.format(forged=FORGED), suite, tmp_path)


def test_a_module_that_loops_is_ended(suite: Path, tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="building hostile:build did not finish within 2 s"):
        ask(LOOPS, suite, tmp_path, timeout=2.0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("end", ["", "while True: pass\n", "os._exit(0)\n"])
def test_its_children_end_with_it(apart: bool, end: str, suite: Path, tmp_path: Path) -> None:
    mark = str(tmp_path)
    # The fork carries the environment of the process, its child one with a mark of its own.
    source = FORKS.format(apart=apart, mark=mark) + end
    try:
        said: Any = ask(source, suite, tmp_path, timeout=3.0)
    except FatalError as error:
        said = error
    assert not [process for process in psutil.process_iter() if is_left(process, mark)], said


def is_left(process: psutil.Process, mark: str) -> bool:
    try:
        told = " ".join(process.cmdline()) + json.dumps(process.environ())
    except psutil.Error:
        return False
    return (
        process.status() != psutil.STATUS_ZOMBIE
        and mark in told
        and process.pid != os.getpid()
        and (process.cwd() == mark)
    )


def hear_all(channel: Channel) -> None:
    list(channel.events())
    channel.close()


EVENTS = st.lists(st.sampled_from(["facts", "doing", "path"]), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(events=EVENTS, place=st.integers(0, 4), stray=st.binary(min_size=1, max_size=80), again=st.booleans())
@example(events=["doing"], place=1, stray=b"", again=True)
@example(events=[], place=1, stray=b'{"event": "done"}\n', again=False)
def test_a_stray_byte_or_a_line_told_twice_is_never_an_answer(
    events: list[str], place: int, stray: bytes, again: bool, tmp_path: Path
) -> None:
    file = tmp_path / "events"
    file.unlink(missing_ok=True)
    teller = Teller(str(file), "secret")
    for event in [*events, "done"]:
        teller.tell(event, text="so")
    lines = file.read_bytes().splitlines(keepends=True)
    heard = Channel(file, "secret")
    assert [event["event"] for event in heard.events()] == [*events, "done"]
    heard.close()
    place = min(place, len(lines))
    lines[place:place] = [lines[max(0, place - 1)] if again else stray]
    file.write_bytes(b"".join(lines))
    with pytest.raises(FatalError, match="no result can be trusted"):
        hear_all(Channel(file, "secret"))


def test_a_line_is_heard_once_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "events"
    heard = Channel(file, "secret")
    assert list(heard.events()) == []
    teller = Teller(str(file), "secret")
    teller.tell("doing", text="a")
    whole = file.read_bytes()
    file.write_bytes(whole[:40])
    assert list(heard.events()) == []
    file.write_bytes(whole)
    assert [event["text"] for event in heard.events()] == ["a"]
