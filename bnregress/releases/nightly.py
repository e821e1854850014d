"""Resolves the release `nightly`, whose versions are those of the day, to a lock in the cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from bnregress.machine.atomic import replace_text
from bnregress.machine.interpreters import Interpreter
from bnregress.releases.catalog import Catalog, Release, read_catalog
from bnregress.releases.resolution import ResolutionError, as_requirements, resolve

_HEADER = """\
# {id} on the {device}: what the index had on {day} (UTC), for CPython {python} on Linux, x86-64.
# Made by bnregress, and used by every run of that day.
"""

#: Where in the cache the locks are, a folder for each day and Python.
NIGHTLY_FOLDER = "nightly"

_FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}-py3\.\d+")


class UnresolvedError(Exception):
    """The release cannot be resolved now; the message says why, `remedy` what helps."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


def resolve_nightly(
    release: Release,
    interpreter: Interpreter,
    device: str,
    *,
    cache: Path,
    environ: Mapping[str, str],
    day: str | None = None,
    catalog: Catalog | None = None,
) -> Release:
    """Return the release with the versions and the lock of the day.

    The lock is made once a day and kept, so that a plan, the run that follows and one that continues with it agree.
    Offline, the newest that is kept is used.

    Args:
        release: a row that `is_floating`.
        interpreter: whose wheels are taken.
        device: `cpu` or `gpu`.
        cache: the cache folder.
        environ: the environment of uv: index, proxy and certificates; UV_OFFLINE counts.
        day: such as `2026-11-24`; default: today (UTC).
        catalog: whose tools and constraints count; default: bnregress's own.

    Raises:
        UnresolvedError: the index cannot be reached or has no fitting packages, and no lock of today is kept.
    """
    day = day or datetime.now(timezone.utc).strftime("%Y-%m-%d")
    root = cache / NIGHTLY_FOLDER
    wanted = replace(release, locks=root / f"{day}-py{release.python}").lock_path(device)
    if not wanted.is_file() and environ.get("UV_OFFLINE"):
        wanted = _newest(root, wanted)
    if not wanted.is_file():
        write_lock(wanted, _text(release, interpreter, device, day, environ, catalog or read_catalog()))
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", wanted.read_text(encoding="utf-8"), re.MULTILINE))
    package = (release.gpu if device == "gpu" else release.cpu).partition("[")[0]
    return replace(release, tensorflow=pinned[package], keras=pinned["keras-nightly"], locks=wanted.parent)


def _newest(root: Path, wanted: Path) -> Path:
    python = wanted.parent.name.rpartition("-")[2]
    kept = sorted(
        path
        for path in root.glob(f"*-{python}/{wanted.name}")
        if _FOLDER.fullmatch(path.parent.name) and path.parent.name <= wanted.parent.name
    )
    if not kept:
        raise UnresolvedError(
            "Which versions nightly has today is not known, and --offline rules out asking the index.",
            "Run once without --offline; the versions are then kept.",
        )
    return kept[-1]


def _text(
    release: Release,
    interpreter: Interpreter,
    device: str,
    day: str,
    environ: Mapping[str, str],
    catalog: Catalog,
) -> str:
    limits = catalog.limits(release)
    wanted = (*release.requirements(device), *catalog.tools, *release.tools)
    try:
        packages = resolve(wanted, limits, interpreter, until=None, environ=dict(environ))
    except ResolutionError as error:
        raise UnresolvedError(
            f"nightly could not be resolved: {' '.join(str(error).split())}",
            "Check the network and the index settings of uv or pip; if the index lacks a suitable wheel, try another"
            " day.",
        ) from error
    header = _HEADER.format(id=release.id, device=device, day=day, python=release.python)
    return f"{header}\n{as_requirements(packages, limits)}"


def write_lock(path: Path, text: str) -> None:
    """Write a lock below the cache, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text)
