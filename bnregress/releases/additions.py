"""What the catalog lacks of the index, and the row and lock of one more release, like the nearest older one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from packaging.version import Version

from bnregress.errors import FatalError, UsageError
from bnregress.machine.interpreters import Interpreter, find_interpreter, how_to_install
from bnregress.releases.catalog import CATALOG, Catalog, Release, read_catalog
from bnregress.releases.catalog_file import add_row
from bnregress.releases.index import Index, ask_index
from bnregress.releases.locking import make_lock, stood_in
from bnregress.releases.resolution import Package, ResolutionError, resolve
from bnregress.releases.trial import attempt

_WANTED = re.compile(r"(?:tf)?(?P<tensorflow>\d+\.\d+\.\d+(?:rc\d+)?)(?:-keras(?P<keras>\d+\.\d+\.\d+))?")
_KERAS_3 = Version("3.0.0")
_FIRST_WITH_KERAS_3 = Version("2.16.0rc0")
# What uv says where there is no resolution, as against an index that cannot be reached; and which Keras is asked for.
_UNSATISFIABLE = "No solution found"
_NEEDS = re.compile(r"depends on (keras[<>=!~,.\d]+)")


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A version on the index that the catalog lacks: of `tensorflow`, or of `keras` from 3 on."""

    package: str
    version: str
    pythons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Addition:
    """A release that was added, the row that it was inferred from, and where the lock for its own Python is.

    `replaced` are the releases of older patches that left the group `default` for it.
    """

    release: Release
    pattern: Release
    lock: Path
    replaced: tuple[Release, ...] = ()


def missing(catalog: Catalog, ask: Callable[[Collection[str]], Index] = ask_index) -> list[Missing]:
    """List what the index has and the catalog lacks, oldest first.

    Final releases of TensorFlow from the catalog's oldest on and of Keras from 3.0 on, pre-releases of TensorFlow newer
    than the newest final one of either; what the catalog leaves out on purpose is not listed.

    Raises:
        FatalError: the index cannot be reached.
    """
    index = ask(["tensorflow", "keras"])
    rows = _on_tensorflow(catalog)
    listed = {Version(release.tensorflow) for release in rows}
    known = listed | {Version(text) for text in catalog.left_out if not text.startswith("keras")}
    found = {Version(text): text for text in index.versions("tensorflow")}
    final = max(version for version in {*known, *found} if not version.is_prerelease)
    lacking = [
        Missing(package="tensorflow", version=text, pythons=index.pythons("tensorflow", text))
        for version, text in found.items()
        if version not in known and version >= min(listed) and (not version.is_prerelease or version > final)
    ]
    with_keras = [row for row in rows if "-keras" in row.id or "default" in row.groups]
    known_keras = {*map(_keras_version, with_keras)}
    known_keras |= {Version(text.removeprefix("keras")) for text in catalog.left_out if text.startswith("keras")}
    return lacking + [
        Missing(package="keras", version=text, pythons=index.pythons("keras", text))
        for text in index.versions("keras")
        if Version(text) >= _KERAS_3 and Version(text) not in known_keras and not Version(text).is_prerelease
    ]


def add_release(
    wanted: str,
    *,
    path: Path = CATALOG,
    ask: Callable[[Collection[str]], Index] = ask_index,
    find: Callable[[str], Interpreter | None] = find_interpreter,
    today: str | None = None,
) -> Addition:
    """Write the row of one more release, and a lock for each CPython; nothing is written if it cannot be resolved.

    Args:
        wanted: `2.22.0`, or `2.22.0-keras3.16.0`; a `tf` before it may stand.
        path: the catalog; the locks lie beside it.
        ask: queries the index.
        find: finds an interpreter by its minor version.
        today: such as `2026-11-24`; default: today (UTC).

    Raises:
        UsageError: it is no version, is there already, or the index has no wheel of it.
        FatalError: there is no interpreter for it here, or its packages could not be resolved.
    """
    catalog = read_catalog(path)
    tensorflow, keras = _parse(wanted, catalog)
    pattern = nearest_older(catalog, tensorflow, keras)
    release = _with_wheels(replace(pattern, id=_id(tensorflow, keras), tensorflow=tensorflow, note=""), ask)
    release = replace(release, groups=_groups(catalog, release, keras))
    interpreter = find(release.python)
    if interpreter is None:
        raise FatalError(
            f"{release.id} cannot be locked: no CPython {release.python}. {how_to_install(release.python)}"
        )
    release, text = _locked(catalog, release, keras, interpreter, today or _today())
    return _write(catalog, release, pattern, text, interpreter)


