"""The interpreter whose environment is inspected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bnregress.checking.inspected_variables import inspected_variables
from bnregress.errors import UsageError
from bnregress.machine.local_environment import files_sha256
from bnregress.machine.python_paths import named_interpreter
from bnregress.suite.engines import MODULES

OLDEST = (3, 7)

# In the syntax of Python 2 as well; the current folder must not answer for the environment.
_PROBE = """
import json, sys
sys.path = [entry for entry in sys.path if entry]
try:
    from importlib.util import find_spec
    has = lambda name: find_spec(name) is not None
    other = has("keras") and any(map(has, %s))
    missing = [name for name in ("tensorflow", "numpy") if not has(name) and not (name == "tensorflow" and other)]
except ImportError:
    missing = []
print("")
print(json.dumps({"version": list(sys.version_info[:3]), "missing": missing}))
""" % [name for name in MODULES if name != "tensorflow"]
_PROBE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """An interpreter that was run and whose environment has numpy and TensorFlow, or Keras and another engine.

    Attributes:
        executable: as it was given, for a virtual environment's is a link to one without its packages.
        version: full version, as `3.7.16`.
        keeps: the person's variables for Python are for it too, as PYTHONPATH.
        files: see `bnregress.machine.local_environment.files_sha256`.
    """

    executable: Path
    version: str
    keeps: bool
    files: str | None = None

    def why_changed(self) -> str | None:
        """Say that its packages are not what they were when it was found; None if they are."""
        if self.files is None:
            return None
        try:
            now = _files(self.executable, keeps=self.keeps)
        except UsageError as error:
            return f"the packages of {self.executable} could not be looked at again ({error})"
        return None if now == self.files else f"the packages of {self.executable} changed"


def find_inspected(given: str | None, *, as_it_stands: bool = False) -> Inspected:
    """Return the interpreter to inspect: the one given, or the one that bnregress runs on.

    Args:
        given: path of an interpreter, folder of an environment, or name of a command.
        as_it_stands: with the person's variables for Python, as PYTHONPATH, which else are taken for ours.

    Raises:
        UsageError: there is none, it is not a Python, it is too old, or it has neither TensorFlow nor Keras on another
            engine.
    """
    executable = Path(sys.executable) if given is None else named_interpreter(given, "--python")
    keeps = given is None or as_it_stands
    version, missing = _ask(executable, keeps=keeps)
    text = ".".join(map(str, version))
    if version < OLDEST:
        raise UsageError(
            f"{executable} is Python {text}, but `bnregress check` needs Python 3.7 or newer. "
            "Give the interpreter of another environment to --python."
        )
    if missing:
        raise UsageError(_without(executable, missing, ours=given is None))
    return Inspected(executable=executable, version=text, keeps=keeps, files=_files_if_any(executable, keeps=keeps))


def _files(executable: Path, *, keeps: bool) -> str | None:
    # Of what its own variables do not lead it to, as a PYTHONPATH of ours, nothing counts.
    return files_sha256(executable, inspected_variables(os.environ, keeps=keeps))


def _files_if_any(executable: Path, *, keeps: bool) -> str | None:
    try:
        return _files(executable, keeps=keeps)
    except UsageError:
        return None


def _ask(executable: Path, *, keeps: bool) -> tuple[tuple[int, ...], list[str]]:
    try:
        finished = subprocess.run(
            [executable, "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=tempfile.gettempdir(),
            env=inspected_variables(os.environ, keeps=keeps),
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"{executable} cannot be run: {error}. Give --python the path of an interpreter.") from error
    # What a start-up file of the environment prints comes first.
    last = finished.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
    try:
        answer = json.loads(last)
        return tuple(answer["version"]), list(answer["missing"])
    except (ValueError, TypeError, KeyError):
        said = finished.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        # What is no Python repeats the probe as the name of a file.
        if "import json" in said:
            raise UsageError(
                f"{executable} is not a Python. Give --python the path of an interpreter, such as .venv/bin/python."
            ) from None
        why = f" (it says: {said[:200]})" if said else ""
        raise UsageError(
            f"{executable} is not a working Python interpreter{why}. Give --python the path of an interpreter, "
            "such as .venv/bin/python. A pyenv or asdf shim works only if its version is chosen."
        ) from None


def _without(executable: Path, missing: list[str], *, ours: bool) -> str:
    what = f"The environment of {executable} lacks {' and '.join(missing)}."
    if ours:
        return (
            f"{what} bnregress is installed apart from your TensorFlow: name that environment, "
            "as in `bnregress check --python .venv/bin/python`."
        )
    return f"{what} Install it there, or give --python the interpreter of the environment that has it."
