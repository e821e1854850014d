"""Releases with a Keras that the catalog has no row of: found on the index, locked when asked for, kept."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.bisecting.interval import between
from bnregress.machine.interpreters import Interpreter
from bnregress.releases.catalog import Release, read_catalog
from bnregress.releases.index import Index
from bnregress.releases.nightly import UnresolvedError
from bnregress.releases.ondemand import resolve_on_demand, with_keras_between
from tests.planning.plans import plan_of

_SHIPPED = read_catalog()
_OWN = replace(_SHIPPED.releases["tf2.18.1"], keras="3.11.1")
#: As it is shipped, but that one TensorFlow has a Keras that is newer than all of the index below.
CATALOG = replace(_SHIPPED, releases=_SHIPPED.releases | {_OWN.id: _OWN})
PYTHON = Interpreter(platform.python_version(), Path(sys.executable).resolve())
#: An index that has nothing: whatever is asked of uv fails at once, and no network is touched.
NOWHERE = {**os.environ, "UV_DEFAULT_INDEX": Path(__file__).parent.as_uri()}


def index(packages: Collection[str]) -> Index:
    assert list(packages) == ["keras"]
    versions = ("2.1.2", "2.1.3", "2.1.4", "3.6.0", "3.7.0", "3.8.0rc1", "3.9.0", "3.10.0", "3.11.0")
    wheels = dict.fromkeys(versions, ("3.7", "3.12", "3.13"))
    return Index(wheels={"keras": wheels | {"3.9.0": ("3.13",)}})


def found(first: str, last: str, cache: Path) -> dict[str, Release]:
    return with_keras_between(CATALOG, first, last, cache=cache, ask=index)


def test_every_final_keras_with_a_wheel_stands_between_the_two_ends(tmp_path: Path) -> None:
    releases = found("tf2.18.1-keras3.6.0", "tf2.18.1-keras3.10.0", tmp_path)
    row = [release.id for release in between(releases, "tf2.18.1-keras3.6.0", "tf2.18.1-keras3.10.0")]
    assert row == ["tf2.18.1-keras3.6.0", "tf2.18.1-keras3.7.0", "tf2.18.1-keras3.10.0"]


def test_a_row_of_the_catalog_is_taken_as_it_is_and_a_new_one_is_like_its_neighbours(tmp_path: Path) -> None:
    releases = found("tf2.18.1-keras3.6.0", "tf2.18.1", tmp_path)
    assert releases["tf2.18.1-keras3.6.0"] is CATALOG.releases["tf2.18.1-keras3.6.0"]
    new, pattern = releases["tf2.18.1-keras3.10.0"], CATALOG.releases["tf2.18.1-keras3.6.0"]
    assert new.on_demand
    assert not pattern.on_demand
    assert (new.python, new.tools, new.constraints) == (pattern.python, pattern.tools, pattern.constraints)
    assert new.requirements() == ("tensorflow-cpu==2.18.1", "keras==3.10.0")


def test_the_row_reaches_from_and_to_the_keras_of_a_tensorflow_alone(tmp_path: Path) -> None:
    releases = found("tf1.15.5-keras2.1.2", "tf1.15.5-keras2.1.6", tmp_path)
    row = [release.id for release in between(releases, "tf1.15.5-keras2.1.2", "tf1.15.5-keras2.1.6")]
    assert row == [f"tf1.15.5-keras2.1.{patch}" for patch in (2, 3, 4, 6)]
    to_its_own = found("tf2.18.1-keras3.10.0", "tf2.18.1", tmp_path)
    row = [release.id for release in between(to_its_own, "tf2.18.1-keras3.10.0", "tf2.18.1")]
    assert row == ["tf2.18.1-keras3.10.0", "tf2.18.1-keras3.11.0", "tf2.18.1"]


@pytest.mark.parametrize(
    ("first", "last"), [("tf2.0.0", "tf2.3.4"), ("nightly", "nightly"), ("tf9.9.9-keras3.6.0", "tf9.9.9-keras3.7.0")]
)
def test_other_ends_leave_the_catalog_alone_and_ask_no_index(first: str, last: str, tmp_path: Path) -> None:
    def never(packages: Collection[str]) -> Index:
        raise AssertionError(packages)

    assert with_keras_between(CATALOG, first, last, cache=tmp_path, ask=never) == CATALOG.releases


def test_a_lock_that_is_kept_is_used_again_without_asking_the_index(tmp_path: Path) -> None:
    release = found("tf2.18.1-keras3.6.0", "tf2.18.1-keras3.10.0", tmp_path)["tf2.18.1-keras3.7.0"]
    lock = release.lock_path()
    lock.parent.mkdir(parents=True)
    lock.write_text("keras==3.7.0\n", encoding="utf-8")
    assert resolve_on_demand(release, PYTHON, "cpu", environ=NOWHERE) == release
    assert lock.read_text(encoding="utf-8") == "keras==3.7.0\n"


@pytest.mark.parametrize(
    ("environ", "reason"),
    [(NOWHERE, "could not be resolved"), ({**NOWHERE, "UV_OFFLINE": "1"}, "--offline rules out")],
)
def test_a_release_that_cannot_be_locked_is_planned_as_unavailable_and_leaves_no_lock(
    environ: dict[str, str], reason: str, tmp_path: Path
) -> None:
    releases = found("tf2.18.1-keras3.6.0", "tf2.18.1-keras3.10.0", tmp_path)
    release = releases["tf2.18.1-keras3.7.0"]
    with pytest.raises(UnresolvedError, match=reason):
        resolve_on_demand(release, PYTHON, "cpu", environ=environ)
    plan = plan_of(
        select=(release.id,),
        paths=("vgg16",),
        catalog=releases,
        find=lambda python: PYTHON,
        resolve=lambda *asked: resolve_on_demand(*asked, environ=environ),
    )
    (planned,) = plan.releases
    assert planned.unavailable is not None
    assert reason in planned.unavailable
    assert planned.remedy
    assert not release.lock_path().exists()
