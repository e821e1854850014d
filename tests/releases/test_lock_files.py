"""Lock files as their tools write them, where Keras alone is bumped: the gate tries exactly what both sides pin.

Those of uv, poetry, pip-tools, pipenv and pylock.toml (from uv) were made by these tools on 2026-11-28; addresses of
indexes and machines were replaced. Those of conda-lock were written by hand to its schema.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bnregress.errors import FatalError
from bnregress.releases.catalog import load_catalog, read_catalog
from bnregress.releases.ondemand import with_releases
from bnregress.releases.pinned.pin_changes import Upgrade, upgrade_between

FILES = Path(__file__).parent / "lock_files"
CATALOG = load_catalog()
#: TensorFlow, tf_keras and both Keras of each; poetry finds no resolution for TensorFlow before 2.20, which asks for a
#: package of Windows that is not there.
PINS = {"poetry": ("2.20.0", "2.20.1", "3.10.0", "3.11.3")}
TOOLS = ("uv", "poetry", "pip-tools", "pipenv", "pylock", "conda-lock")


def test_there_are_lock_files_of_every_tool() -> None:
    assert sorted(path.name for path in FILES.iterdir()) == sorted(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_bump_of_keras_alone_is_an_upgrade_between_just_the_pinned_versions(tool: str, tmp_path: Path) -> None:
    found = upgrade_between(FILES / tool / "before", FILES / tool / "after", CATALOG)

    tensorflow, legacy, *both = PINS.get(tool, ("2.18.1", "2.18.0", "3.8.0", "3.9.2"))
    beside = f"+tf-keras{legacy}+keras-hub0.20.0+tensorflow-hub0.16.1"
    sides = [f"tf{tensorflow}-keras{keras}{beside}" for keras in both]
    assert found == Upgrade(before=sides[0], after=sides[1], changed=True)
    releases = with_releases(read_catalog(), sides, cache=tmp_path)
    for id_, keras in zip(sides, both, strict=True):
        assert releases[id_].requirements() == (f"tensorflow-cpu=={tensorflow}", f"keras=={keras}")
        assert set(releases[id_].tools) == {f"tf-keras=={legacy}", "keras-hub==0.20.0", "tensorflow-hub==0.16.1"}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_lock_file_beside_itself_is_unchanged(tool: str) -> None:
    assert not upgrade_between(FILES / tool / "before", FILES / tool / "before", CATALOG).changed


@pytest.mark.parametrize(
    ("old", "new"),
    [("  version: 3.8.0\n", ""), ("- name: keras\n", "- title: keras\n"), ("\npackage:\n", "\npackages:\n")],
)
def test_a_conda_lock_that_does_not_fit_its_schema_is_not_guessed_at(old: str, new: str, tmp_path: Path) -> None:
    shutil.copytree(FILES / "conda-lock" / "before", tmp_path / "before")
    lock = tmp_path / "before" / "conda-lock.yml"
    text = lock.read_text(encoding="utf-8")
    assert old in text
    lock.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FatalError, match=r"Cannot tell.*conda-lock\.yml"):
        upgrade_between(tmp_path / "before", FILES / "conda-lock" / "after", CATALOG)


def test_two_platforms_of_a_conda_lock_with_two_versions_do_not_agree(tmp_path: Path) -> None:
    shutil.copytree(FILES / "conda-lock" / "before", tmp_path / "before")
    lock = tmp_path / "before" / "conda-lock.yml"
    other = "- name: keras\n  version: 3.7.0\n  manager: conda\n  platform: osx-arm64\n"
    lock.write_text(lock.read_text(encoding="utf-8") + other, encoding="utf-8")
    with pytest.raises(FatalError, match="do not agree on the version of Keras"):
        upgrade_between(tmp_path / "before", FILES / "conda-lock" / "after", CATALOG)
