"""Where things live and how much room they take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bnregress.machine import locations


def test_variables_move_environments_and_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNREGRESS_CACHE", str(tmp_path / "c"))
    monkeypatch.setenv("BNREGRESS_ENVIRONMENTS", str(tmp_path / "e"))
    assert (locations.cache_dir(), locations.environments_dir()) == (tmp_path / "c", tmp_path / "e")


@pytest.mark.parametrize(("name", "inside"), [("bnregress", True), ("another", False), (None, False)])
def test_environments_live_in_the_repository_only_where_it_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, inside: bool
) -> None:
    if name:
        (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n', encoding="utf-8")
    monkeypatch.setattr(locations, "_PACKAGE", tmp_path / "bnregress")
    monkeypatch.delenv("BNREGRESS_ENVIRONMENTS", raising=False)
    expected = tmp_path / ".nox" if inside else locations.cache_dir() / "environments"
    assert locations.environments_dir() == expected


def test_a_file_with_two_names_counts_once_and_a_link_does_not_lead_outside(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "file").write_bytes(os.urandom(100_000))
    (tmp_path / "outside").write_bytes(os.urandom(1_000_000))
    once = locations.size_bytes(tmp_path / "in")
    os.link(tmp_path / "in" / "deep" / "file", tmp_path / "in" / "again")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")

    assert 100_000 <= once <= 200_000
    assert locations.size_bytes(tmp_path / "in") - once < 50_000
    assert locations.size_bytes(tmp_path / "absent") == 0
