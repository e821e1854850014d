"""What a pull request of new releases holds: what was added, a run of it, and what could not be added."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from bnregress.action.propose import ALLOWED
from bnregress.errors import ExitCode, FatalError
from bnregress.releases.additions import Addition, Missing
from bnregress.releases.catalog import CATALOG, load_catalog
from tools.new_releases import propose


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    (tmp_path / "resources" / "locks").mkdir(parents=True)
    return Path(shutil.copy(CATALOG, tmp_path / "resources"))


def lacking(*versions: str) -> list[Missing]:
    return [Missing(package="keras", version=version, pythons=("3.13",)) for version in versions]


def test_a_release_is_proposed_with_its_row_locks_and_run(catalog: Path, tmp_path: Path) -> None:
    pattern = next(iter(load_catalog().values()))

    def add(each: Missing) -> Addition:
        if each.version == "3.97.0":
            raise FatalError("it works with no TensorFlow")
        catalog.write_text(catalog.read_text("utf-8") + "# a row\n", encoding="utf-8")
        lock = catalog.parent / "locks" / "tf9.9.9-keras3.98.0.cpu.txt"
        lock.write_text("keras==3.98.0\n", encoding="utf-8")
        return Addition(release=pattern, pattern=pattern, lock=lock)

    def run(ids: Sequence[str], out: Path) -> str:
        return f"**unsafe**: {', '.join(ids)}"

    code = propose(
        lacking("3.97.0", "3.98.0"),
        tmp_path / "out",
        add=add,
        lock=lambda ids: ["no GPU lock"],
        run=run,
        catalog=catalog,
    )

    files = tmp_path / "out" / "files"
    names = sorted(path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file())
    assert code == ExitCode.EXPECTED
    assert names == ["bnregress/resources/catalog.toml", "bnregress/resources/locks/tf9.9.9-keras3.98.0.cpu.txt"]
    assert all(map(ALLOWED.fullmatch, names))
    body = (tmp_path / "out" / "body.md").read_text(encoding="utf-8")
    assert re.search(rf"{pattern.id}.*\*\*unsafe\*\*.*- no GPU lock", body, re.DOTALL)
    assert "keras 3.97.0: could not be added: it works with no TensorFlow" in body


def test_what_cannot_be_added_at_all_is_no_proposal(
    catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def add(each: Missing) -> Addition:
        raise FatalError("no resolution")

    code = propose(
        lacking("3.97.0"), tmp_path / "out", add=add, lock=lambda ids: [], run=lambda *_: "", catalog=catalog
    )
    assert code == ExitCode.UNDECIDED
    assert not (tmp_path / "out").exists()
    assert "no resolution" in capsys.readouterr().err
