"""`uvx --from . bnregress` keeps bnregress itself in uv's cache, where uv refuses to work on a project."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import bnregress
from bnregress.errors import ExitCode
from bnregress.run import release
from tests.run.conftest import World


def test_a_run_succeeds_from_within_the_cache(world: World, uv_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Path(bnregress.__file__).parent
    package = uv_cache / "archive-v0" / "tool" / "bnregress"
    shutil.copytree(ours, package, ignore=shutil.ignore_patterns("__pycache__", "locks"))
    monkeypatch.setattr(release, "_NOXFILE", package / "run" / "noxfile.py")
    try:
        results, code = world.run("sound", select=("tf9.9.9",))
    finally:
        shutil.rmtree(package)

    assert [cell.status for cell in results.cells] == ["pass"], world.log()
    assert code == ExitCode.EXPECTED
