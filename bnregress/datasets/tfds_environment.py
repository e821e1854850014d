"""The environment that holds tensorflow-datasets, and what is read in it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from uv import find_uv_bin

import bnregress
from bnregress.errors import FatalError, UsageError
from bnregress.machine.interpreters import find_interpreter, how_to_install
from bnregress.machine.sealing import discard, is_sealed, reason_to_discard, seal
from bnregress.resources import RESOURCES

PYTHON = "3.12"
_PACKAGE = Path(bnregress.__file__).parent
LOCK = RESOURCES / "datasets.txt"
#: All of the host that is needed there.
_FILES = ("__init__.py", "errors.py", "suite/__init__.py", "suite/seeded.py")


def read_tfds(
    name: str, cache: Path, *, offline: bool, say: Callable[[str], None], env: dict[str, str]
) -> dict[str, NDArray[Any]]:
    """Read a data set of tensorflow-datasets, in an environment of its own that is made when first needed.

    Args:
        name: of the data set, `gratings10` for ours.
        cache: below it the environment and the downloads are kept.
        offline: install and read from what is there alone.
        say: told what takes long.
        env: variables for the installer.

    Raises:
        UsageError: there is no such data set, or it is not one of images with a class each.
        FatalError: it cannot be had here and now; the message says why.
    """
    folder = cache / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "environment.lock"):
        python = _environment(folder, offline=offline, say=say, env=env)
        say(f"preparing the data {name}")
        with tempfile.TemporaryDirectory(prefix=".reading-", dir=folder) as temporary:
            return _read(name, python, folder, Path(temporary), offline=offline)


def _read(name: str, python: Path, folder: Path, temporary: Path, *, offline: bool) -> dict[str, NDArray[Any]]:
    code, out = temporary / "code" / "bnregress", temporary / "arrays.npz"
    for file in (*_FILES, *(f"datasets/{path.name}" for path in (_PACKAGE / "datasets").glob("*.py"))):
        (code / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_PACKAGE / file, code / file)
    variables = {
        **{key: os.environ[key] for key in ("LANG", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if key in os.environ},  # noqa: E501
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(temporary),
        "PYTHONPATH": str(code.parent),
        "PYTHONNOUSERSITE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "NO_GCE_CHECK": "true",
    }  # fmt: skip
    command = [str(python), "-m", "bnregress.datasets.tfds_arrays", name, str(folder / "tfds"), str(out)]
    result = subprocess.run(command, env=variables, cwd=temporary, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise explain(name, (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1], offline)
    with np.load(out) as stored:
        return {key: stored[key] for key in stored.files}


def explain(name: str, said: str, offline: bool) -> FatalError:  # noqa: FBT001 - one more fact of three
    """Return the error for what the last line of the reading process says."""
    kind, _, message = said.partition(": ")
    if kind == "DatasetNotFoundError":
        return UsageError(
            f"tensorflow-datasets has no data set {name!r}. Its catalogue lists the names; your own images go through"
            " --data FILE.npz."
        )
    if kind == "NoImageClassificationError":
        return UsageError(f"The data set {name} cannot be used: {message}. Choose a set of images with classes.")
    if kind in ("ConnectionError", "NonMatchingChecksumError", "DownloadError") or "Max retries" in said:
        remedy = "Leave --offline out" if offline else "Check the network, or run without --data, which needs none"
        return FatalError(f"The data set {name} could not be downloaded: {message}. {remedy}.")
    if "No space left" in said or "ResourceExhausted" in kind or "not enough disk space" in said.lower():
        return FatalError(
            f"There is no room for the data set {name}: {message}. Free some space in the cache, then run again."
        )
    return FatalError(f"The data set {name} could not be prepared: {said}.")


def _environment(folder: Path, *, offline: bool, say: Callable[[str], None], env: dict[str, str]) -> Path:
    """Return the interpreter of the environment; it is made anew unless a whole one of the same lock is there."""
    lock_sha256 = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    environment = folder / f"environment-{lock_sha256[:16]}"
    python = environment / "bin" / "python"
    interpreter = find_interpreter(PYTHON)
    if interpreter is None:
        raise FatalError(
            f"The data are prepared in CPython {PYTHON}, which this machine lacks. {how_to_install(PYTHON)}"
            " Or give arrays with --data FILE.npz, which needs none."
        )
    if reason_to_discard(environment, lock_sha256=lock_sha256, interpreter=interpreter):
        discard(environment)
    if is_sealed(environment):
        return python
    say("making the environment of tensorflow-datasets (1.6 GB, once)")
    uv, variables = find_uv_bin(), {**env, **({"UV_OFFLINE": "1"} if offline else {})}
    for command in (
        [uv, "venv", "--quiet", "--no-config", "--python", str(interpreter.executable), str(environment)],
        [uv, "pip", "sync", "--quiet", "--python", str(python), "--require-hashes", str(LOCK)],
    ):
        result = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            shutil.rmtree(environment, ignore_errors=True)
            raise FatalError(
                "The environment of tensorflow-datasets could not be made:"
                f" {' '.join(result.stderr.split())[-600:]} Check the network and the disk, or give arrays with"
                " --data FILE.npz."
            )
    seal(environment, lock_sha256=lock_sha256, interpreter=interpreter)
    return python
