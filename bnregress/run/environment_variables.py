"""Environment variables: what the installer may see of the user's, and the few that a test may see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bnregress.machine.pip_settings import for_uv
from bnregress.run.process_groups import MARKER_VARIABLE

#: Settings that decide which files an installation consists of; the lock alone decides that.
_NOT_FOR_INSTALLING = re.compile(
    r"NOX.*|VIRTUAL_ENV.*|CONDA_.*|PYTHON.*|__PYVENV_LAUNCHER__|PIP_REQUIRE_VIRTUALENV|PIP_RESPECT_VIRTUALENV"
    r"|UV_(PYTHON.*|PROJECT.*|WORKING_DIR.*|VENV_.*|SYSTEM_PYTHON|BREAK_SYSTEM_PACKAGES|TARGET|PREFIX|CONSTRAINT|OVERRIDE"
    r"|BUILD_CONSTRAINT|EXCLUDE.*|EXCLUDE_NEWER.*|RESOLUTION|PRERELEASE|FORK_STRATEGY|NO_BINARY.*|NO_BUILD.*|ONLY_BINARY"
    r"|NO_VERIFY_HASHES|REQUIRE_HASHES|NO_DEPS|COMPILE_BYTECODE.*|TORCH_BACKEND|MANAGED_PYTHON|NO_MANAGED_PYTHON|ENV_FILE)"
)

#: All that a test inherits: language, time zone, room for temporary files, and threads of numeric libraries.
_FOR_TESTING = re.compile(
    r"LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|OPENBLAS_.*|OMP_.*|MKL_.*",
)

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def installing_variables(environ: Mapping[str, str], *, marker: str, offline: bool) -> dict[str, str]:
    """Return the variables of the nox session and of uv in it: the user's index, proxy and certificates count here."""
    variables = {name: value for name, value in environ.items() if not _NOT_FOR_INSTALLING.fullmatch(name)}
    variables = for_uv(variables) | variables
    variables |= {MARKER_VARIABLE: marker, "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    # bnregress runs from a folder of its own; a module lying there must not shadow one of nox's.
    variables |= {"PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": environ.get("PYTHONNOUSERSITE", "")}
    if offline:
        variables["UV_OFFLINE"] = "1"
    return variables


def testing_variables(environ: Mapping[str, str], *, home: Path, suite: Path, device: str) -> dict[str, str]:
    """Variables of the release's tests: an allow-list, and settings that make a run repeatable.

    Args:
        environ: the session's own variables.
        home: an empty folder that stands in for the user's home, so that no file there is read.
        suite: the folder that holds the staged suite, and nothing else importable.
        device: `cpu` hides every GPU.
    """
    variables = {name: value for name, value in environ.items() if _FOR_TESTING.fullmatch(name)}
    variables |= {
        MARKER_VARIABLE: environ.get(MARKER_VARIABLE, ""),
        "PATH": _SYSTEM_PATH,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "KERAS_HOME": str(home / ".keras"),
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": str(suite),
        "PYTHONNOUSERSITE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUTF8": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_DETERMINISTIC_OPS": "1",
    }
    if device == "cpu":
        variables["CUDA_VISIBLE_DEVICES"] = "-1"
    return variables
