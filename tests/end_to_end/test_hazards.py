"""Cells that take their process down cost themselves and nothing else; and a new loading path is one small file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import bnregress
from bnregress.errors import ExitCode
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE, environments_dir
from bnregress.results.model import CellResult
from tests.end_to_end.command import Command, Outcome
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.21.0"
HAZARDS = Path(__file__).with_name("fakes") / "hazards.py"
#: Each hazard with its kind of error and the words that its reason must hold.
EXPECTED = {
    "segfaults": ("crash", "SIGSEGV while the path was built"),
    "aborts": ("crash", "SIGABRT while the path was built"),
    "killed": ("crash", "SIGKILL while the path was built"),
    "exits": ("crash", "exit code 1 while the path was built"),
    "hangs": ("timeout", "in hangs"),
    "raises": ("crash", "RuntimeError: this path is broken"),
    "crashes-in-a-check": ("crash", "SIGSEGV during the check mode-parity"),
}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """bnregress run from a copy of the package with one more file in it."""
    root = tmp_path_factory.mktemp("hazards")
    package = root / "copy" / "bnregress"
    shutil.copytree(Path(bnregress.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HAZARDS, package / "suite" / "paths")
    variables = {"PYTHONPATH": str(package.parent), ENVIRONMENTS_VARIABLE: str(environments_dir())}
    with Command(root=root, variables=variables) as command:
        yield command


@pytest.fixture(scope="module")
def outcome(command: Command) -> Outcome:
    require_releases(RELEASE)
    paths = f"{{{','.join(EXPECTED)},vgg16}}"
    return command.run("--select", RELEASE, "--path", paths, "--timeout", "20", "--jobs", "2", out=command.root / "out")


@pytest.fixture(scope="module")
def cells(outcome: Outcome) -> dict[str, CellResult]:
    return {cell.id.path: cell for cell in outcome.results.cells}


def test_every_planned_cell_has_one_result(outcome: Outcome) -> None:
    assert sorted(cell.id.path for cell in outcome.results.cells) == sorted([*EXPECTED, "vgg16"])
    assert outcome.results.complete
    assert outcome.exit_code == ExitCode.UNDECIDED


@pytest.mark.parametrize("path", EXPECTED)
def test_the_error_of_a_lost_cell_says_how_it_was_lost(
    path: str, cells: dict[str, CellResult], outcome: Outcome
) -> None:
    kind, words = EXPECTED[path]
    assert (cells[path].status, cells[path].kind) == ("error", kind), outcome.told(RELEASE)
    assert words in cells[path].reason


@pytest.mark.usefixtures("outcome")
def test_no_process_is_left_of_them(command: Command) -> None:
    command.wait_until_gone()


def test_the_sound_cell_beside_them_passes(cells: dict[str, CellResult], outcome: Outcome) -> None:
    assert cells["vgg16"].status == "pass", outcome.told(RELEASE)
