"""Releases of small packages whose verdict is written on their number: the engine, nox and uv are real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bnregress.run.options import Surroundings
from tests.run.conftest import (  # noqa: F401 - fixtures are used by their names
    PATHS,
    PYTHON,
    World,
    lock_text,
    make_release,
    shared_environments,
    uv_cache,
    world,
)

#: A path that says `pass`, `regress` or `hang` as a file beside the suite tells it for its release.
PATH = """
import sys
from pathlib import Path

from bnregress.suite.framework import CONTROL
from bnregress.suite.registry import PATHS, loading_path


@loading_path("by-release", family="applications", summary="fake")
def by_release(framework):
    names = dict(line.split("=") for line in (CONTROL / "verdicts.txt").read_text().splitlines())
    verdict = names[Path(sys.prefix).name]
    if verdict == "crash":
        import os, signal
        os.kill(os.getpid(), signal.SIGSEGV)
    return verdict
"""

Row = Callable[..., Surroundings]


@pytest.fixture
def row(world: World, lock_text: str) -> Row:  # noqa: F811
    """Make a row of releases tf9.9.0, tf9.9.1, ... with these verdicts; `absent` has no interpreter."""

    def make(*verdicts: str) -> Surroundings:
        locks = world.root / "locks"
        releases = [
            make_release(f"tf9.9.{index}", "3.1" if verdict == "absent" else PYTHON, locks)
            for index, verdict in enumerate(verdicts)
        ]
        for release in releases:
            release.lock_path("cpu").write_text(lock_text, encoding="utf-8")
        suite = world.staged / "bnregress" / "suite"
        with (suite / "paths" / "__init__.py").open("a", encoding="utf-8") as stream:
            stream.write(PATH)
        lines = (f"{world.environment(release.id).name}={verdict}" for release, verdict in zip(releases, verdicts))
        (world.staged / "verdicts.txt").write_text("\n".join(lines), encoding="utf-8")
        return replace(
            world.surroundings(),
            catalog={release.id: release for release in releases},
            known_paths=[*PATHS, "by-release"],
        )

    return make
