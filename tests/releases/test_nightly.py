"""The release whose versions are those of the day: made once a day, kept, and told clearly where it cannot be."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bnregress.machine.interpreters import Interpreter
from bnregress.planning.plan import Plan
from bnregress.releases.catalog import ConstraintSet, Release, load_catalog
from bnregress.releases.nightly import UnresolvedError, resolve_nightly
from bnregress.releases.resolution import Package, as_requirements
from tests.planning.plans import plan_of

PYTHON = Interpreter(platform.python_version(), Path(sys.executable).resolve())
#: An index that has nothing: whatever is asked of uv fails at once, and no network is touched.
NOWHERE = {**os.environ, "UV_DEFAULT_INDEX": Path(__file__).parent.as_uri()}


@pytest.fixture
def nightly() -> Release:
    return load_catalog()["nightly"]


def keep(cache: Path, day: str, python: str, version: str) -> Path:
    packages = [
        Package(name="keras-nightly", version="3.16.0.dev1", sha256=("a" * 64,)),
        Package(name="tf-nightly", version=version, sha256=("b" * 64,)),
    ]
    path = cache / "nightly" / f"{day}-py{python}" / "nightly.cpu.txt"
    path.parent.mkdir(parents=True)
    path.write_text(as_requirements(packages, ConstraintSet()), encoding="utf-8")
    return path


def test_the_lock_of_the_day_is_used_again_without_asking_the_index(nightly: Release, tmp_path: Path) -> None:
    lock = keep(tmp_path, "2026-11-24", nightly.python, "2.23.0.dev20261026")

    found = resolve_nightly(nightly, PYTHON, "cpu", cache=tmp_path, environ=NOWHERE, day="2026-11-24")

    assert (found.tensorflow, found.keras) == ("2.23.0.dev20261026", "3.16.0.dev1")
    assert found.lock() == lock
    assert not found.is_floating


def test_offline_the_newest_that_is_kept_is_used(nightly: Release, tmp_path: Path) -> None:
    keep(tmp_path, "2026-11-20", nightly.python, "2.23.0.dev1")
    keep(tmp_path, "2026-11-22", nightly.python, "2.23.0.dev3")
    keep(tmp_path, "2026-11-23", "3.9", "2.23.0.dev4")

    found = resolve_nightly(
        nightly, PYTHON, "cpu", cache=tmp_path, environ={**NOWHERE, "UV_OFFLINE": "1"}, day="2026-11-24"
    )

    assert found.tensorflow == "2.23.0.dev3"


def test_an_old_lock_is_not_used_where_the_index_may_be_asked(nightly: Release, tmp_path: Path) -> None:
    keep(tmp_path, "2026-11-22", nightly.python, "2.23.0.dev3")

    with pytest.raises(UnresolvedError, match=r"nightly could not be resolved: .*tf-nightly"):
        resolve_nightly(nightly, PYTHON, "cpu", cache=tmp_path, environ=NOWHERE, day="2026-11-24")


def plan(tmp_path: Path, environ: dict[str, str]) -> Plan:
    return plan_of(
        select=["nightly"],
        catalog=load_catalog(),
        find=lambda python: PYTHON,
        resolve=partial(resolve_nightly, cache=tmp_path, environ=environ, day="2026-11-24"),
        known_paths=["h5"],
        suite_sha256=lambda: "5" * 64,
    )


def test_offline_without_a_lock_it_is_planned_as_unavailable_with_what_helps(tmp_path: Path) -> None:
    (planned,) = plan(tmp_path, {**NOWHERE, "UV_OFFLINE": "1"}).releases

    assert "--offline" in str(planned.unavailable)
    assert "without --offline" in str(planned.remedy)


def test_where_the_index_lacks_it_it_is_planned_as_unavailable_with_what_uv_says(tmp_path: Path) -> None:
    (planned,) = plan(tmp_path, NOWHERE).releases

    assert "tf-nightly" in str(planned.unavailable)
    assert "index" in str(planned.remedy)


def test_the_plan_holds_the_versions_and_the_hash_of_the_lock_and_survives_its_json(
    nightly: Release, tmp_path: Path
) -> None:
    keep(tmp_path, "2026-11-24", nightly.python, "2.23.0.dev20261026")

    made = plan(tmp_path, NOWHERE)
    (planned,) = made.available

    assert planned.release.tensorflow == "2.23.0.dev20261026"
    assert planned.lock_sha256 == planned.release.lock_sha256()
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_caller_that_cannot_resolve_plans_it_as_unavailable() -> None:
    made = plan_of(
        select=["nightly"],
        catalog=load_catalog(),
        find=lambda python: PYTHON,
        known_paths=["h5"],
        suite_sha256=lambda: "5" * 64,
    )

    assert "--select nightly" in str(made.releases[0].remedy)


def test_it_is_newer_than_every_release_before_and_after_it_was_resolved(nightly: Release) -> None:
    resolved = replace(nightly, tensorflow="2.23.0.dev20261026", keras="3.16.0.dev1")
    others = [release.sort_key for release in load_catalog().values() if release.id != "nightly"]

    assert list(load_catalog())[-1] == "nightly"
    assert min(nightly.sort_key, resolved.sort_key) > max(others)
