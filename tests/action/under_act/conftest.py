"""Repositories for act: this one, and this one with releases that take no time, its engine untouched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from bnregress.machine.locations import CACHE_VARIABLE, ENVIRONMENTS_VARIABLE, environments_dir
from bnregress.machine.sealing import is_sealed
from bnregress.run.environments import environment_path
from tests.action.under_act.act import ROOT, Act, apart, commit_all, working_tree

FAKES = Path(__file__).with_name("fakes")
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
REAL = ("tf2.0.0", "tf2.1.0", "tf2.1.4", "tf2.15.1", "tf2.21.0")
RELEASES = ("9.9.7", "9.9.8", "9.9.9")
ROW = (
    '"tf{0}" = {{ tensorflow = "{0}", keras = "9.9.9", python = "{1}", cpu = "tensorflow", gpu = "tensorflow",'
    ' constraints = [], groups = ["default"] }}\n'
)


@pytest.fixture(scope="session", autouse=True)
def network_can_be_cut() -> None:
    """Fail rather than run steps that could reach something."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*apart(None), "true"], env=environ, check=False)
    assert done.returncode == 0, "`unshare -rn` must work here, so that no step can reach the network"


@pytest.fixture(scope="session")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every step finds: uv with its cache filled, so that it needs no index, and a cache of bnregress."""
    cache = subprocess.run([find_uv_bin(), "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
    trial = tmp_path_factory.mktemp("trial") / "environment"
    subprocess.run([find_uv_bin(), "venv", "--quiet", "--python", sys.executable, str(trial)], check=True)
    locks = [part for name in ("run", "build", "tests") for part in ("-r", str(ROOT / "requirements" / f"{name}.txt"))]
    install = [find_uv_bin(), "pip", "install", "--quiet", "--python", str(trial / "bin" / "python")]
    subprocess.run([*install, "--require-hashes", *locks], check=True)
    shutil.rmtree(trial)
    return {
        "UV_CACHE_DIR": cache,
        "UV_OFFLINE": "1",
        CACHE_VARIABLE: str(tmp_path_factory.mktemp("cache")),
        "PATH": os.pathsep.join([str(Path(find_uv_bin()).parent), os.environ["PATH"]]),
    }


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, surroundings: dict[str, str]) -> Act:
    """This repository with three releases of small packages and loading paths that do as they are named."""
    root = working_tree(tmp_path_factory.mktemp("small"))
    package = root / "bnregress"
    resources = package / "resources"
    lock = (ROOT / "requirements" / "tests.txt").read_text(encoding="utf-8")
    for release in RELEASES:
        (resources / "locks" / f"tf{release}.cpu.txt").write_text(lock, encoding="utf-8")
    rows = "".join(ROW.format(release, PYTHON) for release in RELEASES)
    text = f'exclude-newer = "2026-11-24"\ntools = []\n[constraints]\n[releases]\n{rows}'
    (resources / "catalog.toml").write_text(text, encoding="utf-8")
    (resources / "known.toml").write_text("known = []\n", encoding="utf-8")
    suite = package / "suite"
    for part in ("paths", "checks"):
        shutil.rmtree(suite / part)
    shutil.copytree(ROOT / "tests" / "run" / "fakes", suite, dirs_exist_ok=True)
    # The host imports the package of the paths too, and more of it than the paths: it stays, they are modules in it.
    (suite / "paths" / "__init__.py").rename(suite / "paths" / "ends.py")
    shutil.copy(ROOT / "bnregress" / "suite" / "paths" / "__init__.py", suite / "paths")
    shutil.copy(FAKES / "hazards.py", suite / "paths")
    commit_all(root)
    environments = tmp_path_factory.mktemp("environments")
    return Act(
        repository=root,
        folder=tmp_path_factory.mktemp("small-run"),
        variables={**surroundings, ENVIRONMENTS_VARIABLE: str(environments)},
    )


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory, surroundings: dict[str, str]) -> Act:
    """This repository as it is, with the environments of real releases."""
    root = working_tree(tmp_path_factory.mktemp("real"))
    commit_all(root)
    missing = [release for release in REAL if not is_sealed(environment_path(environments_dir(), release))]
    if missing:
        # The steps cannot fetch anything, so what they need is made before.
        selected = (part for release in missing for part in ("--select", release))
        command = [sys.executable, "-m", "bnregress", "run", *selected, "--path", "vgg16"]
        subprocess.run([*command, "--out", str(tmp_path_factory.mktemp("made"))], check=False)
    return Act(
        repository=root,
        folder=tmp_path_factory.mktemp("real-run"),
        variables={**surroundings, ENVIRONMENTS_VARIABLE: str(environments_dir())},
    )


@pytest.fixture(scope="session")
def results(small: Act) -> str:
    """Where the steps of later scenarios find a results.json, relative to the workspace: it is committed."""
    out = small.repository / "earlier"
    command = [sys.executable, "-m", "bnregress", "run", "--select", "tf9.9.9", "--path", "{sound,regresses}"]
    environ = {**os.environ, **small.variables, "PYTHONPATH": str(small.repository)}
    done = subprocess.run([*command, "--out", str(out)], env=environ, cwd=small.repository, check=False)
    assert done.returncode == 1
    shutil.rmtree(out / "run")
    commit_all(small.repository)
    return "earlier/results.json"
