"""A release of small packages and a suite of fakes: the engine, nox and uv are real, TensorFlow is not there."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from uv import find_uv_bin

import bnregress
from bnregress.cells.shard import Shard
from bnregress.errors import ExitCode
from bnregress.machine.interpreters import Interpreter
from bnregress.machine.locations import CACHE_VARIABLE, ENVIRONMENTS_VARIABLE, environments_dir
from bnregress.releases.catalog import Release
from bnregress.results.model import CellResult, Results, exit_code
from bnregress.run import engine
from bnregress.run.budgets import Budgets
from bnregress.run.environments import environment_path
from bnregress.run.events import Event, Progress, silent
from bnregress.run.options import RunOptions, Surroundings

FAKES = Path(__file__).parent / "fakes"
SUITE = Path(bnregress.__file__).parent / "suite"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
PATHS = [
    "hangs",
    "segfaults",
    "leaves-a-child",
    "kills-the-controller",
    "killed-once",
    "sound",
    "slow",
    "also-sound",
    "regresses",
    "shows-its-surroundings",
]


Told = TypeVar("Told")


@dataclass(kw_only=True)
class World:
    """Everything that a run of the engine takes from outside, in a folder of its own."""

    root: Path
    catalog: dict[str, Release]
    events: list[Event] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def environments(self) -> Path:
        return self.root / "environments"

    @property
    def staged(self) -> Path:
        return self.root / "staged"

    def environment(self, release: str = "tf9.9.9") -> Path:
        return environment_path(environments_dir(), release)

    def site_packages(self, release: str = "tf9.9.9") -> Path:
        return next(self.environment(release).glob("lib/python*/site-packages"))

    def records(self, release: str = "tf9.9.9") -> Path:
        return self.out / "run" / "releases" / release / "records"

    def log(self, release: str = "tf9.9.9") -> str:
        return (self.out / "run" / "logs" / f"{release}.log").read_text(encoding="utf-8")

    def find(self, python: str) -> Interpreter | None:
        return Interpreter(platform.python_version(), Path(sys.executable).resolve()) if python == PYTHON else None

    def stage(self, cache: Path) -> tuple[Path, str]:
        return self.staged, "a" * 64

    def surroundings(self) -> Surroundings:
        return Surroundings(
            catalog=self.catalog, find=self.find, suite_sha256=lambda: "a" * 64, stage=self.stage, known_paths=PATHS
        )

    def run(
        self,
        *paths: str,
        select: tuple[str, ...] = (),
        resume: bool = False,
        jobs: int = 2,
        shard: Shard | None = None,
        fresh: bool = True,
        **budgets: float,
    ) -> tuple[Results, ExitCode]:
        options = RunOptions(
            out=self.out,
            select=select,
            paths=paths,
            resume=resume,
            jobs=jobs,
            shard=shard,
            fresh=fresh,
            budgets=Budgets(**budgets),
        )
        self.events.clear()
        return run(options, self.events.append, self.surroundings())

    def told(self, kind: type[Told]) -> list[Told]:
        return [event for event in self.events if isinstance(event, kind)]


def run(
    options: RunOptions, progress: Progress = silent, surroundings: Surroundings | None = None
) -> tuple[Results, ExitCode]:
    """What the engine measured, and what `bnregress run` would exit with if nothing were known."""
    results, interrupted, _ = engine.run(options, progress, surroundings)
    return results, ExitCode.INTERRUPTED if interrupted else exit_code(results)


def by_subject(results: Results) -> dict[str, CellResult]:
    return {cell.id.subject: cell for cell in results.cells}


@pytest.fixture(scope="session")
def lock_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real lock with hashes, small enough to be installed many times."""
    folder = tmp_path_factory.mktemp("lock")
    (folder / "requirements.in").write_text("pytest\npytest-xdist\n", encoding="utf-8")
    command = [find_uv_bin(), "pip", "compile", "--quiet", "--generate-hashes", "--python", sys.executable]
    subprocess.run([*command, "requirements.in", "-o", "lock.txt"], cwd=folder, check=True)
    return (folder / "lock.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def shared_environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments that tests leave as they found them."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the tests' own: environments are links into it, and no test may reach the user's through them."""
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def world(tmp_path: Path, lock_text: str, uv_cache: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """One release that can run here, one whose interpreter is missing; environments of its own."""
    world = World(root=tmp_path, catalog=make_catalog(tmp_path / "locks", lock_text))
    suite = world.staged / "bnregress" / "suite"
    shutil.copytree(SUITE, suite, ignore=shutil.ignore_patterns("__pycache__", "paths", "checks"))
    shutil.copy(SUITE.parent / "__init__.py", suite.parent)
    shutil.copytree(FAKES, suite, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv(ENVIRONMENTS_VARIABLE, str(world.environments))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(uv_cache))
    return world


@pytest.fixture
def shared_world(world: World, shared_environments: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose environments other tests have made already, as a second run would find them."""
    world.environments.symlink_to(shared_environments, target_is_directory=True)
    monkeypatch.setenv(ENVIRONMENTS_VARIABLE, str(shared_environments))
    return world


def make_catalog(locks: Path, text: str) -> dict[str, Release]:
    locks.mkdir()
    releases = [make_release("tf1.1.1", "3.1", locks), make_release("tf9.9.9", PYTHON, locks)]
    for release in releases:
        release.lock_path("cpu").write_text(text, encoding="utf-8")
    return {release.id: release for release in releases}


def make_release(name: str, python: str, locks: Path) -> Release:
    return Release(
        id=name,
        tensorflow=name.removeprefix("tf"),
        keras="8.8.8",
        python=python,
        cpu="tensorflow",
        gpu="tensorflow",
        constraints=(),
        groups=frozenset({"default"}),
        locks=locks,
    )
