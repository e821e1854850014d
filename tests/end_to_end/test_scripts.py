"""The scripts of a run's regressions, run as a person would: in the release's own environment, without bnregress."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from bnregress.machine.locations import environments_dir
from bnregress.run.environments import environment_path
from bnregress.suite import variants
from bnregress.suite.paths import PATHS
from tests.end_to_end.command import Outcome
from tests.end_to_end.conftest import THREE_RELEASES
from tests.end_to_end.inside import run_inside

pytestmark = pytest.mark.end_to_end

SHOWN = Path(__file__).with_name("shown.py")


@pytest.mark.parametrize("release", THREE_RELEASES)
def test_each_regression_is_shown_by_its_script(release: str, three_releases: Outcome, tmp_path: Path) -> None:
    broken = [cell for cell in three_releases.results.cells if (cell.id.release, cell.status) == (release, "regress")]
    # Of the variants of a path, which break for one reason, the first.
    chosen = {cell.id.path: cell for cell in reversed(broken)}
    assert chosen
    python = environment_path(environments_dir(), release) / "bin" / "python"
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for cell in chosen.values():
        check = next(check for check in cell.checks if check.repro)
        # By no path's name: json.py would stand in for a module of Python's own.
        script = tmp_path / "script.py"
        script.write_text(check.repro or "", encoding="utf-8")
        shown = subprocess.run(
            [python, script], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        said = shown.stderr.strip().splitlines()[-1:]
        assert (shown.returncode, said[0].partition(":")[0]) == (1, "AssertionError"), (str(cell.id), shown.stderr)


@pytest.mark.parametrize("release", THREE_RELEASES[:1])
def test_a_script_shows_what_the_suite_decided_on_every_path_and_variant(
    release: str, three_releases: Outcome, tmp_path: Path
) -> None:
    """What is declared as lines and what runs in the suite do the same.

    A mode or a variable needs a process of its own, and ResNet50 a minute for nothing more.
    """
    decided = {}
    for cell in three_releases.results.cells:
        path, variant = PATHS[cell.id.path.partition("=")[0]], variants.parse(cell.id.variant)
        small = "small" in (path.id, path.network)
        if cell.id.release == release and small and not path.environment and variant.mode == variants.DEFAULT:
            name = "mode-parity" if variant.train == "fit" else "frozen-state"
            found = next((check.status for check in cell.checks if check.name == name), None)
            if found in ("pass", "regress"):
                decided[cell.id.path, cell.id.variant, name] = found
    assert len({path for path, _, _ in decided}) >= 10
    assert len({variant for _, variant, _ in decided}) > 10
    said = run_inside(release, SHOWN, folder=tmp_path, said=json.dumps(list(decided)))
    shown = dict(zip(decided, json.loads(said.splitlines()[-1]), strict=True))
    # None: the cell has no script.
    assert sum(each is not None for each in shown.values()) > len(shown) / 2
    assert {cell: (each, decided[cell]) for cell, each in shown.items() if each not in (decided[cell], None)} == {}
