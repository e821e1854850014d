"""The suite in an environment that a person brings: of each kind that people have, unchanged, and nothing believed of
one that changes."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bnregress.errors import ExitCode, UsageError
from bnregress.machine.local_environment import describe, is_local
from bnregress.planning.plan import make_plan
from bnregress.planning.request import PlanRequest
from bnregress.releases.local import local_release
from bnregress.results.file import load_results
from bnregress.results.model import Results
from bnregress.run.environments import place_of
from bnregress.run.suite_tools import WHEELS, require_fitting, tools
from bnregress.run.verdict_cache import key_of
from tests.run.brought import TENSORFLOW, installed, packages, script, virtual
from tests.run.conftest import World

ID = "tf9.9.9+local"


def bring(world: World, given: Path, *paths: str, resume: bool = False) -> tuple[Results, ExitCode]:
    release = local_release(str(given))
    world.catalog = {release.id: release}
    return world.run(*paths, select=("group:local",), resume=resume, jobs=1)


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in sorted(folder.rglob("*"))}


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    packages(virtual(tmp_path / "mine"))
    return tmp_path / "mine"


# The kinds: each makes one below a folder, and returns what the person would name.


def a_virtual_environment(root: Path) -> Path:
    packages(virtual(root / "mine"))
    return root / "mine"


def its_interpreter(root: Path) -> Path:
    return a_virtual_environment(root) / "bin" / "python"


def the_layout_of_conda(root: Path) -> Path:
    """A prefix with an interpreter and conda-meta in it, and no pyvenv.cfg above its packages."""
    prefix = root / "conda"
    home = Path(sys.base_prefix)
    version = f"python3.{sys.version_info.minor}"
    for folder in ("bin", "conda-meta", f"lib/{version}/site-packages"):
        (prefix / folder).mkdir(parents=True)
    (prefix / "conda-meta" / "history").write_text("", encoding="utf-8")
    packages(prefix / "lib" / version / "site-packages")
    # The standard library is the real one's: a copy of it would take longer than all else here.
    for entry in (home / "lib" / version).iterdir():
        if entry.name != "site-packages":
            (prefix / "lib" / version / entry.name).symlink_to(entry)
    script(prefix / "bin" / "python", f'PYTHONHOME="{prefix}" exec "{home}/bin/{version}" "$@"\n')
    return prefix


def a_script_in_place_of_an_interpreter(root: Path) -> Path:
    site = packages(root / "elsewhere")
    python = virtual(root / "bare").parents[2] / "bin" / "python"
    return script(root / "tools" / "mypython", f'PYTHONPATH="{site}" MY_LIBRARIES=1 exec "{python}" "$@"\n')


def packages_on_a_pth(root: Path) -> Path:
    elsewhere = packages(root / "elsewhere")
    (virtual(root / "mine") / "more.pth").write_text(f"{elsewhere}\n", encoding="utf-8")
    return root / "mine"


def packages_outside_with_system_site_packages(root: Path) -> Path:
    """Such an environment takes those of the user too, which `PYTHONUSERBASE` of the test below puts here."""
    virtual(root / "mine", "--system-site-packages")
    packages(root / "user" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages")
    return root / "mine"


def one_that_is_read_only(root: Path) -> Path:
    a_virtual_environment(root)
    for path in (root / "mine", *(root / "mine").rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    return root / "mine"


def one_with_another_pytest_and_a_plugin(root: Path) -> Path:
    site = packages(virtual(root / "mine"))
    installed(site, "pytest", "2.0.0")
    (site / "pytest.py").write_text("raise ImportError('the pytest of the environment')\n", encoding="utf-8")
    installed(site, "greedy", "1.0")
    entry_points = "[pytest11]\ngreedy = greedy\n"
    (site / "greedy-1.0.dist-info" / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    (site / "greedy.py").write_text("raise ImportError('a plugin of the environment')\n", encoding="utf-8")
    return root / "mine"


KINDS = (
    a_virtual_environment,
    its_interpreter,
    the_layout_of_conda,
    a_script_in_place_of_an_interpreter,
    packages_on_a_pth,
    packages_outside_with_system_site_packages,
    one_that_is_read_only,
    one_with_another_pytest_and_a_plugin,
)


@pytest.fixture
def writable_again(tmp_path: Path) -> Iterator[None]:
    yield
    for folder in (tmp_path / "brought").rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)


@pytest.mark.usefixtures("writable_again")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_environment_of_each_kind_runs_the_suite_and_stays_as_it_was(
    world: World, tmp_path: Path, kind: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "brought"
    monkeypatch.setenv("PYTHONUSERBASE", str(root / "user"))
    monkeypatch.delenv("PYTHONNOUSERSITE", raising=False)
    given = kind(root)
    before = listing(root)

    results, code = bring(world, given, "sound", "regresses")

    assert {str(cell.id): cell.status for cell in results.cells} == {
        f"{ID}/sound": "pass",
        f"{ID}/regresses": "regress",
    }, world.log(ID)
    assert code == ExitCode.REGRESSION
    assert listing(root) == before
    told = load_results(world.out / "results.json").releases[ID]
    assert told.tensorflow == "9.9.9"
    assert told.keras == "8.8.8"
    assert told.packages is not None
    assert told.packages["numpy"] == "1.2.3"
    assert told.local is not None
    assert len(told.local["packages_sha256"]) == 64


def test_what_makes_a_framework_work_reaches_it_and_our_own_settings_do_not(
    world: World, venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LD_LIBRARY_PATH": "/opt/cuda", "XLA_FLAGS": "--xla_gpu_cuda_data_dir=/opt/cuda"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("OF_A_MODULE", "1")

    results, _ = bring(world, venv, "shows-its-surroundings")

    seen = results.cells[0].checks[0].evidence if results.cells[0].checks else {}
    shown = json.dumps(seen) + results.cells[0].reason + world.log(ID)
    assert "/opt/cuda" in shown, shown
    assert "--xla_gpu_cuda_data_dir" in shown
    assert "OF_A_MODULE" in shown
    assert "PYTEST_ADDOPTS" not in shown
    told = results.releases[ID].local
    assert told is not None
    assert told["variables"] == {"XLA_FLAGS": "--xla_gpu_cuda_data_dir=/opt/cuda"}


def test_packages_that_change_while_it_runs_leave_nothing_decided(world: World, venv: Path) -> None:
    site = next(venv.glob("lib/python*/site-packages"))
    records = world.records(ID)

    def upgrade() -> None:
        for _ in range(600):
            if any(records.glob("*.started.json")):
                break
            time.sleep(0.05)
        installed(site, "keras", "9.0.0")

    other = threading.Thread(target=upgrade)
    other.start()
    results, code = bring(world, venv, "sound", "slow")
    other.join()

    assert code == ExitCode.UNDECIDED
    assert {(cell.status, cell.kind) for cell in results.cells} == {("error", "infra")}
    assert "keras among them" in results.cells[0].reason
    assert not [*records.glob("*.record.json")]


def test_a_run_is_not_resumed_in_an_environment_that_has_changed_since(world: World, venv: Path) -> None:
    bring(world, venv, "sound")
    bring(world, venv, "sound", resume=True)
    (next(venv.glob("lib/python*/site-packages")) / "numpy" / "core.py").write_text("", encoding="utf-8")

    with pytest.raises(UsageError, match="have changed since"):
        bring(world, venv, "sound", resume=True)


def test_tests_that_import_another_tensorflow_than_was_found_decide_nothing(world: World, venv: Path) -> None:
    file = next(venv.glob("lib/python*/site-packages")) / "tensorflow" / "__init__.py"
    file.write_text(TENSORFLOW.replace("9.9.9", "9.9.8"), encoding="utf-8")

    release = local_release(str(venv))
    world.catalog = {release.id: release}
    # The suite of fakes says that it has 9.9.9 before it.
    results, code = world.run("sound", select=("group:local",), jobs=1)

    assert release.id == "tf9.9.8+local"
    assert code == ExitCode.UNDECIDED
    assert "imported TensorFlow 9.9.9, where 9.9.8 was found" in results.cells[0].reason


def test_it_is_never_taken_for_a_release_and_no_verdict_of_it_is_cached(world: World, venv: Path) -> None:
    assert is_local(ID)
    results, _ = bring(world, venv, "sound")
    assert not [*world.root.glob("cache/verdicts/*/*.json")]
    again, _ = world.run("sound", select=("group:local",), fresh=False)
    assert [cell.cached for cell in (*results.cells, *again.cells)] == [False, False]
    release = world.catalog[ID]
    other = local_release(str(venv))
    assert release.lock_sha256() == other.lock_sha256() == results.releases[ID].lock_sha256


def test_the_record_tells_two_environments_with_the_same_versions_apart(tmp_path: Path) -> None:
    a_virtual_environment(tmp_path / "one")
    a_virtual_environment(tmp_path / "other")
    for root, digest in (("one", "a"), ("other", "b")):
        info = next((tmp_path / root / "mine").glob("lib/python*/site-packages")) / "tensorflow-9.9.9.dist-info"
        (info / "RECORD").write_text(f"tensorflow/__init__.py,sha256={digest * 43},99\n", encoding="utf-8")
    given = (tmp_path / "one" / "mine", tmp_path / "one" / "mine" / "bin" / "python", tmp_path / "other" / "mine")
    one, same, other = (local_release(str(path)) for path in given)
    assert one.id == same.id == other.id
    assert one.lock_sha256() == same.lock_sha256() != other.lock_sha256()


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_packages_below_a_folder_of_pythonpath_are_told_and_watched(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project has its environment in it, and is itself on PYTHONPATH."""
    site = packages(virtual(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = describe(str(tmp_path / name), ())
    assert found.packages == {"tensorflow": "9.9.9", "numpy": "1.2.3"}
    assert found.why_changed() is None
    (site / "numpy" / "table.bin").write_bytes(b"0")
    assert found.why_changed() == "its packages have changed"


def _nowhere(root: Path) -> Path:
    return root / "nowhere"


def _documents(root: Path) -> Path:
    (root / "docs").mkdir(parents=True)
    return root / "docs"


def _notes(root: Path) -> Path:
    return script(root / "notes", "echo 'not found' >&2; exit 127\n")


def _old(root: Path) -> Path:
    return script(root / "python", """echo 'bnregress-environment {"version": [3, 6, 15]}'\n""")


def _bare(root: Path) -> Path:
    virtual(root / "mine")
    return root / "mine"


def _with(text: str) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        packages(virtual(root / "mine"), text)
        return root / "mine"

    return make


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "nothing there": (_nowhere, "does not exist"),
    "a folder of something else": (_documents, "without bin/python"),
    "no interpreter": (_notes, "it says: not found"),
    "an old Python": (_old, "is Python 3.6.15"),
    "no TensorFlow": (_bare, "lacks tensorflow and numpy"),
    "a broken import": (_with("import nothing_like_it\n"), "No module named 'nothing_like_it'"),
    "a crash": (_with("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"), "was ended by SIGILL"),
    "an exit": (_with("import os\nos._exit(3)\n"), "exited with code 3"),
    "a folder named tensorflow": (_with("x = 1\n"), "without __version__"),
    "no version": (_with(TENSORFLOW.replace("9.9.9", "mine")), "which is no version"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_run_is_refused_with_the_reason_before_anything_runs(
    world: World, tmp_path: Path, name: str
) -> None:
    make, reason = BROKEN[name]
    with pytest.raises(UsageError) as refused:
        local_release(str(make(tmp_path / "brought")))
    assert reason in str(refused.value)
    assert not world.out.exists()


def test_a_package_that_is_too_old_for_the_suite_is_named() -> None:
    require_fitting({"attrs": "24.2.0", "tomli": "2.0.1"})
    with pytest.raises(UsageError, match=r"attrs 18\.1\.0.*needs attrs>=19\.2"):
        require_fitting({"attrs": "18.1.0"})


def test_every_wheel_that_the_lock_names_is_carried_and_no_other() -> None:
    names = {tuple(wheel.name.split("-")[:2]) for wheel in WHEELS.glob("*.whl")}
    assert names == {(tool.name.replace("-", "_"), tool.version) for tool in tools()}


def test_environments_of_the_same_path_share_a_folder_beside_and_others_do_not(world: World, tmp_path: Path) -> None:
    places = set()
    for root in ("one", "other", "one"):
        if not (tmp_path / root).exists():
            a_virtual_environment(tmp_path / root)
        release = local_release(str(tmp_path / root / "mine"))
        world.catalog = {release.id: release}
        plan = make_plan(PlanRequest(select=("group:local",), paths=("sound",)), world.surroundings())
        places.add(place_of(world.environments, plan.releases[0]))
        assert key_of(plan, plan.releases[0], plan.cells[0]) is None
    assert len(places) == 2
    assert os.path.commonpath(places) == str(world.environments)
