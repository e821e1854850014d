"""A run that is killed at any moment costs nothing that was decided, and the next one works.

A few random moments in the ordinary tests; `nox -s kills` takes fifty.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.locations import cache_dir
from bnregress.resultsfile import load_results
from bnregress.run.events import CellStarted
from bnregress.run.verdicts import VerdictCache
from tests.run.conftest import World

MOMENTS = int(os.environ.get("BNREGRESS_TEST_KILLS", "4"))
ONLY = ("tf9.9.9",)
PATHS = ("sound", "also-sound", "regresses")
#: Seconds that a killed run gets at most; on a quiet machine it is over in about four.
LONGEST = 8.0


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_what_a_killed_run_had_decided_is_not_decided_again(moment: int, shared_world: World) -> None:
    world, chance = shared_world, random.Random(moment)
    command = [sys.executable, "-m", "tests.run.host", str(world.root), "--cached", *PATHS]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as host:
        # Evenly over the run, wherever this machine is with it.
        time.sleep(LONGEST * (moment + chance.random()) / MOMENTS)
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
    assert decided.isdisjoint(event.cell.path for event in world.told(CellStarted))
