"""An environment that a person brings: described by its own interpreter, never changed, and told from any release."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

import bnregress
from bnregress.errors import UsageError
from bnregress.machine.python_paths import named_interpreter
from bnregress.suite.described import MARK

#: How the id of what is no release ends: an environment that a person brings, or one with a build of their own in it.
LOCAL = "+local"
#: The second of two environments that would have one id has a number behind it.
_IS_LOCAL = re.compile(r"\+local\d*$")

OPTION = "--environment"
OLDEST = (3, 7)

#: Of another interpreter's variables, these bear on which packages it imports.
IMPORTING = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONPLATLIBDIR"})
#: Switches of the framework, which the record tells: no name here is one that holds a secret or a folder.
_SWITCHES = re.compile(
    r"TF2_BEHAVIOR|TF_(USE|ENABLE|DISABLE|XLA|CUDNN|CUBLAS|GPU|AUTOTUNE|AUTO|FORCE|DETERMINISTIC)_\w+|XLA_FLAGS"
    r"|NVIDIA_TF32_OVERRIDE"
)

_DESCRIBE = Path(bnregress.__file__).parent / "suite" / "described.py"
#: A first import from a network's file system may take minutes.
_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class LocalEnvironment:
    """What an environment was found to be.

    Attributes:
        executable: as it was given; it may be a script that starts an interpreter.
        python: full version, as `3.11.7`.
        tensorflow, keras: versions as they tell themselves; `keras` is that of `tf.keras`.
        packages: versions of all that is installed, by name.
        packages_sha256: hash of these and of the files that each package says it consists of.
        files: hash of names, sizes and times of all files of its packages; it tells whether anything changed.
        modules: of those asked for, the ones that can be imported.
        built: CUDA and cuDNN that TensorFlow was built with; nothing if without.
        found: CUDA and cuDNN that are there, as their libraries tell.
        variables: switches of the framework that are set for it.
    """

    executable: Path
    python: str
    tensorflow: str
    keras: str
    packages: Mapping[str, str]
    packages_sha256: str
    files: str
    modules: tuple[str, ...] = ()
    built: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """The id that it stands under, such as `tf2.15.1+local`."""
        return f"tf{Version(self.tensorflow).public}{LOCAL}"

    @property
    def sha256(self) -> str:
        """Hash of what bears on a verdict, in place of the hash of a lock; that of no lock is ever the same."""
        told = [self.python, self.tensorflow, self.keras, self.packages_sha256, dict(self.variables), dict(self.found)]
        return hashlib.sha256(json.dumps([LOCAL, *told], sort_keys=True).encode()).hexdigest()

    def why_changed(self) -> str | None:
        """Say why it is not what it was found to be; None if it is. Nothing of the framework is imported."""
        try:
            said = _ask(self.executable, self.modules, framework=False)
        except UsageError as error:
            return str(error)
        if said.get("files") == self.files:
            return None
        changed = [name for name, version in self.packages.items() if said.get("packages", {}).get(name) != version]
        changed += [name for name in said.get("packages", {}) if name not in self.packages]
        return f"its packages have changed{f', {min(changed)} among them' if changed else ''}"


def is_local(release: str) -> bool:
    """Whether the id is that of a person's own environment or build: what is said of releases is not about it."""
    return _IS_LOCAL.search(release) is not None


