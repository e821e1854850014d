"""Environments are kept within a budget: which go, which never do, and what a full disk leaves standing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uv import find_uv_bin

from bnregress.errors import ExitCode
from bnregress.machine.interpreters import Interpreter
from bnregress.machine.locations import ENVIRONMENTS_VARIABLE
from bnregress.machine.sealing import SEAL, is_sealed, note_use, seal
from bnregress.releases.catalog import load_catalog
from bnregress.run import disk
from bnregress.run.disk import ENVIRONMENT_BYTES, Environment, Space, default_budget, environments_in, foresee
from bnregress.run.environments import environment_path, held
from bnregress.run.events import EnvironmentRemoved
from bnregress.run.options import RunOptions
from tests.run.conftest import PYTHON, World, make_release, run

SIZE = 64 * 1024
INTERPRETER = Interpreter("3.11.7", Path("/opt/python"))


def make(root: Path, name: str, used: float, size: int = SIZE) -> Path:
    """A tiny environment that was last used at that second; not finished where that is 0."""
    path = environment_path(root, name)
    path.mkdir(parents=True)
    (path / "library").write_bytes(os.urandom(size))
    if used:
        seal(path, lock_sha256="1" * 64, interpreter=INTERPRETER)
        os.utime(path / SEAL, (used, used))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four environments, tf4 the most recently used, tf1 never finished; and two folders that are none."""
    for number in (4, 3, 2):
        make(tmp_path, f"tf{number}", float(number))
    make(tmp_path, "tf1", 0.0)
    (tmp_path / "lint").mkdir()
    (tmp_path / ".locks").mkdir()
    return tmp_path


def names(environments: list[Environment]) -> list[str]:
    return [each.path.name for each in environments]


def space(root: Path, budget: int, wanted: tuple[str, ...] = ()) -> tuple[Space, list[Environment]]:
    removed: list[Environment] = []
    return Space(root, budget, [environment_path(root, name) for name in wanted], removed.append), removed


def taken(root: Path) -> int:
    return sum(each.size for each in environments_in(root))


def test_the_least_recently_used_come_first_and_other_folders_are_left_alone(root: Path) -> None:
    found = environments_in(root)

    assert names(found) == ["regress-tf1", "regress-tf2", "regress-tf3", "regress-tf4"]
    assert all(each.size >= SIZE for each in found)
    assert environments_in(root / "absent") == []


def test_a_file_that_two_have_counts_for_the_one_that_was_used_last(root: Path) -> None:
    shared = environment_path(root, "tf2") / "shared"
    shared.write_bytes(os.urandom(10 * SIZE))
    os.link(shared, environment_path(root, "tf4") / "shared")
    by_name = {each.path.name: each.size for each in environments_in(root)}

    assert by_name["regress-tf4"] > 10 * SIZE
    assert by_name["regress-tf2"] < 10 * SIZE


def test_use_makes_an_environment_the_last_to_go(root: Path) -> None:
    note_use(environment_path(root, "tf2"))

    assert names(environments_in(root))[-1] == "regress-tf2"


def test_what_fits_the_budget_stays(root: Path) -> None:
    keeper, removed = space(root, taken(root) + ENVIRONMENT_BYTES)

    keeper.make_room(environment_path(root, "tf5"))

    assert removed == []
    assert len(environments_in(root)) == 4


def test_as_many_go_as_must_the_least_recently_used_first(root: Path) -> None:
    keeper, removed = space(root, taken(root) + ENVIRONMENT_BYTES - SIZE - 1)

    keeper.make_room(environment_path(root, "tf5"))

    assert names(removed) == ["regress-tf1", "regress-tf2"]
    assert names(environments_in(root)) == ["regress-tf3", "regress-tf4"]
    assert (root / "lint").is_dir()


def test_one_in_use_never_goes(root: Path) -> None:
    keeper, removed = space(root, 1)
    holder = {"pid": 1}

    with held(environment_path(root, "tf2"), holder, waiting=print, stopped=lambda: False) as mine:
        assert mine
        keeper.make_room(environment_path(root, "tf5"))

    assert names(removed) == ["regress-tf1", "regress-tf3", "regress-tf4"]
    assert is_sealed(environment_path(root, "tf2"))


def test_what_the_run_still_needs_goes_last(root: Path) -> None:
    keeper, removed = space(root, taken(root) + ENVIRONMENT_BYTES - 2 * SIZE, wanted=("tf1", "tf2"))

    keeper.make_room(environment_path(root, "tf5"))

    assert names(removed) == ["regress-tf3", "regress-tf4"]


def test_what_the_run_has_done_with_may_go(root: Path) -> None:
    keeper, removed = space(root, taken(root) + ENVIRONMENT_BYTES - 1, wanted=("tf1", "tf2", "tf3", "tf4"))

    with keeper.used_by_run(environment_path(root, "tf3")):
        pass
    keeper.make_room(environment_path(root, "tf5"))

    assert names(removed) == ["regress-tf3"]


def test_two_that_are_made_side_by_side_both_get_room(root: Path) -> None:
    keeper, removed = space(root, taken(root) + ENVIRONMENT_BYTES)

    keeper.make_room(environment_path(root, "tf5"))
    assert removed == []
    keeper.make_room(environment_path(root, "tf6"))
    assert len(removed) == 4