def add_keras(
    keras: str,
    *,
    path: Path = CATALOG,
    find: Callable[[str], Interpreter | None] = find_interpreter,
    attempt: Callable[[str, Interpreter], str] = attempt,
    today: str | None = None,
) -> Addition:
    """Write the row of one more Keras 3, on the newest TensorFlow that it works with, and its locks.

    The final releases that are the newest of their minor version are tried, the newest first: the packages must
    resolve, import, build and train a small network. The row tells why the one before did not do.

    Args:
        keras: its version, such as `3.16.0`.
        path: the catalog; the locks lie beside it.
        find: finds an interpreter by its minor version.
        attempt: takes a lock and an interpreter, and returns why the packages do not work; empty if they do.
        today: such as `2026-11-24`; default: today (UTC).

    Raises:
        UsageError: the catalog has a release of it already.
        FatalError: it works with no TensorFlow, or that cannot be found out here.
    """
    catalog = read_catalog(path)
    refused = ""
    for pattern in newest_of_each_minor(catalog):
        release = replace(
            pattern,
            id=_id(pattern.tensorflow, keras),
            keras=keras,
            note="",
            as_of="",
            not_on=refused,
            other_pythons=tuple(other.partition("-keras")[0] for other in pattern.other_pythons),
        )
        if release.id in catalog.releases or pattern.keras == keras:
            raise UsageError(
                f"{keras} is in the catalog already, as {release.id if release.id in catalog.releases else pattern.id}."
            )
        interpreter = find(release.python)
        if interpreter is None:
            raise FatalError(
                f"{release.id} cannot be tried: no CPython {release.python}. {how_to_install(release.python)}"
            )
        try:
            release, text = _locked(catalog, release, keras, interpreter, today or _today())
        except FatalError as error:
            if _UNSATISFIABLE not in str(error):
                raise
            needs = _NEEDS.search(" ".join(str(error).split()))
            refused = f"{pattern.tensorflow}: " + (f"it asks for {needs[1]}" if needs else "no packages meet both")
            continue
        if reason := attempt(text, interpreter):
            refused = f"{pattern.tensorflow}: {reason}"
            continue
        release = replace(release, groups=_keras_groups(catalog, keras))
        return _write(catalog, release, pattern, text, interpreter)
    raise FatalError(f"Keras {keras} was not added: it works with no TensorFlow of the catalog. Not on {refused}.")


def newest_of_each_minor(catalog: Catalog) -> list[Release]:
    """Return the newest final TensorFlow of each minor version that takes Keras 3, with its own Keras, newest first."""
    rows: dict[str, Release] = {}
    for release in _on_tensorflow(catalog):
        if "-keras" in release.id or Version(release.tensorflow).is_prerelease:
            continue
        if Version(release.tensorflow) >= _FIRST_WITH_KERAS_3:
            rows[_minor(release.tensorflow)] = release
    return list(rows.values())[::-1]


def _on_tensorflow(catalog: Catalog) -> list[Release]:
    """Return the releases of TensorFlow with a version."""
    return [release for release in catalog.releases.values() if release.on_tensorflow and not release.is_floating]