def describe(given: str, modules: Iterable[str], option: str = OPTION) -> LocalEnvironment:
    """Import TensorFlow in a person's environment, and say what the environment is.

    Args:
        given: see `named_interpreter`.
        modules: whose presence is of interest.
        option: what it was given to.

    Raises:
        UsageError: there is no interpreter, it is too old, or TensorFlow is not there or does not import.
    """
    executable = named_interpreter(given, option)
    modules = tuple(dict.fromkeys(("tensorflow", "numpy", "keras", *modules)))
    said = _ask(executable, modules, framework=True, option=option)
    python = ".".join(map(str, said["version"]))
    if tuple(said["version"]) < OLDEST:
        raise UsageError(
            f"{executable} is Python {python}, but the suite needs Python 3.7 or newer."
            f" Give {option} another environment."
        )
    missing = [name for name in ("tensorflow", "numpy") if name not in said["modules"]]
    if missing:
        raise UsageError(
            f"The environment of {executable} lacks {' and '.join(missing)}. Install it there, or give {option}"
            " the environment that has it."
        )
    if "broken" in said:
        raise UsageError(
            f"TensorFlow does not import in the environment of {executable}: {said['broken'][:500]}."
            f" Mend the environment so that `{executable} -c 'import tensorflow'` works, then run again."
        )
    return LocalEnvironment(
        executable=executable,
        python=python,
        tensorflow=_version(said["tensorflow"], executable),
        keras=str(said["keras"] or "unknown"),
        packages=said["packages"],
        packages_sha256=_sha256([said["packages"], said["records"]]),
        files=said["files"],
        modules=tuple(said["modules"]),
        built=said["built"],
        found=said["found"],
        variables={name: value for name, value in sorted(os.environ.items()) if _SWITCHES.fullmatch(name)},
    )


def files_sha256(executable: Path, variables: Mapping[str, str]) -> str | None:
    """Return a hash of names, sizes and times of all files that an interpreter's packages consist of.

    Args:
        executable: the interpreter.
        variables: that it is run with, for these bear on what it imports.

    Raises:
        UsageError: it cannot be run.
    """
    return _ask(executable, ("tensorflow", "keras"), framework=False, environ=variables).get("files")


def own_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return a person's variables for their own interpreter: all but those that change how Python itself runs."""
    return {name: value for name, value in environ.items() if not name.startswith("PYTHON") or name in IMPORTING}


def _version(text: Any, executable: Path) -> str:
    try:
        return str(Version(str(text)))
    except InvalidVersion:
        raise UsageError(
            f"The TensorFlow of {executable} says that its version is {str(text)[:100]!r}, which is no version."
            " Build it with a version such as 2.15.1 or 2.15.1+mine."
        ) from None


def _ask(
    executable: Path,
    modules: Iterable[str],
    *,
    framework: bool,
    option: str = OPTION,
    environ: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what the environment's own interpreter says, run with a person's own variables or those given."""
    request = json.dumps({"framework": framework, "modules": list(modules)})
    variables = own_variables(os.environ) if environ is None else dict(environ)
    variables |= {"PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    try:
        ended = subprocess.run(
            [executable, "-c", _DESCRIBE.read_text(encoding="utf-8"), request],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=tempfile.gettempdir(),
            env=variables,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(f"{executable} cannot be run: {_first(str(error))}. Give {option} an interpreter.") from error
    answers = [line for line in ended.stdout.decode("utf-8", "replace").splitlines() if line.startswith(MARK)]
    said = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:300]
    try:
        answer: dict[str, Any] = json.loads(answers[-1].removeprefix(MARK))
        tuple(answer["version"])
    except (IndexError, ValueError, KeyError, TypeError):
        # What is no Python repeats the request as the name of a file.
        if '{"framework"' in said:
            raise UsageError(
                f"{executable} is not a Python. Give {option} the path of an interpreter or of an environment, such as"
                " .venv."
            ) from None
        why = f" (it says: {said})" if said else ""
        raise UsageError(
            f"{executable} is not a working Python interpreter{why}. Give {option} the path of an interpreter or of an"
            " environment, such as .venv. A pyenv or asdf shim works only if its version is chosen."
        ) from None
    if framework and "modules" in answer and not {"tensorflow", "broken"} & answer.keys():
        # It told of its packages, and ended before it could tell of TensorFlow.
        answer["broken"] = f"importing it ended Python, which {_ending(ended.returncode)}{f' ({said})' if said else ''}"
    return answer


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"exited with code {code}"


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _first(text: str) -> str:
    return (text.strip().splitlines() or ["no reason is given"])[0][:300]