def test_the_default_leaves_10_gb_free_and_is_at_most_60(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 25 * disk.GB

    monkeypatch.setattr("bnregress.run.disk.shutil.disk_usage", lambda path: Usage)

    assert default_budget(tmp_path / "not" / "made", 5 * disk.GB) == 20 * disk.GB
    assert default_budget(tmp_path, 500 * disk.GB) == 60 * disk.GB
    Usage.free = 1
    assert default_budget(tmp_path, 0) == 0


ENVIRONMENTS = st.lists(
    st.builds(
        Environment,
        path=st.integers(0, 9).map(lambda number: Path(f"/e/{number}")),
        size=st.integers(1, 3 * disk.GB),
        used=st.floats(0, 100),
    ),
    unique_by=lambda each: each.path,
)


@given(ENVIRONMENTS, st.lists(st.integers(0, 9).map(lambda number: Path(f"/e/{number}")), unique=True), st.data())
def test_what_is_foreseen_keeps_to_the_budget_or_keeps_one_alone(
    there: list[Environment], wanted: list[Path], data: st.DataObject
) -> None:
    ready = [each.path for each in there if each.path in wanted and data.draw(st.booleans())]
    budget = data.draw(st.integers(1, 40 * disk.GB))

    foreseen = foresee(there, wanted, ready, budget)

    sizes = {each.path: each.size for each in there} | dict.fromkeys(foreseen.made, ENVIRONMENT_BYTES)
    if foreseen.made:
        at_least = max(budget, ENVIRONMENT_BYTES) if wanted[-1] in foreseen.made else None
        assert at_least is None or sum(sizes[path] for path in foreseen.kept) <= at_least
    else:
        assert foreseen.removed == ()
    assert set(foreseen.kept) | set(foreseen.removed) == {each.path for each in there} | set(wanted)
    assert not wanted or wanted[-1] in foreseen.kept


def test_a_run_keeps_within_the_budget_and_tells_what_it_removed(world: World) -> None:
    world.catalog["tf9.9.8"] = make_release("tf9.9.8", PYTHON, world.root / "locks")
    world.catalog["tf9.9.8"].lock_path().write_bytes(world.catalog["tf9.9.9"].lock_path().read_bytes())
    options = RunOptions(out=world.out, select=("tf9.9.*",), paths=("sound",), jobs=2, disk_budget=ENVIRONMENT_BYTES)

    results, code = run(options, world.events.append, world.surroundings())

    assert code == ExitCode.EXPECTED
    assert {cell.status for cell in results.cells} == {"pass"}
    assert len(world.told(EnvironmentRemoved)) == 1
    assert len(environments_in(world.environments)) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for a small environment and not for a large one."""
    path = tmp_path / "small-disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", path], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a file system here: {mounted.stderr.decode().strip()}")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)


def test_a_disk_that_is_full_during_an_installation_is_infra_for_that_release_and_the_rest_goes_on(
    world: World, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world.root / "large"
    folder.mkdir()
    (folder / "requirements.in").write_text("pytest\npytest-xdist\nnumpy\n", encoding="utf-8")
    command = [find_uv_bin(), "pip", "compile", "--quiet", "--generate-hashes", "--python", sys.executable]
    subprocess.run([*command, "requirements.in", "-o", "lock.txt"], cwd=folder, check=True)
    large = make_release("tf9.9.8", PYTHON, folder)
    large.lock_path().write_bytes((folder / "lock.txt").read_bytes())
    monkeypatch.setenv(ENVIRONMENTS_VARIABLE, str(small_disk / "environments"))
    world.catalog = {large.id: large, **world.catalog}
    options = RunOptions(out=world.out, select=("tf9.9.*",), paths=("sound",), jobs=1, disk_budget=100 * disk.GB)

    results, code = run(options, world.events.append, world.surroundings())

    full, fine = results.cells
    assert (full.id.release, full.status, full.kind) == ("tf9.9.8", "error", "infra")
    assert "The disk is full" in full.reason
    assert "--disk-budget" in str(full.remedy)
    assert (fine.id.release, fine.status) == ("tf9.9.9", "pass"), world.log()
    assert code == ExitCode.UNDECIDED
    assert not environment_path(small_disk / "environments", "tf9.9.8").exists()


def test_all_default_releases_fit_into_the_default_budget_by_their_measured_sizes() -> None:
    releases = [release for release in load_catalog().values() if "default" in release.groups]
    wanted = [environment_path(Path("/e"), release.id) for release in releases]

    foreseen = foresee([], wanted, (), disk.DEFAULT_BUDGET)

    assert all(0.4 * disk.GB < disk.room_for(path) < ENVIRONMENT_BYTES for path in wanted)
    assert (len(foreseen.made), foreseen.removed) == (len(wanted), ())
    assert foreseen.needed == sum(map(disk.room_for, wanted)) < disk.DEFAULT_BUDGET


@pytest.mark.parametrize("name", ["regress-tf9-9-9", "0a1b2c3d", "regress-nightly", "regress-tf2-150-0"])
def test_an_environment_whose_size_was_never_measured_is_given_room_for_the_largest(name: str) -> None:
    assert disk.room_for(Path(name)) == ENVIRONMENT_BYTES > max(disk.measured_bytes().values())
