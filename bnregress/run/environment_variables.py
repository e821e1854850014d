"""Environment variables: what the installer may see of the user's, and the few that a test may see."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from pathlib import Path

from bnregress.machine.locations import home_dir
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
    if not _configures_uv(variables):
        variables = _from_pip(variables) | variables
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


def _configures_uv(environ: Mapping[str, str]) -> bool:
    if any(name in environ for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")):
        return True
    homes = [
        environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config",
        environ.get("APPDATA", ""),
        "/etc",
    ]
    return any((Path(home) / "uv" / "uv.toml").is_file() for home in homes if home)


def _from_pip(environ: Mapping[str, str]) -> dict[str, str]:
    """Return for uv, which does not read it, what pip's configuration says of mirror, certificates and proxy."""
    settings: dict[str, str] = {}
    for file in _pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if parser.has_section("global"):
            settings |= {key.replace("_", "-"): value for key, value in parser.items("global")}
    for key in ("index-url", "cert", "proxy"):
        if value := environ.get("PIP_" + key.upper().replace("-", "_")):
            settings[key] = value
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "proxy": "ALL_PROXY"}
    return {name: settings[key] for key, name in names.items() if settings.get(key)}


def _pip_files(environ: Mapping[str, str]) -> list[Path]:
    """Pip's configuration files, the weightiest last."""
    home = _home(environ)
    files = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), home / ".pip/pip.conf"]
    files += [Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"]
    files += [home / "Library/Application Support/pip/pip.conf"]
    files += [Path(environ[name]) / "pip" / "pip.ini" for name in ("PROGRAMDATA", "APPDATA") if environ.get(name)]
    files += [Path(environ["PIP_CONFIG_FILE"])] if environ.get("PIP_CONFIG_FILE") else []
    return files


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or home_dir())
