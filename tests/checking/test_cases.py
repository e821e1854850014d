"""Models from public reports, each with the answer that is right for it, in the releases that they were measured in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bnregress.machine.locations import environments_dir
from bnregress.reading.strict import read_toml
from tests.checking.conftest import ROOT, Check, release_python

pytestmark = pytest.mark.end_to_end

CASES = Path(__file__).parent / "cases"
#: What the modules of cases have in common.
SHARED = "pretrained"
#: Set by `nox -s cases`; without it, the cases of three releases are tried.
ALL = "BNREGRESS_TEST_CASES"
SOME = ("tf1.15.5", "tf2.15.1", "tf2.21.0")


def rows() -> list[dict[str, Any]]:
    """Return the rows of the table that are to be tried."""
    if os.environ.get(ALL) == "all":
        return _table()
    return [row for row in _table() if row["release"] in SOME and "packages" not in row]


def _table() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_toml(CASES / "expected.toml", 100_000, "a table of cases")["case"]
    return found


def name_of(row: dict[str, Any]) -> str:
    return f"{row['module']}-{row['function']}-{row['release']}"


def python_with(release: str, packages: list[str]) -> str:
    """Return an interpreter whose environment has a release's packages and others beside them."""
    base = release_python(release)
    if not packages:
        return base
    environment = environments_dir() / f"cases-{release}-{packages[0].partition('=')[0]}"
    python = environment / "bin" / "python"
    if not (environment / "complete").is_file():
        lock = ROOT / "bnregress" / "resources" / "locks" / f"{release}.cpu.txt"
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
        for command in (
            [sys.executable, "-m", "uv", "venv", "--quiet", "--clear", "--python", base, str(environment)],
            [*install, "--require-hashes", "-r", str(lock)],
            # Others may need another NumPy or absl than the lock's.
            [*install, "--constraint", str(without_numpy(lock, environment)), *packages],
        ):
            subprocess.run(command, check=True, timeout=900)
        (environment / "complete").touch()
    return str(python)


def without_numpy(lock: Path, folder: Path) -> Path:
    """Return a copy of a lock in which NumPy, absl and all hashes are left out."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    kept = [
        line.partition(" ")[0]
        for line in lines
        if "==" in line and not line.startswith(("numpy==", "absl-py==", " ", "#"))
    ]
    copy = folder.with_name(f"{folder.name}.constraints")
    copy.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return copy


@pytest.mark.parametrize("row", rows(), ids=name_of)
def test_the_answer_is_right(row: dict[str, Any], check: Check) -> None:
    python = python_with(row["release"], row.get("packages", []))
    said = check(f"{row['module']}:{row['function']}", "--python", python, cwd=CASES)
    wanted: str = row["exit"]
    told = said.stdout + said.stderr
    if wanted.startswith("not-"):
        assert str(said.exit_code) != wanted.removeprefix("not-"), told
    else:
        assert str(said.exit_code) == wanted, told


def test_the_table_names_every_module() -> None:
    assert {row["module"] for row in _table()} | {SHARED} == {path.stem for path in CASES.glob("*.py")}
