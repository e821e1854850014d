"""Nightly builds of days: rows between two ends, days without a build, and what is refused."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.errors import FatalError, UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.releases import ondemand
from bnregress.releases.catalog import ConstraintSet, read_catalog
from bnregress.releases.dated import Row, is_dated, release_of_day, row_between, with_builds
from bnregress.releases.index import Index
from bnregress.releases.ondemand import resolve_on_demand
from bnregress.releases.resolution import Package

CATALOG = read_catalog()
PYTHONS = ("3.12", "3.13")
KERAS = (
    *("2.15.0.dev2023092807", "3.0.4.dev2024020103", "3.15.0.dev2026042003", "3.16.0.dev2026080104"),
    *("3.16.0.dev2026080304", "3.16.0.dev2026080318", "3.16.0.dev2026080604", "3.16.0.dev2026090104"),
)
TENSORFLOW = ("2.21.0.dev20250818", "2.22.0.dev20260802", "2.22.0.dev20260805")


def index(packages: Collection[str], pythons: Collection[str] = PYTHONS) -> Index:
    held = {"keras-nightly": KERAS, "tf-nightly": TENSORFLOW}
    return Index(wheels={package: dict.fromkeys(held[package], tuple(pythons)) for package in packages})


def row(first: str, last: str, cache: Path = Path("/nowhere")) -> Row:
    return row_between(CATALOG, first, last, cache=cache, ask=index)


def test_builds_between_two_days_stand_on_one_stable_tensorflow(tmp_path: Path) -> None:
    found = row("keras-nightly@2026-08-01", "keras-nightly@2026-08-06", tmp_path)
    newest = [row.tensorflow for row in CATALOG.releases.values() if "-keras3" in row.id][-1]
    assert found.ids == tuple(f"tf{newest}-keras{version}" for version in KERAS[3:7])
    assert [*found.days.values()] == [date(2026, 8, day) for day in (1, 3, 3, 6)]
    assert found.said == ()
    release = found.catalog[found.ids[0]]
    assert release.on_demand
    assert release.requirements() == (f"tensorflow-cpu=={newest}", f"keras-nightly=={KERAS[3]}")
    assert release.lock_path().is_relative_to(tmp_path)


def test_a_day_without_a_build_gives_way_to_its_neighbour_and_is_said() -> None:
    found = row("keras-nightly@2026-08-02", "keras-nightly@2026-08-20")
    assert found.said == (
        "There is no build of keras-nightly of 2026-08-02; 2026-08-01 is next.",
        "There is no build of keras-nightly of 2026-08-20; 2026-09-01 is next.",
    )
    assert (found.days[found.ids[0]], found.days[found.ids[-1]]) == (date(2026, 8, 1), date(2026, 9, 1))


def test_of_several_builds_of_a_day_an_end_takes_them_in() -> None:
    assert len(row("keras-nightly@2026-08-03", "keras-nightly@2026-08-06").ids) == 3
    assert len(row("keras-nightly@2026-08-01", "keras-nightly@2026-08-03").ids) == 3


def test_a_release_with_a_keras_of_its_own_may_be_an_end() -> None:
    stable = next(name for name in reversed(CATALOG.releases) if name.startswith("tf2.21.0-keras3.15"))
    found = row(stable, "keras-nightly@2026-08-06")
    assert found.ids == (stable, *(f"tf2.21.0-keras{version}" for version in KERAS[3:7]))
    assert stable not in found.days
    with pytest.raises(UsageError, match=r"tf2\.21\.0 has the Keras of its TensorFlow"):
        row("tf2.21.0", "keras-nightly@2026-08-06")


def test_the_tensorflow_is_that_of_the_keras_before_the_oldest_build_or_the_one_that_is_named() -> None:
    old = row("keras-nightly@2024-02-01", "keras-nightly@2026-08-01")
    assert {old.catalog[name].tensorflow for name in old.ids} == {"2.16.2"}
    named = row("tf2.17.1-keras-nightly@2026-08-01", "keras-nightly@2026-08-06")
    assert {named.catalog[name].tensorflow for name in named.ids} == {"2.17.1"}


def test_builds_of_tensorflow_have_the_keras_of_their_day() -> None:
    found = row("tf2.21.0", "tf-nightly@2026-08-05")
    assert found.ids == ("tf2.21.0", "tf2.22.0.dev20260802", "tf2.22.0.dev20260805")
    first, second = (found.catalog[name] for name in found.ids[1:])
    assert first.requirements() == ("tf-nightly==2.22.0.dev20260802", f"keras-nightly=={KERAS[3]}")
    assert second.keras == KERAS[5]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("keras-nightly@2026-08-06", "keras-nightly@2026-08-01", "is not older than"),
        ("keras-nightly@2026-08-01", "tf-nightly@2026-08-05", "builds of two packages"),
        ("keras-nightly@2026-8-1", "keras-nightly@2026-08-05", "is not a build of a day"),
        ("keras-nightly@2026-02-30", "keras-nightly@2026-08-05", "is not a build of a day"),
        ("tf2.17.1-tf-nightly@2026-08-01", "tf-nightly@2026-08-05", "is not a build of a day"),
        ("tf2.15.1-keras-nightly@2026-08-01", "keras-nightly@2026-08-06", "does not take Keras 3"),
        ("tf2.99.0-keras-nightly@2026-08-01", "keras-nightly@2026-08-06", r"tf2\.99\.0"),
        ("tf2.17.1-keras-nightly@2026-08-01", "tf2.18.1-keras-nightly@2026-08-06", "two versions of TensorFlow"),
        ("nightly", "keras-nightly@2026-08-01", "not one release of the catalog"),
        ("keras-nightly@2026-08-06", "keras-nightly@2026-08-06", "is not older than"),
    ],
)
def test_what_is_no_row_is_refused_with_the_reason(first: str, last: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        row(first, last)


def nearest(built: Collection[date], end: date) -> date:
    return min(built, key=lambda day: (abs(day - end), day))


def undated(packages: Collection[str], pythons: Collection[str]) -> Index:
    return Index(wheels={package: {"3.15.1": tuple(pythons)} for package in packages})


def test_an_index_without_dated_builds_is_said() -> None:
    with pytest.raises(FatalError, match="no build of keras-nightly with a day"):
        row_between(CATALOG, "keras-nightly@2026-08-01", "keras-nightly@2026-08-06", cache=Path(), ask=undated)


@given(
    st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 1)), min_size=2, unique=True),
    st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    st.dates(date(2026, 1, 1), date(2026, 3, 1)),
)
def test_a_row_has_every_build_between_the_builds_next_to_its_ends(built: list[date], one: date, other: date) -> None:
    first, last = sorted((one, other))
    versions = [f"3.16.0.dev{day:%Y%m%d}04" for day in sorted(built)]

    def ask(packages: Collection[str], pythons: Collection[str]) -> Index:
        return Index(wheels={package: dict.fromkeys(versions, tuple(pythons)) for package in packages})

    ends = (f"keras-nightly@{first}", f"keras-nightly@{last}")
    try:
        found = row_between(CATALOG, *ends, cache=Path(), ask=ask)
    except UsageError:
        assert nearest(built, first) == nearest(built, last)
        return
    days = [*found.days.values()]
    assert days == [day for day in sorted(built) if days[0] <= day <= days[-1]]
    for end, day in ((first, days[0]), (last, days[-1])):
        assert abs(day - end) == min(abs(each - end) for each in built)
        assert any(str(end) in line for line in found.said) == (day != end)


def test_one_day_alone_is_a_release_too(tmp_path: Path) -> None:
    release, said = release_of_day(CATALOG, "keras-nightly@2026-08-02", cache=tmp_path, ask=index)
    assert release.id == f"tf2.21.0-keras{KERAS[3]}"
    assert len(said) == 1
    release, said = release_of_day(CATALOG, "tf-nightly@2026-08-05", cache=tmp_path, ask=index)
    assert (release.id, said) == ("tf2.22.0.dev20260805", ())


def test_the_package_keras_is_not_installed_over_a_nightly_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    excluded: list[tuple[str, ...]] = []

    def resolve(_wanted: object, limits: ConstraintSet, _interpreter: object, **_: object) -> tuple[Package, ...]:
        excluded.append(limits.exclude)
        return ()

    monkeypatch.setattr(ondemand, "resolve", resolve)
    interpreter = Interpreter(platform.python_version(), Path(sys.executable))
    release, _ = release_of_day(CATALOG, "keras-nightly@2026-08-01", cache=tmp_path, ask=index)
    environ = {name: value for name, value in os.environ.items() if name != "UV_OFFLINE"}
    resolve_on_demand(release, interpreter, "cpu", environ=environ, catalog=CATALOG)
    plain = replace(release, id="tf2.21.0-keras3.14.0", keras="3.14.0")
    resolve_on_demand(plain, interpreter, "cpu", environ=environ, catalog=CATALOG)
    assert ["keras" in names for names in excluded] == [True, False]


def test_only_names_with_a_day_are_taken_for_such() -> None:
    assert is_dated("keras-nightly@2026")
    assert not is_dated("nightly")
    assert not is_dated("tf2.21.0-keras3.15.1")


def test_names_of_days_stand_for_releases_and_all_others_for_themselves(tmp_path: Path) -> None:
    names = ["tf2.21.0", "keras-nightly@2026-08-02"]
    releases, ids, said = with_builds(CATALOG, names, cache=tmp_path, ask=index)
    assert ids == ["tf2.21.0", f"tf2.21.0-keras{KERAS[3]}"]
    assert set(releases) - set(CATALOG.releases) == {ids[1]}
    assert said == ["There is no build of keras-nightly of 2026-08-02; 2026-08-01 is next."]
    with pytest.raises(UsageError, match="Leave --offline out"):
        with_builds(CATALOG, names, cache=tmp_path, offline=True, ask=index)
