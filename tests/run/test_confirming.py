"""An environment that is edited while cells are decided in it: nothing of it counts, here or in a later run."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.machine.sealing import SEAL
from bnregress.run.confirming import note
from bnregress.run.events import CellDecided, CellsConfirmed, EnvironmentDiscarded, Event
from bnregress.run.rundir import RunDir, read_json, write_json
from bnregress.run.verdict_cache import VerdictCache
from tests.run.conftest import World, by_subject

ONLY = ("tf9.9.9",)


class Meddler(list[Event]):
    """Takes events, and does something when the first cells are decided, so many times."""

    def __init__(self, meddle: Callable[[], object], times: int) -> None:
        super().__init__()
        self._meddle = meddle
        self._times = times

    def append(self, event: Event) -> None:
        super().append(event)
        if isinstance(event, CellDecided) and self._times:
            self._times -= 1
            self._meddle()


def edit(world: World) -> None:
    """Put another file in the place of one, as a link into uv's cache must not be written through."""
    module = world.site_packages() / "pytest" / "__init__.py"
    text = module.read_text(encoding="utf-8")
    module.unlink()
    module.write_text(text + "\n# edited\n", encoding="utf-8")


def entries() -> int:
    return VerdictCache(cache_dir()).contents().entries


EDITS: dict[str, Callable[[World], object]] = {
    "a file": edit,
    "one more file": lambda world: (world.site_packages() / "sitecustomize.py").write_text("x = 1", encoding="utf-8"),
    "no seal": lambda world: (world.environment() / SEAL).unlink(),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_was_decided_meanwhile_is_made_again(what: str, world: World) -> None:
    world.events = Meddler(lambda: EDITS[what](world), times=1)
    results, code = world.run("sound", "also-sound", select=ONLY, jobs=1, fresh=False)

    assert code == ExitCode.EXPECTED, world.log()
    assert {cell.status for cell in by_subject(results).values()} == {"pass"}
    (discarded,) = world.told(EnvironmentDiscarded)
    assert discarded.reason.endswith("while it was in use")
    assert len([event for event in world.told(CellDecided) if event.cell.subject == "sound"]) == 2
    assert [len(event.cells) for event in world.told(CellsConfirmed)] == [2]
    assert entries() == 2


def test_where_it_never_stops_nothing_is_decided_and_nothing_kept(world: World) -> None:
    world.events = Meddler(lambda: edit(world), times=100)
    results, code = world.run("sound", select=ONLY, jobs=1, fresh=False)

    cell = by_subject(results)["sound"]
    assert code == ExitCode.UNDECIDED
    assert (cell.status, cell.kind) == ("error", "infra")
    assert "cannot be trusted" in cell.reason
    assert "--resume" in (cell.remedy or "")
    assert entries() == 0


@pytest.mark.parametrize("edited", [True, False])
@pytest.mark.parametrize("resume", [True, False])
def test_what_a_killed_run_decided_counts_only_if_the_environment_is_what_it_was(
    resume: bool, edited: bool, world: World
) -> None:
    world.run("sound", "also-sound", select=ONLY, jobs=1)
    run = RunDir(world.out / "run")
    shutil.rmtree(VerdictCache(cache_dir()).root)
    note(run, "tf9.9.9", [CellId.parse("tf9.9.9/sound")])
    if edited:
        edit(world)
    world.run("sound", "also-sound", select=ONLY, jobs=1, resume=resume, fresh=False)
    again = [event.cell.subject for event in world.told(CellDecided)]
    assert again.count("sound") == int(edited)
    assert again.count("also-sound") == 0


def test_an_environment_that_was_made_anew_since_vouches_for_nothing(world: World) -> None:
    world.run("sound", select=ONLY, jobs=1)
    run = RunDir(world.out / "run")
    note(run, "tf9.9.9", [CellId.parse("tf9.9.9/sound")])
    write_json(run.phase("tf9.9.9"), read_json(run.phase("tf9.9.9")) | {"files": "0" * 64})
    world.run("sound", select=ONLY, jobs=1, resume=True)
    assert [event.cell.subject for event in world.told(CellDecided)] == ["sound"]
