"""The noxfile that `bnregress run` drives: one session for each release of the plan in BNREGRESS_RUN.

A session makes the release's environment from its lock, seals it and runs the
staged suite in it. It decides nothing; `bnregress.run.engine` reads the records.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

_ROOT = Path(__file__).resolve().parents[2]
_FOUND = importlib.util.find_spec("bnregress")
if _FOUND is None or _FOUND.origin is None or Path(_FOUND.origin).resolve().parent != _ROOT / "bnregress":
    # nox imports this file by its path; it must not meet another bnregress than its own.
    sys.path.insert(0, str(_ROOT))

from bnregress.machine.sealing import is_sealed, seal, sealed_files
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.run.environment_variables import local_variables, testing_variables
from bnregress.run.environments import altered_packages, has_modules, session_name
from bnregress.run.gpu_session import gpu_variables, seen_by
from bnregress.run.rundir import RunDir, read_json, write_json
from bnregress.run.suite_tools import unpack
from bnregress.suite.apart import setup_of
from bnregress.suite.framework import ORIGINS
from bnregress.suite.paths import environment_of, packages_of
from bnregress.suite.search.profile import VARIABLE

RUN = RunDir(Path(os.environ["BNREGRESS_RUN"]).parent)
PLAN = Plan.from_json(read_json(RUN.plan))

nox.needs_version = ">=2024.4.15"

#: The staged suite and its tools go in front of a person's packages; the workers of xdist take the same path.
_START = """
import sys
sys.path[:] = [sys.argv.pop(1), sys.argv.pop(1)] + [entry for entry in sys.path if entry]
import pytest
sys.exit(pytest.console_main())
"""


def _declare(planned: PlannedRelease) -> None:
    assert planned.interpreter is not None, f"{planned.id} is unavailable and has no session"

    # Where a person brings the environment, nox makes none.
    own: dict[str, Any] = {"python": False, "venv_backend": "none"}
    made: dict[str, Any] = {
        "python": str(planned.interpreter.executable),
        "venv_backend": "uv",
        "reuse_venv": True,
        "download_python": "never",
    }

    @nox.session(
        name=session_name(planned.release.base or planned.id, planned.device),
        **(own if planned.release.local else made),
    )
    def regress(session: nox.Session) -> None:
        environment = Path(read_json(RUN.session(planned.id))["environment"])
        if not is_sealed(environment):
            _phase(planned, "installing")
            _install(session, environment, planned)
        files = sealed_files(environment)
        _phase(planned, "testing", files=files)
        _phase(planned, "done", files=files, exitcode=_test(session, environment, planned))


def _install(session: nox.Session, environment: Path, planned: PlannedRelease) -> None:
    assert planned.interpreter is not None
    if planned.release.local is not None:
        unpack(environment, planned.release.local.packages)
        seal(environment, lock_sha256=planned.lock_sha256, interpreter=planned.interpreter)
        return
    sync = ("uv", "pip", "sync", "--require-hashes", "--compile-bytecode")
    lock = str(planned.release.lock(planned.device))
    session.run(*sync, lock, external=True)
    if altered := altered_packages(environment):
        session.warn(f"uv's cache holds altered files of {', '.join(altered)}: fetching them again.")
        session.run("uv", "cache", "clean", *altered, external=True)
        session.run(*sync, "--reinstall", lock, external=True)
    if altered := altered_packages(environment):
        session.error(f"installed files of {', '.join(altered)} are not what their packages say")
    seal(environment, lock_sha256=planned.environment_sha256, interpreter=planned.interpreter)


def _test(session: nox.Session, environment: Path, planned: PlannedRelease) -> int:
    request = read_json(RUN.session(planned.id))
    records, scratch = RUN.records(planned.id, request["trial"]), RUN.scratch(planned.id)
    home, work = scratch / "home", scratch / "work"
    for folder in (records, home, work):
        folder.mkdir(parents=True, exist_ok=True)
    content = read_json(RUN.cells(planned.id))
    # A process that has imported the framework in one mode, environment or split of the processor cannot take another.
    apart: dict[tuple[tuple[tuple[str, str], ...], tuple[int, int]], list[dict[str, Any]]] = {}
    for cell in content["cells"]:
        where = _variables(environment, planned, cell["path"]), setup_of(cell["path"], cell["variant"]).order
        apart.setdefault(where, []).append(cell)
    codes = []
    # The plain environment and mode first: their process is the one that tells the release's facts.
    for number, ((variables, (_, devices)), cells) in enumerate(sorted(apart.items(), key=lambda each: each[0])):
        cells_file = RUN.cells(planned.id).with_suffix(f".{number}.json")
        write_json(cells_file, {**content, "cells": cells})
        of_group = {**request, "workers": min(request["workers"], len(cells)), "devices": devices}
        codes.append(_test_cells(session, planned, of_group, cells_file, variables))
    return max(codes, key=abs, default=0)


def _variables(environment: Path, planned: PlannedRelease, path: str) -> tuple[tuple[str, str], ...]:
    """What must be set for the path; without its packages it says so in any process, and needs none of its own."""
    local, packages = planned.release.local, packages_of(path)
    builds = [build.folder for build in planned.release.builds]
    there = has_modules(environment, packages, builds) if local is None else {*packages} <= {*local.modules}
    return environment_of(path) if there else ()


def _test_cells(
    session: nox.Session,
    planned: PlannedRelease,
    request: dict[str, Any],
    cells_file: Path,
    variables: tuple[tuple[str, str], ...],
) -> int:
    suite, scratch = Path(request["suite"]), RUN.scratch(planned.id)
    records = RUN.records(planned.id, request["trial"])
    home, work = scratch / "home", scratch / "work"
    # `python -m` imports from the working directory first: it is an empty one.
    session.chdir(work)
    package = suite / "bnregress" / "suite"
    try:
        session.run(
            *_python(planned, suite, request), "-p", "bnregress.suite.plugin",
            "-c", str(package / "pytest.ini"), "--rootdir", str(package), "-p", "no:cacheprovider",
            "-n", str(request["workers"]), "--dist", "loadgroup", "--max-worker-restart", str(request["restarts"]),
            "--bnregress-cells", str(cells_file), "--bnregress-records", str(records), str(package),
            env={
                **_plain_variables(planned, home, suite),
                **_gpu_variables(planned, request),
                **dict(variables),
                VARIABLE: json.dumps(request["search"]),
            },
            include_outer_env=False,
            external=planned.release.local is not None,
        )  # fmt: skip
    except CommandFailed as failure:
        # pytest fails when a cell regresses; the records tell, the exit code does not.
        return failure.return_code if failure.return_code is not None else 1
    return 0


def _python(planned: PlannedRelease, suite: Path, request: dict[str, Any]) -> tuple[str, ...]:
    """The command that starts pytest; a person's interpreter keeps its own PYTHONPATH, so it is told where to look."""
    if planned.release.local is None:
        return "python", "-m", "pytest"
    return str(planned.release.local.executable), "-c", _START, str(suite), request["environment"], "-p", "xdist.plugin"


