"""A run that is killed at any moment costs nothing that was decided, and the next one works.

A few random moments in the ordinary tests; `nox -s hazards` takes fifty.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.results.file import load_results
from bnregress.run.events import CellStarted
from bnregress.run.verdict_cache import VerdictCache
from tests.run.conftest import World

MOMENTS = int(os.environ.get("BNREGRESS_TEST_KILLS", "4"))
ONLY = ("tf9.9.9",)
PATHS = ("sound", "also-sound", "regresses")
#: How far a run is let get before the random moment, by what must be there, and the seconds in which the moment lies.
STAGES = (
    (None, 1.0),
    ("run/plan.json", 0.5),
    ("run/releases/tf9.9.9/phase.json", 1.5),
    ("run/releases/tf9.9.9/records/sound.started.json", 0.1),
    ("run/releases/tf9.9.9/records/sound.json", 0.2),
    ("run/releases/tf9.9.9/records/also-sound.json", 0.2),
    ("run/releases/tf9.9.9/records/regresses.json", 1.0),
    ("results.json", 0.1),
)


def test_what_a_killed_run_left_running_is_ended_before_its_folder_is_used_again(shared_world: World) -> None:
    command = [sys.executable, "-m", "tests.run.host", str(shared_world.root), "hangs"]
    started = shared_world.records() / "hangs.started.json"
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as host:
        while not started.exists():
            assert host.poll() is None, shared_world.log()
            time.sleep(0.05)
        worker = json.loads(started.read_bytes())["pid"]
        host.send_signal(signal.SIGKILL)
    assert psutil.pid_exists(worker)
    # This plan needs no environment, so that nobody would come upon the worker through its lock.
    shared_world.run("sound", select=("tf1.1.1",))
    assert not psutil.pid_exists(worker) or psutil.Process(worker).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_what_a_killed_run_had_decided_is_not_decided_again(moment: int, shared_world: World) -> None:
    world, chance = shared_world, random.Random(moment)
    command = [sys.executable, "-m", "tests.run.host", str(world.root), "--cached", *PATHS]
    file, longest = STAGES[moment * len(STAGES) // MOMENTS]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as host:
        while file and host.poll() is None and not (world.out / file).exists():
            time.sleep(0.002)
        time.sleep(longest * chance.random())
        host.send_signal(signal.SIGKILL)
    decided = {path for path in PATHS if (world.records() / f"{path}.json").exists()}
    if (world.out / "results.json").exists():
        load_results(world.out / "results.json")
    assert VerdictCache(cache_dir()).contents().damaged == 0

    resume = chance.random() < 0.5 and (world.out / "run" / "plan.json").exists()
    results, code = world.run(*PATHS, select=ONLY, resume=resume, fresh=False)

    assert code == ExitCode.REGRESSION, world.log()
    assert {cell.id.path: cell.status for cell in results.cells} == {
        "sound": "pass",
        "also-sound": "pass",
        "regresses": "regress",
    }
    # A regression that is news has a second trial, which may not have been made.
    assert decided.isdisjoint({event.cell.path for event in world.told(CellStarted)} - {"regresses"})