def _write(catalog: Catalog, release: Release, pattern: Release, text: str, interpreter: Interpreter) -> Addition:
    others = on_other_pythons(catalog, release, interpreter)
    release = replace(release, other_pythons=tuple(others))
    texts = {release.lock_path(): text} | {release.on(other).lock_path(): made for other, made in others.items()}
    lock = release.lock_path()
    lock.parent.mkdir(exist_ok=True)
    for file, content in texts.items():
        file.write_text(content, encoding="utf-8", newline="\n")
    replaced = _replaced(catalog, release)
    add_row(release, *replaced)
    return Addition(release=release, pattern=pattern, lock=lock, replaced=replaced)


def _replaced(catalog: Catalog, release: Release) -> tuple[Release, ...]:
    """Return the default releases of older patches of the Keras that a new default release brings, now in `patch`."""
    if "default" not in release.groups or "-keras" not in release.id:
        return ()
    return tuple(
        replace(row, groups=row.groups - {"default"} | {"patch"})
        for row in catalog.releases.values()
        if "default" in row.groups and "-keras" in row.id and _minor(row.keras) == _minor(release.keras)
    )


def _keras_groups(catalog: Catalog, keras: str) -> frozenset[str]:
    same = [
        Version(row.keras)
        for row in catalog.releases.values()
        # A TensorFlow of a plain run may come with the newest patch by itself.
        if row.keras.startswith(f"{_minor(keras)}.") and ("-keras" in row.id or "default" in row.groups)
    ]
    return frozenset({"default" if all(version <= Version(keras) for version in same) else "patch"})


def _today() -> str:
    return f"{datetime.now(timezone.utc):%Y-%m-%d}"


def nearest_older(catalog: Catalog, tensorflow: str, keras: str | None) -> Release:
    """Return the row that a new one is like: the newest that is not newer, with Keras of its own if that is requested.

    Where all are newer, the oldest.
    """
    rows = _on_tensorflow(catalog)
    # Those with a Keras of their own choice bring tf_keras and the hubs; what is alike but for Keras does not.
    alike = [row for row in rows if bool(row.groups & {"keras", "standalone-keras"}) == (keras is not None)] or rows
    if keras is None:
        alike = [row for row in rows if "-keras" not in row.id] or rows
    older = [release for release in alike if Version(release.tensorflow) <= Version(tensorflow)]
    return older[-1] if older else alike[0]


def _parse(wanted: str, catalog: Catalog) -> tuple[str, str | None]:
    match = _WANTED.fullmatch(wanted)
    if match is None:
        raise UsageError(
            f"{wanted!r} is not a release. Write a version, as 2.22.0, or one with Keras, 2.22.0-keras3.16.0."
        )
    tensorflow, keras = match["tensorflow"], match["keras"]
    if _id(tensorflow, keras) in catalog.releases:
        raise UsageError(
            f"{_id(tensorflow, keras)} is in the catalog already. `nox -s lock -- {_id(tensorflow, keras)}` makes its"
            " lock again."
        )
    return tensorflow, keras


def _id(tensorflow: str, keras: str | None) -> str:
    return f"tf{tensorflow}" + (f"-keras{keras}" if keras else "")


def _with_wheels(release: Release, ask: Callable[[Collection[str]], Index]) -> Release:
    """Choose package and Python: those of the row it is like if the index has them, else the newest Python."""
    index = ask(["tensorflow", "tensorflow-cpu"])
    for package in dict.fromkeys((release.cpu, "tensorflow-cpu", "tensorflow")):
        pythons = index.pythons(package, release.tensorflow)
        if pythons:
            python = release.python if release.python in pythons else pythons[-1]
            return replace(release, cpu=package, python=python, other_pythons=nearest_first(python, pythons))
    have = [text for text in index.versions("tensorflow") if _minor(text) == _minor(release.tensorflow)]
    near = f" Of {_minor(release.tensorflow)} there are {', '.join(have)}." if have else ""
    raise UsageError(f"The index has no wheel of TensorFlow {release.tensorflow} for a CPython on Linux.{near}")


def nearest_first(python: str, pythons: Collection[str]) -> tuple[str, ...]:
    """Return the other Pythons in the order in which they stand in for one; of two as near, the newer goes first."""
    own = Version(python).minor
    others = sorted((Version(each) for each in pythons if each != python), reverse=True)
    return tuple(str(each) for each in sorted(others, key=lambda each: abs(each.minor - own)))


