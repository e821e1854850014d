"""A fault that is there in one process alone is not blamed on a real release, and one that stays is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import bnregress
from bnregress.errors import ExitCode
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE, environments_dir
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.21.0"


def test_a_fault_of_one_process_is_inconclusive_and_one_that_stays_is_red(tmp_path: Path) -> None:
    require_releases(RELEASE)
    package = tmp_path / "copy" / "bnregress"
    shutil.copytree(Path(bnregress.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("fakes") / "flickers.py", package / "suite" / "paths")
    variables = {"PYTHONPATH": str(package.parent), ENVIRONMENTS_VARIABLE: str(environments_dir())}
    with Command(root=tmp_path, variables=variables) as command:
        outcome = command.run("--select", RELEASE, "--path", "{flickers,breaks}", "--jobs", "1", out=tmp_path / "out")
        alone = command.run("--select", RELEASE, "--path", "flickers", "--repeat", "3", out=tmp_path / "rate")

    cells = {cell.id.path: cell for cell in outcome.results.cells}
    assert outcome.exit_code == ExitCode.REGRESSION, outcome.told(RELEASE)
    assert (cells["breaks"].status, cells["breaks"].drift) == ("regress", "new")
    assert cells["breaks"].trials == {"regress": 2}
    flickers = cells["flickers"]
    assert (flickers.status, flickers.trials) == ("inconclusive", {"pass": 1, "regress": 1}), outcome.told(RELEASE)
    told = next(check.evidence["trials"] for check in flickers.checks if check.name == "weights-kept")
    assert [(each["status"], bool(each["evidence"])) for each in told] == [("regress", True), ("pass", True)]

    assert alone.exit_code == ExitCode.UNDECIDED, alone.told(RELEASE)
    assert alone.results.cells[0].trials == {"pass": 2, "regress": 1}
    assert "1 cell ran 3 times: 1 differed between trials." in alone.stdout
    assert "regressed in 1 of 3 trials (2 pass): tf2.21.0/flickers" in alone.stdout
