"""The environment of a release: where it is, who uses it now, and whether its packages are what they were."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bnregress.machine.sealing import discard
from bnregress.planning.plan import PlannedRelease
from bnregress.run import process_groups

#: nox shortens the name of an environment whose path is too long for an interpreter's name of this length behind it.
_ROOM_FOR_INTERPRETER = len("bin/pythonX.Y")

#: How the folder is named that has what the suite needs beside an environment that a person brings.
BESIDE = "beside-"

#: Where packages are.
_SITES = "lib/python*/site-packages"

#: Nobody edits a larger file in place, and hashing TensorFlow's libraries would take as long as installing them.
_LARGEST_SOURCE = 2 * 2**20


def session_name(release: str, device: str = "cpu") -> str:
    """Return the nox session of a release; on the GPU it has packages, and so an environment, of its own."""
    return f"regress-{release}" if device == "cpu" else f"regress-{release}-{device}"


def environment_path(root: Path, release: str, device: str = "cpu") -> Path:
    """Return the folder that nox makes the environment of a release in, `root` being its `--envdir`."""
    name = unicodedata.normalize("NFKD", session_name(release, device)).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "-", name).strip().lower()).strip("-")
    if len(str(root / name)) > 100 - _ROOM_FOR_INTERPRETER and len(str(root)) < 100 - 9:
        name = hashlib.sha1(name.encode("ascii"), usedforsecurity=False).hexdigest()[:8]
    return root / name


def place_of(root: Path, planned: PlannedRelease) -> Path:
    """Return the folder that a planned release has below `root`: its environment, or what the suite needs beside it."""
    if planned.release.local is None:
        return environment_path(root, planned.release.base or planned.id, planned.device)
    name = hashlib.sha256(str(planned.release.local.executable).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return root / f"{BESIDE}{name}"


def remove_unless_held(environment: Path) -> bool:
    """Remove the environment if no run uses it; whether it is gone."""
    busy = threading.Event()
    with held(environment, {}, waiting=lambda _holder: busy.set(), stopped=busy.is_set) as free:
        if free and environment.exists():
            discard(environment)
    return free


def has_modules(environment: Path, modules: Iterable[str], further: Iterable[Path] = ()) -> bool:
    """Whether all these modules are installed in the environment or in further folders."""
    sites = [str(site) for site in (*further, *environment.glob(_SITES))]
    return all(PathFinder.find_spec(module, sites) is not None for module in modules)


def altered_packages(environment: Path) -> list[str]:
    """Names of installed packages with a file that is missing or not what the package's RECORD says.

    The installer takes files from its cache by hard link. Whoever edited one in
    place changed the cache too, and every installation made from it.
    """
    records = list(environment.glob(f"{_SITES}/*.dist-info/RECORD"))
    with ThreadPoolExecutor(max_workers=min(8, (os.cpu_count() or 1) + 1)) as pool:
        verdicts = list(pool.map(_is_altered, records))
    return sorted(
        record.parent.name.split("-")[0] for record, altered in zip(records, verdicts, strict=True) if altered
    )


@contextmanager
def held(
    environment: Path, holder: dict[str, Any], *, waiting: Callable[[str], None], stopped: Callable[[], bool]
) -> Iterator[bool]:
    """Hold the environment against other runs while the block runs.

    Args:
        environment: its folder.
        holder: JSON values that tell others who holds it; its `marker` is what the processes of this use carry.
        waiting: called once, with who holds it now, before waiting.
        stopped: asked while waiting; once true, the wait is given up.

    Yields:
        Whether it is held; False only when stopped.
    """
    folder = environment.parent / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock, note = FileLock(folder / f"{environment.name}.lock"), folder / f"{environment.name}.json"
    told = False
    while not stopped():
        try:
            lock.acquire(timeout=0.2)
        except Timeout:
            if not told:
                waiting(_describe(_read(note)))
                told = True
            continue
        try:
            # Whoever wrote the note no longer holds the lock; what it left running must not write here any more.
            if marker := _read(note).get("marker"):
                process_groups.end(str(marker))
            note.write_text(json.dumps(holder), encoding="utf-8")
            yield True
            note.unlink(missing_ok=True)
        finally:
            lock.release()
        return
    yield False


def end_leftovers(root: Path, out: str) -> None:
    """End what a run that was killed left running, and what would continue writing to its folder.

    Args:
        root: nox's `--envdir`.
        out: the folder of the run, which the caller holds, so that no living run is at work in it.
    """
    for note in (root / ".locks").glob("*.json"):
        holder = _read(note)
        if holder.get("out") == out and (marker := holder.get("marker")):
            process_groups.end(str(marker))


def _is_altered(record: Path) -> bool:
    site = record.parent.parent
    with record.open(encoding="utf-8", newline="") as rows:
        for name, expected, *_ in csv.reader(rows):
            if not expected.startswith("sha256=") or name.endswith(".pyc"):
                continue
            # TensorFlow 1.15.0 was published with a METADATA that is not the one of its RECORD.
            if name.endswith(".dist-info/METADATA"):
                continue
            try:
                if (site / name).stat().st_size > _LARGEST_SOURCE:
                    continue
                content = (site / name).read_bytes()
            except OSError:
                return True
            if base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode() != expected[7:]:
                return True
    return False


def _read(note: Path) -> dict[str, Any]:
    try:
        value = json.loads(note.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _describe(holder: dict[str, Any]) -> str:
    if not holder:
        return "another run of bnregress"
    return f"the run in {holder.get('out')} (process {holder.get('pid')}, since {holder.get('since')})"
