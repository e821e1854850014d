from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bnregress.action import install
from bnregress.action.install import fingerprint

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(install.__file__)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout of the action as the script looks at."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "bnregress" / "action", root / "bnregress" / "action")
    (root / "bnregress" / "__init__.py").write_text("", encoding="utf-8")
    (root / "bnregress" / "reading").mkdir()
    for name in ("__init__.py", "workflow.py"):
        shutil.copy(ROOT / "bnregress" / "reading" / name, root / "bnregress" / "reading" / name)
    (root / "requirements").mkdir()
    for name in ("pyproject.toml", "requirements/run.txt", "requirements/build.txt"):
        shutil.copy(ROOT / name, root / name)
    return root


def run_script(checkout: Path, temporary: Path, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    temporary.mkdir(exist_ok=True)
    environ = {"RUNNER_TEMP": str(temporary), "GITHUB_OUTPUT": str(temporary / "outputs"), "PATH": path}
    command = [sys.executable, "-I", str(checkout / "bnregress" / "action" / "install.py")]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_the_environment_is_another_one_for_other_sources_or_locks(checkout: Path) -> None:
    found = {fingerprint(checkout)}
    for name in ("bnregress/__init__.py", "requirements/run.txt"):
        (checkout / name).write_text("# changed\n", encoding="utf-8")
        found.add(fingerprint(checkout))
    assert len(found) == 3


def test_the_environment_of_an_earlier_step_is_taken_as_it_is(checkout: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temp"
    home = temporary / f"bnregress-{fingerprint(checkout)}"
    (home / "bin").mkdir(parents=True)
    (home / install.SEAL).write_text("", encoding="utf-8")
    done = run_script(checkout, temporary)
    assert (done.returncode, done.stdout) == (0, "")
    assert str(home / "bin" / "python") in (temporary / "outputs").read_text(encoding="utf-8")


def test_a_lock_without_hashes_is_refused_and_leaves_no_finished_environment(checkout: Path, tmp_path: Path) -> None:
    (checkout / "requirements" / "run.txt").write_text("rich==13.9.4\n", encoding="utf-8")
    done = run_script(checkout, tmp_path / "temp")
    assert done.returncode == 4
    last = done.stdout.splitlines()[-1]
    assert last.startswith("::error title=bnregress::bnregress could not be installed")
    assert not list((tmp_path / "temp").glob(f"bnregress-*/{install.SEAL}"))
    assert not (tmp_path / "temp" / "outputs").exists()


def test_a_python_that_is_too_old_is_named_before_anything_is_imported(checkout: Path, tmp_path: Path) -> None:
    script = checkout / "bnregress" / "action" / "install.py"
    text = script.read_text(encoding="utf-8")
    assert "FLOOR = (3, 10)" in text
    script.write_text(text.replace("FLOOR = (3, 10)", "FLOOR = (4, 0)"), encoding="utf-8")
    (checkout / "bnregress" / "action" / "github.py").write_text("syntax of another age", encoding="utf-8")
    done = run_script(checkout, tmp_path / "temp")
    assert done.returncode == 2
    assert "bnregress needs 4.0 or newer" in done.stdout


@pytest.mark.parametrize("path", ["install.py", "github.py", "post.py"])
def test_what_runs_before_the_installation_imports_the_standard_library_alone(path: str) -> None:
    code = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({str(SCRIPT.with_name(path))!r})"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
