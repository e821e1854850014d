"""Environments are sealed when they are finished: a half-made or an altered one is told by its seal."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bnregress.machine.atomic import replace_text
from bnregress.machine.interpreters import Interpreter

SEAL = ".bnregress-seal.json"


@dataclass(frozen=True, kw_only=True)
class Seal:
    """What a finished environment was made of; written last, so that a half-made one has none."""

    lock_sha256: str
    python: str
    executable: str
    files: str


def seal(environment: Path, *, lock_sha256: str, interpreter: Interpreter) -> None:
    """Declare the environment finished."""
    content = _seal(environment, lock_sha256, interpreter)
    replace_text(environment / SEAL, json.dumps(asdict(content)))


def is_sealed(environment: Path) -> bool:
    """Whether the environment was finished; `reason_to_discard` says whether it still is what it was."""
    return (environment / SEAL).is_file()


def sealed_files(environment: Path) -> str | None:
    """Return what the seal says of the environment's files, None where there is no readable seal."""
    try:
        return Seal(**json.loads((environment / SEAL).read_bytes())).files
    except (OSError, ValueError, TypeError):
        return None


def reason_to_discard(environment: Path, *, lock_sha256: str, interpreter: Interpreter) -> str | None:
    """Why the environment cannot be used as it is; None if it is intact, or not there at all."""
    if not environment.exists():
        return None
    try:
        found = Seal(**json.loads((environment / SEAL).read_bytes()))
    except (OSError, ValueError, TypeError):
        return "it was never finished"
    expected = _seal(environment, lock_sha256, interpreter)
    if found.lock_sha256 != expected.lock_sha256:
        return "the lock has changed"
    if (found.python, found.executable) != (expected.python, expected.executable):
        return f"it was made with CPython {found.python} at {found.executable}"
    if found.files != expected.files:
        return "its files have changed since it was made"
    return None


def discard(environment: Path) -> None:
    """Remove the environment, the seal first: what is left of an interrupted removal counts as half-made."""
    (environment / SEAL).unlink(missing_ok=True)
    shutil.rmtree(environment)


def note_use(environment: Path) -> None:
    """Remember that the finished environment is used now; `last_used` tells."""
    if is_sealed(environment):
        os.utime(environment / SEAL)


def last_used(environment: Path) -> float:
    """Return when the environment was last used, in seconds since 1970; 0 if it was never finished."""
    try:
        return (environment / SEAL).stat().st_mtime
    except OSError:
        return 0.0


def _seal(environment: Path, lock_sha256: str, interpreter: Interpreter) -> Seal:
    return Seal(
        lock_sha256=lock_sha256,
        python=interpreter.version,
        executable=str(interpreter.executable),
        files=_digest(environment),
    )


def _digest(environment: Path) -> str:
    digest = hashlib.sha256()
    for line in sorted(_lines(environment, "")):
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _lines(folder: str | Path, prefix: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        name = prefix + entry.name
        if entry.is_symlink():
            yield f"{name}\0{Path(entry.path).readlink()}\n"
        elif entry.is_dir():
            if entry.name != "__pycache__":
                yield from _lines(entry.path, name + "/")
        elif not name.startswith(SEAL):
            stat = entry.stat(follow_symlinks=False)
            yield f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n"
