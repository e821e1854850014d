"""A real TensorFlow in environments of the kinds that people bring; tests/run/ has each kind alone, with a stand-in."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from bnregress.machine.interpreters import find_interpreter
from tests.checking.conftest import release_python
from tests.end_to_end.command import Command, Outcome
from tests.run.brought import installed, packages, script

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.15.1"
ID = f"{RELEASE}+local"
CELL = f"{ID}/small"


@pytest.fixture(scope="module")
def ours() -> Path:
    """The environment of a release, whose packages those of the tests lead to; nothing is written there."""
    return Path(release_python(RELEASE)).parents[1]


def site_of(environment: Path) -> Path:
    return next(environment.glob("lib/python3.*/site-packages"))


def home_of(environment: Path) -> Path:
    """Return the folder of the interpreter that an environment was made from."""
    script = "import sys; print(sys.base_prefix)"
    return Path(subprocess.check_output([environment / "bin" / "python", "-c", script], text=True).strip())


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in sorted(folder.rglob("*"))}


def run(command: Command, given: Path, out: Path) -> Outcome:
    return command.run("--environment", str(given), "--path", "small", "--variant", "default", out=out)


def conda_with_a_pth_and_a_pytest_of_its_own(root: Path, ours: Path) -> Path:
    """A prefix without pyvenv.cfg, whose `bin/python` is a script that sets what its Python needs."""
    prefix, home, version = root / "conda", home_of(ours), site_of(ours).parent.name
    site = prefix / "lib" / version / "site-packages"
    for folder in (prefix / "bin", prefix / "conda-meta", site):
        folder.mkdir(parents=True)
    (prefix / "conda-meta" / "history").touch()
    for entry in (home / "lib" / version).iterdir():
        if entry.name != "site-packages":
            (prefix / "lib" / version / entry.name).symlink_to(entry)
    (site / "framework.pth").write_text(f"{site_of(ours)}\n", encoding="utf-8")
    installed(site, "pytest", "2.0.0")
    (site / "pytest.py").write_text("raise ImportError('the pytest of the environment')\n", encoding="utf-8")
    script(prefix / "bin" / "python", f'PYTHONHOME="{prefix}" exec "{home}/bin/{version}" "$@"\n')
    return prefix


def read_only_venv_with_packages_of_the_system(root: Path, ours: Path) -> Path:
    """A virtual environment without packages: they are the user's, which `--system-site-packages` lets in."""
    version = site_of(ours).parent.name
    venv = root / "mine"
    python = home_of(ours) / "bin" / version
    subprocess.run([str(python), "-m", "venv", "--without-pip", "--system-site-packages", str(venv)], check=True)
    site = root / "user" / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    for entry in site_of(ours).iterdir():
        # A machine may have its own certificate added to it whenever Python starts: that is no change of ours.
        if not entry.name.startswith("certifi"):
            (site / entry.name).symlink_to(entry)
    for path in (venv, *venv.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)
    return venv


@pytest.fixture
def brought(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "brought"
    for folder in (tmp_path / "brought").rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)


@pytest.mark.parametrize(
    "kind",
    [conda_with_a_pth_and_a_pytest_of_its_own, read_only_venv_with_packages_of_the_system],
    ids=lambda kind: kind.__name__,
)
def test_a_real_tensorflow_is_tested_and_its_environment_stays_as_it_was(
    command: Command,
    brought: Path,
    ours: Path,
    kind: Callable[[Path, Path], Path],
    tmp_path: Path,
) -> None:
    given = kind(brought, ours)
    before = listing(brought)
    variables = {**command.variables, "PYTHONUSERBASE": str(brought / "user")}
    done = run(Command(root=command.root, base=command.base, variables=variables), given, tmp_path / "out")
    assert done.statuses == {CELL: "pass"}, done.told(ID)
    assert done.exit_code == ExitCode.EXPECTED
    assert listing(brought) == before
    told = done.results.releases[ID]
    assert (told.tensorflow, told.keras) == ("2.15.1", "2.15.0")
    assert told.packages is not None
    assert len(told.packages) > 20
    assert {check.status for cell in done.results.cells for check in cell.checks} <= {"pass", "not-applicable"}


def test_packages_that_change_meanwhile_leave_nothing_decided(
    command: Command, brought: Path, ours: Path, tmp_path: Path
) -> None:
    prefix = conda_with_a_pth_and_a_pytest_of_its_own(brought, ours)
    out = tmp_path / "out"
    options = ("--environment", str(prefix), "--path", "small", "--variant", "default")
    process = command.start(*options, out=out)
    while process.poll() is None and not (out / "run" / "plan.json").exists():
        time.sleep(0.1)
    installed(site_of(prefix), "keras", "9.0.0")
    done = command.finish(process, out=out)
    assert done.exit_code == ExitCode.UNDECIDED, done.told(ID)
    assert {(cell.status, cell.kind) for cell in done.results.cells} == {("error", "infra")}
    assert "changed" in done.results.cells[0].reason
    assert not [*done.run.records(ID).glob("*.record.json")]


def of_python_3_6(root: Path) -> Path:
    found = find_interpreter("3.6")
    return found.executable if found else script(root, """echo 'bnregress-environment {"version": [3, 6, 15]}'\n""")


def without_tensorflow(root: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    return root


def with_a_broken_import(root: Path) -> Path:
    packages(site_of(without_tensorflow(root)), "import nothing_like_it\n")
    return root


def no_interpreter(_root: Path) -> Path:
    return Path("/bin/ls")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (without_tensorflow, "lacks tensorflow and numpy"),
        (of_python_3_6, "Python 3.6"),
        (with_a_broken_import, "No module named 'nothing_like_it'"),
        (no_interpreter, "/bin/ls is not a Python"),
    ],
)
def test_what_the_suite_cannot_run_in_is_refused_before_anything_runs(
    command: Command, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    done = run(command, make(tmp_path / "brought"), tmp_path / "out")
    assert done.exit_code == ExitCode.USAGE
    assert reason in done.progress
    assert not (tmp_path / "out").exists()
