"""Releases that the catalog has no row of: another Keras on one of its TensorFlows, locked when it is requested."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.version import Version

from bnregress.machine.interpreters import Interpreter
from bnregress.releases.additions import nearest_older
from bnregress.releases.catalog import RELEASE_ID, Catalog, ConstraintSet, Release, read_catalog
from bnregress.releases.index import Index, ask_index
from bnregress.releases.nightly import UnresolvedError, write_lock
from bnregress.releases.resolution import Package, ResolutionError, as_requirements, resolve

_NIGHTLY_KERAS = "keras-nightly=="

#: Where in the cache the locks are.
FOLDER = "on-demand"

#: Packages that can be chosen beside TensorFlow and Keras, by what they are called; the names are those of locks.
BESIDE = {"tf_keras": "tf-keras", "keras-hub": "keras-hub", "tensorflow-hub": "tensorflow-hub"}
#: What these need to be installed beside tensorflow-cpu, see the catalog.
_CONSTRAINTS = ("no-second-tensorflow", "no-text", "pkg-resources")
_VERSION = r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?"
_ID = re.compile(
    r"tf(?P<tensorflow>\d+\.\d+\.\d+(?:rc\d+)?)(?:-keras(?P<keras>\d+\.\d+\.\d+))?"
    rf"(?P<beside>(?:\+(?:{'|'.join(BESIDE.values())}){_VERSION})*)"
)
_PART = re.compile(rf"\+(?P<name>{'|'.join(BESIDE.values())})(?P<version>{_VERSION})")

_HEADER = """\
# {id} on the {device}: every package of the release's environment, for CPython {python} on Linux, x86-64.
# Made by bnregress when the release was first asked for, as of {day}, and kept.
"""


def on_demand_id(tensorflow: str, keras: str | None, beside: Mapping[str, str]) -> str | None:
    """Return the id of a release of just these versions; None if it cannot be one, as with a nightly Keras.

    Args:
        tensorflow: its version.
        keras: its version; None for that which TensorFlow has in the catalog.
        beside: versions by the names of `BESIDE`.
    """
    parts = "".join(f"+{package}{beside[name]}" for name, package in BESIDE.items() if name in beside)
    id_ = f"tf{tensorflow}" + (f"-keras{keras}" if keras else "") + parts
    return id_ if _ID.fullmatch(id_) else None


def with_releases(catalog: Catalog, ids: Iterable[str], *, cache: Path) -> dict[str, Release]:
    """Return the catalog's releases and those of the ids that it lacks and that can be made on one of its TensorFlows.

    Args:
        catalog: bnregress's own.
        ids: such as `tf2.18.1-keras3.9.1` or `tf2.18.1-keras3.9.1+tf-keras2.18.0`.
        cache: the cache folder, where the locks will be.

    Returns:
        releases by id, oldest first.
    """
    rows = [row for id_ in ids if id_ not in catalog.releases and (row := _row(catalog, id_, cache)) is not None]
    found = {row.id: row for row in rows} | catalog.releases
    return {release.id: release for release in sorted(found.values(), key=lambda release: release.sort_key)}


def _row(catalog: Catalog, id_: str, cache: Path) -> Release | None:
    match = _ID.fullmatch(id_)
    own = catalog.releases.get(f"tf{match['tensorflow']}") if match else None
    if match is None or own is None:
        return None
    tools = tuple(f"{part['name']}=={part['version']}" for part in _PART.finditer(match["beside"]))
    more = [name for name in _CONSTRAINTS if tools and name in catalog.constraints and name not in own.constraints]
    return replace(
        own,
        id=id_,
        keras=match["keras"] or own.keras,
        constraints=(*own.constraints, *more),
        tools=tools,
        groups=frozenset(),
        other_pythons=(),
        note="",
        not_on="",
        on_demand=True,
        locks=cache / FOLDER,
    )


def with_keras_between(
    catalog: Catalog,
    first: str,
    last: str,
    *,
    cache: Path,
    ask: Callable[[Collection[str]], Index] = ask_index,
) -> dict[str, Release]:
    """Return the catalog's releases and, for two ends on one TensorFlow, every final Keras between them on the index.

    Args:
        catalog: bnregress's own.
        first: the older end, as `tf2.18.1-keras3.6.0`, in the catalog or not.
        last: the newer end.
        cache: the cache folder, where the locks will be.
        ask: queries the index.

    Returns:
        releases by id, oldest first; those of the catalog alone where the ends are not on one TensorFlow that it has.

    Raises:
        FatalError: the index cannot be reached.
    """
    ends = [RELEASE_ID.fullmatch(end) for end in (first, last)]
    names = {end and end["tensorflow"] for end in ends}
    tensorflow = names.pop() if len(names) == 1 else None
    alike = [release for release in catalog.releases.values() if release.tensorflow == tensorflow]
    if tensorflow is None or not alike:
        return catalog.releases
    oldest, newest = (Version((end and end["keras"]) or _keras_of(catalog, f"tf{tensorflow}") or "0") for end in ends)
    pattern = nearest_older(catalog, tensorflow, "any")
    index = ask(["keras"])
    rows = [
        replace(
            pattern,
            id=f"tf{tensorflow}-keras{version}",
            tensorflow=tensorflow,
            keras=version,
            groups=frozenset(),
            note="",
            on_demand=True,
            locks=cache / FOLDER,
        )
        for version in index.versions("keras")
        if oldest <= Version(version) <= newest
        and not Version(version).is_prerelease
        and pattern.python in index.pythons("keras", version)
    ]
    found = {release.id: release for release in rows} | catalog.releases
    return {release.id: release for release in sorted(found.values(), key=lambda release: release.sort_key)}


def resolve_on_demand(
    release: Release,
    interpreter: Interpreter,
    device: str,
    *,
    environ: Mapping[str, str],
    catalog: Catalog | None = None,
) -> Release:
    """Make the release's lock, unless it is kept from before; the release is returned as it is.

    It is resolved as of the catalog's day, like its neighbours; as of today if it is younger than that.

    Args:
        release: a row that is `on_demand`.
        interpreter: whose wheels are taken.
        device: `cpu` or `gpu`.
        environ: the environment of uv: index, proxy and certificates; UV_OFFLINE counts.
        catalog: whose tools and constraints count; default: bnregress's own.

    Raises:
        UnresolvedError: this TensorFlow does not take this Keras, or the index cannot be reached.
    """
    lock = release.lock_path(device)
    if lock.is_file():
        return release
    if environ.get("UV_OFFLINE"):
        raise UnresolvedError(
            f"Which packages {release.id} takes is not known, and --offline rules out asking the index.",
            "Run once without --offline; the answer is then kept.",
        )
    catalog = catalog or read_catalog()
    limits = catalog.limits(release)
    wanted = (*release.requirements(device), *catalog.tools, *release.tools)
    if any(requirement.startswith(_NIGHTLY_KERAS) for requirement in wanted):
        # A TensorFlow that is no nightly one asks for the package keras, which has the same files.
        limits = replace(limits, exclude=(*limits.exclude, "keras"))
    packages, day = _resolution(release, wanted, limits, interpreter, dict(environ), catalog.exclude_newer)
    header = _HEADER.format(id=release.id, device=device, python=release.python, day=day)
    write_lock(lock, f"{header}\n{as_requirements(packages, limits)}")
    return release


def _resolution(
    release: Release,
    wanted: Sequence[str],
    limits: ConstraintSet,
    interpreter: Interpreter,
    environ: dict[str, str],
    day: str,
) -> tuple[tuple[Package, ...], str]:
    try:
        return resolve(wanted, limits, interpreter, until=day, environ=environ), day
    except ResolutionError:
        pass
    try:
        return resolve(wanted, limits, interpreter, until=None, environ=environ), "that day"
    except ResolutionError as error:
        raise UnresolvedError(
            f"{release.id} could not be resolved: {' '.join(str(error).split())}",
            f"TensorFlow {release.tensorflow} may not support Keras {release.keras}; else check the network and"
            " the index"
            " settings of uv or pip.",
        ) from error


def _keras_of(catalog: Catalog, id_: str) -> str | None:
    release = catalog.releases.get(id_)
    return release.keras.removesuffix("-tf") if release else None
