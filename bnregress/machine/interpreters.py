"""Finds the CPython interpreters of this machine, wherever people keep them; a shim on PATH is never one of them."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bnregress.machine.locations import home_dir

# One that starts but lacks these (built without the headers, or Debian's -minimal) cannot import NumPy.
_PROOF = """
import ctypes, json, platform, sys, zlib
usable = (
    platform.python_implementation() == "CPython"
    and sys.maxsize > 2**32
    and sys.version_info[3] == "final"
    and "t" not in getattr(sys, "abiflags", "")
)
print(json.dumps([sys.executable, sys.version_info[:3], usable]))
"""
_PROOF_SECONDS = 10

_CONDA_ROOTS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba")
_UV_OLDEST = (3, 8)


@dataclass(frozen=True)
class Interpreter:
    """A CPython that was run: its full version, such as `3.7.16`, and its real path.

    One with a `download`, the address it comes from, is not there yet: see `bnregress.machine.fetching`.
    """

    version: str
    executable: Path
    download: str | None = None


class _Report(NamedTuple):
    executable: Path
    version: tuple[int, ...]
    usable: bool


def find_interpreter(python: str) -> Interpreter | None:
    """The newest patch of a minor version such as `3.7`, or None if there is none.

    CPython, 64 bit, a final release and not free-threaded. Real interpreters go before copies in virtual environments.
    The machine is searched once per process.
    """
    return installed_interpreters().get(python)


@functools.cache
def installed_interpreters() -> dict[str, Interpreter]:
    """The interpreter that `find_interpreter` gives, by minor version."""
    best: dict[str, _Report] = {}
    for found in _proven(_candidates()):
        minor = f"{found.version[0]}.{found.version[1]}"
        if minor not in best or _rank(found) > _rank(best[minor]):
            best[minor] = found
    return {minor: Interpreter(".".join(map(str, found.version)), found.executable) for minor, found in best.items()}


def prove(executable: Path) -> Interpreter | None:
    """Run one interpreter; None unless it starts and is one that releases can run on."""
    found = next(_proven([executable]), None)
    return found and Interpreter(".".join(map(str, found.version)), found.executable)


def not_installed(python: str) -> tuple[str, str]:
    """Return that there is no interpreter of this minor version, and the ways to get one."""
    return f"There is no CPython {python} on this machine.", how_to_install(python)


def how_to_install(python: str) -> str:
    """One sentence: the ways to get this minor version."""
    if tuple(map(int, python.split("."))) < _UV_OLDEST:
        return (
            f"Install CPython {python} with `pyenv install {python}`, `conda create -n py{python} python={python}` "
            f"or, on Ubuntu, from the deadsnakes archive; uv's own list does not have CPython {python}."
        )
    return (
        f"Install CPython {python} with `uv python install {python}`, `pyenv install {python}` "
        f"or `conda create -n py{python} python={python}`."
    )


def _candidates() -> Iterator[Path]:
    """What may be an interpreter, nearest to the user first; nothing of it has been run."""
    # Here, because the command line answers without it.
    from findpython.providers import ALL_PROVIDERS  # noqa: PLC0415

    path = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep)]
    shims = [folder for folder in path if folder.name == "shims"]
    for provider_class in ALL_PROVIDERS.values():
        provider = provider_class.create()
        if provider is not None:
            yield from (found.executable for found in provider.find_pythons() if found.executable.parent not in shims)
    for root, pattern in _further_places(shims):
        yield from sorted(root.glob(pattern))


def _further_places(shims: list[Path]) -> Iterator[tuple[Path, str]]:
    """Folders that findpython does not look in, each with the pattern of the interpreters in it."""
    environ = os.environ
    home = home_dir()
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    for folder in shims:
        yield folder.parent, "versions/*/bin/python"
        yield folder.parent, "installs/python/*/bin/python"
    for tool in ("mise", "rtx"):
        yield Path(environ.get(f"{tool.upper()}_DATA_DIR") or data / tool), "installs/python/*/bin/python"
    yield Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"), "*/bin/python3"
    for variable in ("RUNNER_TOOL_CACHE", "AGENT_TOOLSDIRECTORY"):
        if environ.get(variable):
            yield Path(environ[variable]), "Python/3.*/*/bin/python"
    for root in _conda_roots(home):
        yield root, "bin/python"
        yield root, "envs/*/bin/python"


def _conda_roots(home: Path) -> Iterator[Path]:
    for variable in ("CONDA_PREFIX", "MAMBA_ROOT_PREFIX"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    if os.environ.get("CONDA_EXE"):
        yield Path(os.environ["CONDA_EXE"]).parent.parent
    known = home / ".conda" / "environments.txt"
    if known.is_file():
        lines = known.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (Path(line) for line in lines if line.strip())
    yield from (home / name for name in _CONDA_ROOTS)
    yield Path("/opt/conda")


def _proven(candidates: Iterable[Path]) -> Iterator[_Report]:
    """Run each distinct candidate once, by its real path; yields the reports of those that can be used."""
    seen: set[Path] = set()
    for candidate in candidates:
        executable = Path(os.path.realpath(candidate))
        # A wrapper script starts an interpreter that is somewhere else: that one has to work on its own.
        while executable not in seen:
            seen.add(executable)
            report = _run(executable)
            if report is None:
                break
            if report.executable == executable and report.usable:
                yield report
            executable = report.executable


def _run(executable: Path) -> _Report | None:
    try:
        finished = subprocess.run(
            [executable, "-I", "-S", "-c", _PROOF],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROOF_SECONDS,
            check=True,
        )
        path, version, usable = json.loads(finished.stdout)
        return _Report(Path(os.path.realpath(path)), tuple(version), usable is True)
    except (OSError, subprocess.SubprocessError, TypeError, ValueError):
        return None


def _rank(found: _Report) -> tuple[bool, tuple[int, ...]]:
    in_virtual_environment = any((folder / "pyvenv.cfg").is_file() for folder in found.executable.parents[:2])
    return not in_virtual_environment, found.version
