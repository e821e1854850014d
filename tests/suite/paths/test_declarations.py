"""Declarations of loading paths, read without TensorFlow."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bnregress.suite import paths as package
from bnregress.suite import registry
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import LoadingPath
from bnregress.suite.sound import CANDIDATES

#: A new path, as a person would write it: all that there is to it.
MADE_UP = """
from bnregress.suite.registry import loading_path


@loading_path("made-up", family="rebuilt", summary="model, itself", networks=("small",), code="network = source")
def made_up(framework, source):
    return source
"""

CONTRACT = (
    "tf-keras-applications",
    "tf-keras-applications-layers",
    "keras-applications",
    "keras-applications-package",
    "tf-keras-package",
    "tf-keras-legacy",
    "compat-v1",
    "h5",
    "savedmodel",
    "keras-v3",
    "savedmodel-raw",
    "tfsm-layer",
    "hub-layer",
    "clone",
    "from-config",
    "json",
    "deepcopy",
    "pickle",
    "weights-h5",
    "weights-h5-by-name",
    "weights-v3",
    "weights-checkpoint",
    "vgg16",
    "densenet121",
)


@pytest.mark.parametrize("id", CONTRACT)
def test_every_path_of_the_contract_is_in_the_default_group(id: str) -> None:
    assert PATHS[id].group == "default"


@pytest.mark.parametrize("path", PATHS.values(), ids=list(PATHS))
def test_a_path_is_named_in_kebab_case_and_starts_from_a_network_that_there_is(path: LoadingPath) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?", path.id)
    assert path.network in CANDIDATES
    assert path.code


def test_a_twin_differs_from_its_path_in_network_and_group_alone() -> None:
    path, twin = PATHS["savedmodel"], PATHS["savedmodel.resnet50"]
    assert (path.network, path.group) == ("small", "default")
    assert (twin.network, twin.group) == ("resnet50", "full")
    assert (twin.build, twin.code, twin.family) == (path.build, path.code, path.family)


def test_every_backbone_has_every_applications_path() -> None:
    backbones = [path.id for path in PATHS.values() if path.group == "backbones" and path.id != "keras-hub.resnet50"]
    applications = {path.id for path in PATHS.values() if path.family == "applications" and path.group == "default"}
    assert {id.split(".")[0] for id in backbones} == applications
    assert len(backbones) == 7 * len(applications)


def test_no_declaration_is_longer_than_40_lines() -> None:
    for path in PATHS.values():
        assert len(inspect.getsource(path.build).splitlines()) <= 40


def test_a_path_that_is_declared_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PATHS", dict(PATHS))
    with pytest.raises(ValueError, match="'h5' is declared twice"):
        registry.loading_path("h5", family="saved", summary="again")(lambda framework: None)


def test_one_file_is_enough_for_a_new_path(tmp_path: Path) -> None:
    """The folder of paths is a package whose modules are found; a second folder on its path stands for a new file."""
    assert len(MADE_UP.splitlines()) <= 40
    (tmp_path / "made_up.py").write_text(MADE_UP, encoding="utf-8")
    planned = f"""
import json, sys
import bnregress.suite
from bnregress.suite import registry
found = registry.import_modules
def with_the_new_file(package):
    package.__path__.append({str(tmp_path)!r})
    found(package)
registry.import_modules = with_the_new_file
from bnregress.cli import main
sys.exit(main(["plan", "--select", "tf2.21.0", "--path", "made-*", "--format", "json"]))
"""
    environ = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", planned], env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert json.loads(done.stdout)["releases"][0]["cells"] == ["tf2.21.0/made-up"], done.stderr
