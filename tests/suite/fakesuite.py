"""The plugin with a fake framework, run for real by pytest and xdist in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bnregress

PACKAGE = Path(bnregress.__file__).parent
FAKES = Path(__file__).parent / "fakes"

# Another interpreter with pytest, pytest-xdist and numpy, to prove the suite on the versions it must run on.
PYTHON = os.environ.get("BNREGRESS_TEST_SUITE_PYTHON", sys.executable)

#: What the suite has of its own, apart from the paths and checks that the fakes stand for.
PLUGIN_FILES = [
    "__init__",
    "apart",
    "gpu",
    "cells",
    "crash",
    "crossing",
    "failure",
    "finding",
    "jsonfile",
    "loader",
    "nogpu",
    "plugin",
    "own_process",
    "recorder",
    "record_files",
    "registry",
    "repro",
    "scheduling",
    "status",
    "test_cells",
    "search/__init__",
    "search/profile",
    "variants/__init__",
    "variants/axes",
    "variants/cover",
    "variants/freeze",
    "variants/mode",
    "variants/offered",
    "variants/precision",
    "variants/train",
    "variants/preprocessing",
    "variants/script",
    "variants/wrap",
    "wording",
    "work",
    "xla",
]


@dataclass(frozen=True, kw_only=True)
class SuiteRun:
    """A finished pytest of the suite."""

    root: Path
    returncode: int
    output: str

    @property
    def records(self) -> Path:
        return self.root / "records"

    def record(self, subject: str) -> dict[str, Any] | None:
        path = self.records / f"{subject}.json"
        return strict_json(path) if path.exists() else None

    def started(self, subject: str) -> dict[str, Any]:
        return strict_json(self.records / f"{subject}.started.json")

    def exit_code_of(self, subject: str) -> Any:
        return strict_json(self.records / f"worker-{self.started(subject)['pid']}.exit.json")["exitcode"]

    def trace(self, kind: str) -> list[list[str]]:
        lines = (self.root / "trace.txt").read_text(encoding="utf-8").splitlines()
        return [line.split()[1:] for line in lines if line.startswith(kind)]


@dataclass(frozen=True, kw_only=True)
class FakeSuite:
    """A staged copy of the suite whose framework, paths and checks are fakes."""

    root: Path

    def command(self, *options: str, subjects: Iterable[str] | None = None, records: bool = True) -> list[str]:
        suite = self.root / "bnregress" / "suite"
        command = [PYTHON, "-m", "pytest", "-p", "bnregress.suite.plugin", "-c", str(suite / "pytest.ini")]
        command += ["--rootdir", str(suite), "-p", "no:hypothesispytest", *options]
        if subjects is not None:
            cells = self.root / "cells.json"
            rows = [subject.partition("@") for subject in subjects]
            asked = [{"path": path, "variant": variant or "default"} for path, _, variant in rows]
            cells.write_text(json.dumps({"cells": asked}), encoding="utf-8")
            command += ["--bnregress-cells", str(cells)]
        if records:
            command += ["--bnregress-records", str(self.root / "records")]
        return [*command, str(suite)]

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "PYTHON"))}
        own = {"PYTHONPATH": str(self.root), "FAKE_TRACE": str(self.root / "trace.txt")}
        # The copy has nothing of the host, so not the plugin either that an installed bnregress announces.
        return {**kept, **own, "PYTEST_ADDOPTS": "-p no:bnregress", **variables}

    def run(
        self,
        *options: str,
        subjects: Iterable[str] | None = None,
        records: bool = True,
        variables: Mapping[str, str] | None = None,
    ) -> SuiteRun:
        result = subprocess.run(
            self.command(*options, subjects=subjects, records=records),
            cwd=self.root,
            env=self.environment(variables or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        return SuiteRun(root=self.root, returncode=result.returncode, output=result.stdout)


def strict_json(path: Path) -> dict[str, Any]:
    """Read a file, refusing the NaN and Infinity that Python's reader would let pass."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{path.name} holds {word}")

    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    return data


def make_fake_suite(root: Path) -> FakeSuite:
    suite = root / "bnregress" / "suite"
    for name in PLUGIN_FILES:
        target = suite / f"{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGE / "suite" / f"{name}.py", target)
    shutil.copy(PACKAGE / "__init__.py", root / "bnregress" / "__init__.py")
    shutil.copy(PACKAGE / "suite" / "pytest.ini", suite / "pytest.ini")
    shutil.copytree(FAKES, suite, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return FakeSuite(root=root)