def _plain_variables(planned: PlannedRelease, home: Path, suite: Path) -> dict[str, str]:
    if planned.release.local is not None:
        return local_variables(os.environ, home=home, device=planned.device)
    variables = testing_variables(
        os.environ, home=home, suite=suite, device=planned.device, engine=planned.release.engine
    )
    if builds := planned.release.builds:
        variables["PYTHONPATH"] = os.pathsep.join([str(suite), *(str(build.folder) for build in builds)])
        variables[ORIGINS] = " ".join(module for build in builds for module in build.modules)
        # Of a build, what was compiled for one Python must not count as its contents for another.
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
    return variables


def _gpu_variables(planned: PlannedRelease, request: dict[str, Any]) -> dict[str, str]:
    if not request["gpus"]:
        return {}
    return gpu_variables(
        os.environ,
        gpu=seen_by(request["gpus"], request["devices"]),
        environment=Path(request["environment"]),
        release=planned.release,
        memory=request["gpu_memory"],
        xla=request["xla"],
    )


def _phase(planned: PlannedRelease, phase: str, **more: int | str | None) -> None:
    write_json(RUN.phase(planned.id), {"phase": phase, **more})


# A release and one with a build in it share an environment, and with it the name of a session.
_declare(PLAN.release(os.environ["BNREGRESS_RELEASE"]))