def on_other_pythons(catalog: Catalog, release: Release, interpreter: Interpreter) -> dict[str, str]:
    """Return the lock of a release for each of its other Pythons, as far as its packages can be resolved for them.

    If its Keras does not support one, and its id does not name it, another Keras that does stands in.
    """
    texts = {}
    for python in release.other_pythons:
        with suppress(FatalError):
            texts[python] = make_lock(catalog, release.on(python), interpreter)
            continue
        with suppress(FatalError):
            if "-keras" not in release.id and not _keras_version(release).is_devrelease:
                other = f"{python}-keras{_keras(catalog, release.on(python), interpreter)}"
                texts[other] = make_lock(catalog, release.on(other), interpreter)
    return texts


def _groups(catalog: Catalog, release: Release, keras: str | None) -> frozenset[str]:
    legacy = {"legacy"} if Version(release.tensorflow) < Version("2") else set()
    if keras is not None:
        return frozenset(
            legacy | {"keras" if Version(release.tensorflow) >= _FIRST_WITH_KERAS_3 else "standalone-keras"}
        )
    if Version(release.tensorflow).is_prerelease:
        return frozenset({"prerelease"})
    same = [
        Version(row.tensorflow)
        for row in _on_tensorflow(catalog)
        if _minor(row.tensorflow) == _minor(release.tensorflow)
    ]
    is_newest = all(version < Version(release.tensorflow) for version in same)
    return frozenset(legacy | {"default" if is_newest else "patch"})


def _locked(
    catalog: Catalog, release: Release, keras: str | None, interpreter: Interpreter, today: str
) -> tuple[Release, str]:
    """Resolve as of the catalog's day, or as of today if the release is younger than that."""
    days = [""] if today <= catalog.exclude_newer else ["", today]
    for day in days:
        dated = replace(release, as_of=day)
        try:
            dated = replace(dated, keras=keras or _keras(catalog, dated, interpreter))
            return dated, make_lock(catalog, dated, interpreter)
        except FatalError:
            if day == days[-1]:
                raise
    raise AssertionError("the last day returns or raises")


def _keras(catalog: Catalog, release: Release, interpreter: Interpreter) -> str:
    """Return the version that the resolver takes; the copied one if Keras is a part of TensorFlow.

    TensorFlow takes any Keras 3 from some version on: it gets the newest of the day on which it appeared itself.
    """
    framework, *packages = release.requirements()
    if not packages:
        return release.keras
    day = release.as_of or catalog.exclude_newer

    def resolved(until: str) -> tuple[Package, ...]:
        wanted, limits = (framework, *catalog.tools), catalog.limits(release)
        return resolve(wanted, limits, interpreter, until=until, python=stood_in(release))

    try:
        found = resolved(day)
        own_day = _day_after(found, release) if Version(release.tensorflow) >= _FIRST_WITH_KERAS_3 else ""
        if own_day and own_day < day:
            found = resolved(own_day)
    except ResolutionError as error:
        raise FatalError(
            f"{release.id} was not added: its packages could not be resolved. If its metadata needs it, add"
            " constraints to the catalog and"
            f" the row by hand. uv says:\n{error}"
        ) from error
    versions = [each.version for each in found if each.name in ("keras", "keras-nightly")]
    if not versions:
        raise FatalError(f"{release.id} was not added: it does not depend on Keras. Add its row by hand.")
    return versions[0]


def _day_after(found: Collection[Package], release: Release) -> str:
    """Return the day after the one on which TensorFlow itself reached the index; empty if the index does not say."""
    days = [each.uploaded for each in found if each.name == release.cpu and each.uploaded]
    return f"{date.fromisoformat(max(days)) + timedelta(days=1)}" if days else ""


def _keras_version(release: Release) -> Version:
    return Version(release.keras.removesuffix("-tf"))


def _minor(version: str) -> str:
    parsed = Version(version)
    return f"{parsed.major}.{parsed.minor}"
