"""A release whose own Python is neither here nor to be fetched runs on another that it has wheels for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.machine.interpreters import Interpreter
from bnregress.planning.plan import Plan, PlannedRelease, on_another_python
from bnregress.releases.catalog import Release, load_catalog
from tests.planning.plans import plan_of

CATALOG = load_catalog()


def here(*pythons: str, fetched: tuple[str, ...] = ()) -> Callable[[str], Interpreter | None]:
    """A machine with these Pythons, on which those of `fetched` can be fetched."""

    def find(python: str) -> Interpreter | None:
        if python in pythons:
            return Interpreter(f"{python}.9", Path(f"/opt/python{python}"))
        return Interpreter(f"{python}.9", Path("/there"), "https://example/python") if python in fetched else None

    return find


def planned(release: str, find: Callable[[str], Interpreter | None], **options: str) -> PlannedRelease:
    return plan_of(select=(release,), paths=("vgg16",), find=find, catalog=CATALOG, **options).releases[0]


@pytest.mark.parametrize("python", ["3.7", "3.10", "3.12", "3.13", "3.14"])
def test_one_python_alone_runs_every_default_release_that_has_wheels_for_it(python: str) -> None:
    plan = plan_of(find=here(python), catalog=CATALOG)

    default = {row.id: row for row in CATALOG.values() if "default" in row.groups}
    beside = f".cpu.py{python.replace('.', '')}.txt"
    locked = {id_ for id_, row in default.items() if row.python == python or (row.locks / f"{id_}{beside}").is_file()}
    assert {each.id for each in plan.releases} == set(default)
    assert {each.id for each in plan.available} == locked
    assert (python == "3.14") == (not locked)
    assert {each.release.python for each in plan.available} <= {python}


def test_the_release_runs_on_the_nearest_python_and_with_the_lock_for_it() -> None:
    found = planned("tf2.8.4", here("3.7", "3.10"))

    assert found.unavailable is None
    assert found.interpreter is not None
    assert (found.release.python, found.release.own_python, found.interpreter.version) == ("3.10", "3.9", "3.10.9")
    lock = found.release.lock(found.device)
    assert lock.name == "tf2.8.4.cpu.py310.txt"
    assert found.lock_sha256 == hashlib.sha256(lock.read_bytes()).hexdigest()


@pytest.mark.parametrize("find", [here("3.9", "3.10"), here("3.10", fetched=("3.9",))], ids=["here", "to be fetched"])
def test_its_own_python_goes_first(find: Callable[[str], Interpreter | None]) -> None:
    found = planned("tf2.8.4", find)
    assert (found.release.python, found.release.own_python) == ("3.9", None)
    assert found.release.lock_path().name == "tf2.8.4.cpu.txt"


def test_another_python_is_never_fetched() -> None:
    assert planned("tf2.8.4", here(fetched=("3.10",))).unavailable is not None


def test_a_plan_tells_on_which_python_it_is_after_it_was_written_and_read() -> None:
    plan = plan_of(select=("tf2.8.4",), paths=("vgg16",), find=here("3.10"), catalog=CATALOG)
    assert Plan.from_json(plan.to_json()) == plan
    own = plan_of(select=("tf2.8.4",), paths=("vgg16",), find=here("3.9"), catalog=CATALOG)
    assert Plan.from_json(own.to_json()).releases[0].release.other_pythons == CATALOG["tf2.8.4"].other_pythons
    assert own.hash != plan.hash


def test_what_could_not_be_fetched_is_planned_on_another_python_that_is_here() -> None:
    offered = planned("tf2.8.4", here("3.10", fetched=("3.9",)))
    other = on_another_python(offered, here("3.10", fetched=("3.9",)))

    assert other == planned("tf2.8.4", here("3.10"))
    assert on_another_python(offered, here(fetched=("3.9", "3.10"))) is None
    assert on_another_python(offered, here("3.10"), only="3.8") is None


def test_a_release_without_a_lock_for_that_python_is_not_planned_on_it(tmp_path: Path) -> None:
    offered = planned("tf2.8.4", here("3.10", fetched=("3.9",)))
    lacking = replace(offered, release=replace(offered.release, locks=tmp_path))
    assert on_another_python(lacking, here("3.10")) is None


@pytest.mark.parametrize("release", CATALOG.values(), ids=list(CATALOG))
def test_no_release_stands_on_its_own_python_twice(release: Release) -> None:
    assert release.python not in release.other_pythons
