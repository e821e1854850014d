"""Environment variables: what the installer may see of the user's, and the few that a test may see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bnregress.machine.local_environment import own_variables
from bnregress.machine.pip_settings import for_uv
from bnregress.releases.catalog import TENSORFLOW
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

#: How variables begin that are for a person's own interpreter, and for neither nox nor our own Python.
_HANDED_ON = "BNREGRESS_OWN_"

#: Settings of tools that are not the person's framework, and our own.
_NOT_FOR_LOCAL = re.compile(r"PYTEST_.*|NOX.*|COVERAGE_.*|COV_CORE_.*|BNREGRESS_.*")

#: What a run is made repeatable by, in an environment that a person brings too.
_OURS = (
    *(MARKER_VARIABLE, "KERAS_HOME", "KERAS_BACKEND", "PYTHONHASHSEED", "PYTHONFAULTHANDLER", "PYTHONUTF8"),
    *("TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES"),
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


def handed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Return a person's variables under names that nobody reads before their own interpreter is started."""
    return {f"{_HANDED_ON}{name}": value for name, value in own_variables(environ).items()}


def local_variables(environ: Mapping[str, str], *, home: Path, device: str) -> dict[str, str]:
    """Variables of the tests in an environment that a person brings: their own, and what makes a run repeatable.

    What makes their framework work may be anything: LD_LIBRARY_PATH, XLA_FLAGS, the variables of a module or of a
    container, or what a script in place of an interpreter reads.

    Args:
        environ: the session's own variables, with those that were `handed_on`.
        home: an empty folder for what Keras keeps in a home folder, so that no file there is read.
        device: `cpu` hides every GPU.
    """
    handed = {name.removeprefix(_HANDED_ON): value for name, value in environ.items() if name.startswith(_HANDED_ON)}
    variables = {name: value for name, value in handed.items() if not _NOT_FOR_LOCAL.fullmatch(name)}
    ours = testing_variables(environ, home=home, suite=home, device=device, engine=TENSORFLOW)
    variables |= {name: ours[name] for name in _OURS if name in ours}
    # Nothing is written below the environment, and of its plugins of pytest none takes part.
    return variables | {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def testing_variables(
    environ: Mapping[str, str], *, home: Path, suite: Path, device: str, engine: str
) -> dict[str, str]:
    """Variables of the release's tests: an allow-list, and settings that make a run repeatable.

    Args:
        environ: the session's own variables.
        home: an empty folder that stands in for the user's home, so that no file there is read.
        suite: the folder that holds the staged suite, and nothing else importable.
        device: `cpu` hides every GPU.
        engine: what Keras is to run on.
    """
    variables = {name: value for name, value in environ.items() if _FOR_TESTING.fullmatch(name)}
    variables |= {
        MARKER_VARIABLE: environ.get(MARKER_VARIABLE, ""),
        "PATH": _SYSTEM_PATH,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "KERAS_HOME": str(home / ".keras"),
        "KERAS_BACKEND": engine,
        "PYTHONPATH": str(suite),
        "PYTHONNOUSERSITE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUTF8": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    if device == "cpu":
        variables["CUDA_VISIBLE_DEVICES"] = "-1"
        # JAX looks for accelerators by itself, and says at length what it did not find.
        variables["JAX_PLATFORMS"] = "cpu"
    return variables
