"""A build in place of a package of a release: what is replaced by what, and that the tests really took it."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.errors import ExitCode, UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.machine.local_environment import is_local
from bnregress.releases.builds import Unpacked, with_builds
from bnregress.releases.catalog import Release, load_catalog
from bnregress.results.file import load_results
from bnregress.run.unpacking import unpacked
from tests.run.builds import source, wheel
from tests.run.conftest import World

HERE = Interpreter(platform.python_version(), Path(sys.executable).resolve())


def put_into(world: World, given: str) -> Release:
    """Put a build into the release of the world, in place of the release itself."""
    release = with_builds(world.catalog["tf9.9.9"], [unpacked(given, HERE)], "cpu")
    world.catalog = {release.id: release}
    return release


def test_a_build_takes_the_place_of_a_package_and_the_record_says_so(shared_world: World, tmp_path: Path) -> None:
    world = shared_world
    lock = world.catalog["tf9.9.9"].lock_sha256()
    release = put_into(world, f"extra={wheel(tmp_path, 'extra', '1.2.dev3')}")
    assert release.id == "tf9.9.9-extra1.2.dev3+local"
    assert is_local(release.id)

    results, code = world.run("sound", "shows-its-surroundings", select=(release.id,), fresh=False)

    assert code == ExitCode.EXPECTED, world.log(release.id)
    told = load_results(world.out / "results.json").releases[release.id]
    assert told.lock_sha256 not in (None, lock)
    assert told.packages is not None
    assert told.packages["extra"] == "1.2.dev3"
    assert told.local is not None
    assert told.local["base"] == "tf9.9.9"
    (build,) = told.local["builds"]
    assert (build["package"], build["version"], build["replaced"]) == ("extra", "1.2.dev3", "nothing")
    surroundings = next(cell for cell in results.cells if cell.id.path == "shows-its-surroundings").checks[0].evidence
    assert str(release.builds[0].folder) in surroundings["path"]
    # It runs in the release's own environment, which stays as it is, and nothing of it is cached.
    assert world.environment("tf9.9.9").is_dir()
    assert not world.environment(release.id).exists()
    assert not [*world.root.glob("cache/verdicts/*/*.json")]


def test_a_module_that_does_not_come_from_the_build_decides_nothing(shared_world: World, tmp_path: Path) -> None:
    release = put_into(shared_world, f"extra={wheel(tmp_path, 'extra', '1.0')}")
    build = replace(release.builds[0], modules=("extra", "pytest"))
    shared_world.catalog = {release.id: replace(release, builds=(build,))}

    results, code = shared_world.run("sound", select=(release.id,))

    assert code == ExitCode.UNDECIDED
    assert "its tests took pytest from" in results.cells[0].reason


def test_a_build_that_changes_while_it_is_used_decides_nothing(shared_world: World, tmp_path: Path) -> None:
    release = put_into(shared_world, f"extra={wheel(tmp_path, 'extra', '1.0')}")
    records = shared_world.records(release.id)

    def alter() -> None:
        for _ in range(600):
            if any(records.glob("*.started.json")):
                break
            time.sleep(0.05)
        (release.builds[0].folder / "extra" / "__init__.py").write_text("changed = True\n", encoding="utf-8")

    other = threading.Thread(target=alter)
    other.start()
    results, code = shared_world.run("slow", select=(release.id,), jobs=1)
    other.join()

    assert code == ExitCode.UNDECIDED
    assert "the build of extra have changed" in results.cells[0].reason


def test_a_source_tree_is_built_apart_and_one_that_changed_is_another_build(world: World, tmp_path: Path) -> None:
    tree = source(tmp_path / "tree", "extra", "1.0")
    before = sorted(tree.rglob("*"))
    first, again = (unpacked(f"extra={tree}", HERE) for _ in range(2))
    assert sorted(tree.rglob("*")) == before
    assert first == again
    assert first.folder.is_relative_to(world.root / "cache")
    file = tree / "backend.py"
    file.write_text(file.read_text(encoding="utf-8").replace("__version__ =", "version ="), encoding="utf-8")
    assert unpacked(f"extra={tree}", HERE).sha256 != first.sha256


@pytest.mark.usefixtures("world")
def test_a_revision_of_a_repository_is_built(tmp_path: Path) -> None:
    tree = source(tmp_path / "tree", "extra", "3.0")
    git = ("git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "one"), ("tag", "v3")):
        subprocess.run([*git, *command], check=True)
    assert unpacked(f"extra=git+{tree.as_uri()}@v3", HERE).version == "3.0"


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("extra", "is not PACKAGE=BUILD"),
        ("extra=", "is not PACKAGE=BUILD"),
        ("ex tra=x", "is not PACKAGE=BUILD"),
        ("extra=nowhere", "is not a folder with a pyproject.toml"),
        ("extra=empty", "is not a folder with a pyproject.toml"),
        ("extra=broken.whl", "cannot be built"),
        ("other=extra-1.0-py3-none-any.whl", "it is a build of extra"),
        ("extra=git+file:///nowhere/at/all", "cannot be built"),
    ],
)
def test_what_is_no_build_is_refused(given: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.whl").write_text("", encoding="utf-8")
    wheel(tmp_path, "extra", "1.0")
    with pytest.raises(UsageError) as refused:
        unpacked(given, HERE)
    assert reason in str(refused.value)


def build(package: str, version: str, *requires: str) -> Unpacked:
    return Unpacked(
        package=package,
        version=version,
        given=".",
        folder=Path("/nowhere"),
        sha256="a" * 64,
        modules=(package,),
        requires=requires,
    )


@pytest.mark.parametrize(
    ("release", "builds", "id", "replaced"),
    [
        ("tf2.21.0", [("keras", "3.99.0.dev1+gabc")], "tf2.21.0-keras3.99.0.dev1+local", "keras"),
        ("tf2.21.0-keras3.15.1", [("keras", "3.99.0")], "tf2.21.0-keras3.99.0+local", "keras 3.15.1"),
        ("tf2.21.0-keras3.15.1", [("tf-keras", "2.22.0")], "tf2.21.0-keras3.15.1-tf-keras2.22.0+local", "tf-keras"),
        ("tf2.21.0-keras3.15.1", [("keras-hub", "0.99")], "tf2.21.0-keras3.15.1-keras-hub0.99+local", "keras-hub"),
        ("tf2.21.0", [("tensorflow", "2.22.0.dev4")], "tf2.22.0.dev4+local", "tensorflow-cpu 2.21.0"),
        ("tf2.1.0", [("keras", "2.4.3")], "tf2.1.0-keras2.4.3+local", "nothing"),
    ],
)
def test_the_id_and_the_record_say_what_was_replaced_by_what(
    release: str, builds: list[tuple[str, str]], id: str, replaced: str
) -> None:
    own = load_catalog()[release]
    found = with_builds(own, [build(*each) for each in builds], "cpu")
    assert found.id == id
    assert found.builds[0].replaced.startswith(replaced)
    assert found.lock_sha256() != own.lock_sha256() == found.environment_sha256()
    other = with_builds(own, [replace(build(*each), sha256="b" * 64) for each in builds], "cpu")
    assert other.lock_sha256() != found.lock_sha256()


def test_a_build_that_needs_what_the_release_lacks_is_refused() -> None:
    own = load_catalog()["tf2.21.0"]
    with_builds(own, [build("keras", "3.99.0", "numpy", "optree>=0.1", "torch; extra == 'gpu'")], "cpu")
    with_builds(own, [build("keras-hub", "1.0", "tensorflow>=2", "keras")], "cpu")
    with pytest.raises(UsageError, match=r"needs numpy<1, and the environment of tf2\.21\.0 has numpy"):
        with_builds(own, [build("keras", "3.99.0", "numpy<1")], "cpu")
    with pytest.raises(UsageError, match="has no nothing-like-it"):
        with_builds(own, [build("keras", "3.99.0", "nothing_like_it>1")], "cpu")
    with_builds(own, [build("keras", "3.99.0", "nothing_like_it>1"), build("nothing-like-it", "2.0")], "cpu")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run", "--with", "keras=."], "name that one with --select"),
        (["run", "--with", "keras=.", "--select", "tf2.21.0/h5"], "name that one with --select"),
        (["run", "--with", "keras=.", "--select", "nightly"], "other packages each day"),
        (["run", "--with", "keras=.", "--select", "tf9.9"], "No release is named"),
        (["run", "--with", "keras=.", "--with", "keras=.", "--select", "tf2.21.0"], "given twice"),
        (["run", "--with", "keras=.", "--environment", "."], "Give only one"),
        (["gate", "--with", "keras=.", "--from", "tf2.21.0", "--to", "tf9"], "No release is named 'tf9'"),
        (["gate", "--with", "keras=.", "--from", "tf2.21.0", "--to", "tf2.21.0-keras9.9.9"], "that --to names"),
        (["run", "--with", "keras=nothing", "--select", "tf2.21.0"], "nothing is not a folder with a pyproject.toml"),
    ],
)
def test_a_wrong_use_is_refused(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == ExitCode.USAGE
    assert reason in " ".join(capsys.readouterr().err.split())
