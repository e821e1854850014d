"""Which releases load the models of which others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.errors import UsageError
from bnregress.releases.catalog import load_catalog
from bnregress.releases.crossing import Crossing, offered
from bnregress.suite.crossing import path_of
from bnregress.suite.paths import PATHS
from tests.planning.plans import plan_of

BASES = ["h5-from", "savedmodel-from", "keras-v3-from"]


def test_an_id_names_the_path_and_the_release_that_saves() -> None:
    crossing = Crossing.of("h5-from=tf2.1.0")
    assert crossing == Crossing("h5-from", "tf2.1.0")
    assert str(crossing) == "h5-from=tf2.1.0"
    assert str(crossing.saving) == "tf2.1.0/h5-from"
    assert Crossing.of("h5") is None
    assert path_of("h5-from=tf2.1.0") is PATHS["h5-from"]


def test_by_default_each_minor_is_loaded_by_the_next_and_three_by_the_newest() -> None:
    found = offered(load_catalog(), ["h5-from"])
    assert found["tf2.1.4"] == ["h5-from=tf2.0.4"]
    assert found["tf2.16.2"] == ["h5-from=tf2.15.1"]
    assert found["tf2.1.0"] == []
    newest = [f"h5-from=tf{release}" for release in ("2.20.0", "2.1.0", "2.4.4", "2.15.1")]
    assert found["tf2.21.0"] == newest


def test_a_pair_that_is_spelled_out_is_asked_of_every_other_release() -> None:
    found = offered(load_catalog(), ["h5-from"], ["h5-from=tf2.6.5", "h5-from=tf9.9.9", "h6-from=tf2.6.5", "h5"])
    assert "h5-from=tf2.6.5" in found["tf2.21.0"]
    assert "h5-from=tf2.6.5" not in found["tf2.6.5"]
    assert not any("9.9.9" in id or "h6" in id for ids in found.values() for id in ids)


def test_a_plain_run_crosses_no_releases_and_a_glob_takes_the_default_pairs() -> None:
    catalog = load_catalog()
    plain = plan_of(catalog=catalog, find=lambda python: None)
    assert not any("=" in cell.path for cell in plain.cells)
    crossed = plan_of(catalog=catalog, find=lambda python: None, paths=["h5-from=*"])
    assert {cell.path.partition("=")[0] for cell in crossed.cells} == {"h5-from"}
    group = plan_of(catalog=catalog, find=lambda python: None, paths=["group:cross-release"])
    assert {cell.path.partition("=")[0] for cell in group.cells} == set(BASES)
    assert all(cell.path.partition("=")[2] != cell.release for cell in group.cells)


def test_a_path_without_its_release_cannot_be_planned() -> None:
    with pytest.raises(UsageError, match="No path is named 'h5-from'"):
        plan_of(catalog=load_catalog(), find=lambda python: None, paths=["h5-from"])


def test_an_unknown_key_in_the_pairs_is_told_by_name(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.toml"
    pairs.write_text("to-the-next-minor = true\nto-the-newst = []\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"to-the-newst.*Did you mean to-the-newest"):
        offered(load_catalog(), BASES, pairs=pairs)
