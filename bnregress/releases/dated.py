"""Nightly builds of single days, as the index keeps them: `keras-nightly@2026-08-01`, `tf-nightly@2026-09-01`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from packaging.version import InvalidVersion, Version

from bnregress.cells.selector import choose
from bnregress.errors import FatalError, UsageError
from bnregress.releases.catalog import NIGHTLY, Catalog, Release
from bnregress.releases.index import Index, ask_index
from bnregress.releases.ondemand import FOLDER

KERAS = "keras-nightly"
TENSORFLOW = "tf-nightly"

_NAME = re.compile(r"(?:tf(?P<tensorflow>[0-9.]+)-)?(?P<package>keras-nightly|tf-nightly)@(?P<day>\d{4}-\d{2}-\d{2})")
_BUILD = re.compile(r".+\.dev(?P<day>\d{8})\d*")
_FIRST_KERAS_3 = Version("3.0.0.dev0")

Ask = Callable[..., Index]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Releases between two ends, of which one at least is a nightly build.

    Attributes:
        catalog: the catalog's releases and these.
        ids: of the row, oldest first.
        days: the day of each build, by the release's id.
        said: what a person must know, as of days without a build.
    """

    catalog: Mapping[str, Release]
    ids: tuple[str, ...]
    days: Mapping[str, date] = field(default_factory=dict)
    said: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Named:
    """What `PACKAGE@DAY` names; `tensorflow` is the version that is to stand under a build of Keras, if given."""

    package: str
    day: date
    tensorflow: str | None


def refuse_offline(*, offline: bool) -> None:
    """Raise UsageError if there is no index to tell of builds."""
    if offline:
        raise UsageError("Which days have a build only the index can tell. Leave --offline out.")


def is_dated(name: str) -> bool:
    """Whether a name is of a day's build, rightly written or not."""
    return "-nightly@" in name or name.startswith("nightly@")


def row_between(catalog: Catalog, first: str, last: str, *, cache: Path, ask: Ask = ask_index) -> Row:
    """Return the builds between two ends: two days of one package, or a release of the catalog and a day.

    A day without a build gives way to the nearest that has one. Builds of Keras are put on one TensorFlow: that which
    is named, that of the end that is a release, or the one that the catalog has for the Keras before the oldest build.

    Args:
        catalog: bnregress's own.
        first: the older end.
        last: the newer end.
        cache: the cache folder, where the locks will be.
        ask: queries the index.

    Raises:
        UsageError: an end is not one, the two do not fit together, or there is no build between them.
        FatalError: the index cannot be reached.
    """
    ends = [_named(name) if is_dated(name) else name for name in (first, last)]
    named = [end for end in ends if isinstance(end, _Named)]
    packages = {end.package for end in named}
    if len(packages) != 1:
        raise UsageError(f"{first} and {last} are builds of two packages. Give two days of one of them.")
    (package,) = packages
    releases = [_release(catalog, end) for end in ends if isinstance(end, str)]
    python = (
        _nightly(catalog).python if package == TENSORFLOW else (releases or [_newest_with_keras(catalog)])[0].python
    )
    builds = _builds(ask([package], [python]), package)
    low, high, said = _limits(ends, builds, package)
    chosen = {version: day for version, day in builds.items() if low <= version <= high}
    if len(chosen) + len(releases) < 2:
        raise UsageError(f"There is {len(chosen)} build of {package} from {first} to {last}, and no row to search.")
    if package == TENSORFLOW:
        rows = _of_tensorflow(catalog, chosen, ask, cache)
    else:
        rows = _of_keras(catalog, chosen, named, releases, cache)
    rows = sorted([*rows, *releases], key=lambda release: release.sort_key)
    return Row(
        catalog={**catalog.releases, **{release.id: release for release in rows}},
        ids=tuple(release.id for release in rows),
        days={row.id: builds[version] for row in rows if (version := _version(row, package)) in builds},
        said=tuple(said),
    )


def release_of_day(
    catalog: Catalog, name: str, *, cache: Path, ask: Ask = ask_index
) -> tuple[Release, tuple[str, ...]]:
    """Return the release that a day's build is, and what is to be said of it; see `row_between`.

    Raises:
        UsageError: it is not a day's build, or the index has none that is near.
        FatalError: the index cannot be reached.
    """
    named = _named(name)
    row = _nightly(catalog) if named.package == TENSORFLOW else _newest_with_keras(catalog)
    builds = _builds(ask([named.package], [row.python]), named.package)
    version, said = _at(named, builds)
    if named.package == TENSORFLOW:
        (release,) = _of_tensorflow(catalog, {version: builds[version]}, ask, cache)
    else:
        (release,) = _of_keras(catalog, [version], [named], [], cache)
    return release, tuple(said)


def with_builds(
    catalog: Catalog, names: Sequence[str], *, cache: Path, offline: bool = False, ask: Ask = ask_index
) -> tuple[dict[str, Release], list[str], list[str]]:
    """Return the catalog's releases with the builds that are named, the ids that the names stand for, and what to say.

    Args:
        catalog: bnregress's own.
        names: days' builds, or anything else, which stands for itself.
        cache: the cache folder, where the locks will be.
        offline: refuse builds, which only the index can tell of.
        ask: queries the index.

    Raises:
        UsageError: a day's build is wrongly written, or named offline.
        FatalError: the index cannot be reached.
    """
    releases, ids, said = dict(catalog.releases), list(names), list[str]()
    for place, name in enumerate(names):
        if is_dated(name):
            refuse_offline(offline=offline)
            release, told = release_of_day(catalog, name, cache=cache, ask=ask)
            releases[release.id], ids[place] = release, release.id
            said += told
    return releases, ids, said


def _named(name: str) -> _Named:
    match = _NAME.fullmatch(name)
    if match and not (match["tensorflow"] and match["package"] == TENSORFLOW):
        with suppress(ValueError):
            day = date.fromisoformat(match["day"])
            return _Named(package=match["package"], day=day, tensorflow=match["tensorflow"])
    raise UsageError(
        f"{name!r} is not a build of a day. Write {KERAS}@2026-08-01, {TENSORFLOW}@2026-08-01, or"
        f" tf2.21.0-{KERAS}@2026-08-01 to choose the TensorFlow."
    )


def _release(catalog: Catalog, name: str) -> Release:
    release = catalog.releases.get(name)
    if release is None or release.is_floating:
        choose([name], catalog.releases, "release")
        raise UsageError(f"{name} is not one release of the catalog. Give the id of one, as tf2.21.0, or a day.")
    return release


def _builds(index: Index, package: str) -> dict[Version, date]:
    """Return the builds with their days, oldest first; of those of Keras only 3, which needs no nightly TensorFlow."""
    found = {}
    for text in index.versions(package):
        version, match = Version(text), _BUILD.fullmatch(text)
        if match and (package == TENSORFLOW or version >= _FIRST_KERAS_3):
            found[version] = date(*(int(match["day"][place]) for place in (slice(4), slice(4, 6), slice(6, 8))))
    if not found:
        raise FatalError(f"The package index has no build of {package} with a day. Check the index settings of pip.")
    return found


def _limits(
    ends: Sequence[_Named | str], builds: Mapping[Version, date], package: str
) -> tuple[Version, Version, list[str]]:
    limits, said = [min(builds), max(builds)], []
    for place, end in enumerate(ends):
        if isinstance(end, _Named):
            limits[place], told = _at(end, builds, first=place == 0)
            said += told
        else:
            version = end.partition("-keras")[2] if package == KERAS else end.removeprefix("tf").partition("-")[0]
            if not version:
                raise UsageError(
                    f"{end} has the Keras of its TensorFlow. Give a release with a Keras of its own, as"
                    " tf2.21.0-keras3.15.1, or two days."
                )
            # A development build of a version is older than the version, and never the same.
            limits[place] = Version(version)
    if limits[0] >= limits[1]:
        raise UsageError(f"{limits[0]} is not older than {limits[1]}. Give the older end with --from.")
    return limits[0], limits[1], said


def _at(named: _Named, builds: Mapping[Version, date], *, first: bool = False) -> tuple[Version, list[str]]:
    """Return the build of a day or the nearest that has one; of several the first for an older end, else the last."""
    nearest = min(set(builds.values()), key=lambda day: (abs(day - named.day), day))
    of_day = sorted(version for version, day in builds.items() if day == nearest)
    said = [] if nearest == named.day else [f"There is no build of {named.package} of {named.day}; {nearest} is next."]
    return of_day[0 if first else -1], said


def _of_keras(
    catalog: Catalog, versions: Iterable[Version], named: Sequence[_Named], releases: Sequence[Release], cache: Path
) -> list[Release]:
    chosen = list(versions)
    pattern = releases[0] if releases else _before(catalog, chosen[0])
    given = {f"tf{each.tensorflow}" for each in named if each.tensorflow}
    if len(given | {f"tf{release.tensorflow}" for release in releases}) > 1:
        raise UsageError("The two ends name two versions of TensorFlow. Builds of Keras are searched on one.")
    for name in given:
        pattern = _release(catalog, name)
    if Version(pattern.tensorflow) < Version("2.16"):
        raise UsageError(f"TensorFlow {pattern.tensorflow} does not take Keras 3. Name one from 2.16 on.")
    return [_like(pattern, f"tf{pattern.tensorflow}-keras{version}", cache, keras=str(version)) for version in chosen]


def _of_tensorflow(catalog: Catalog, versions: Mapping[Version, date], ask: Ask, cache: Path) -> list[Release]:
    """Return builds of TensorFlow, each with the Keras of its day."""
    pattern = _nightly(catalog)
    keras = _builds(ask([KERAS], [pattern.python]), KERAS)
    rows = []
    for version, day in versions.items():
        there = max([each for each, built in keras.items() if built <= day], default=min(keras))
        rows.append(_like(pattern, f"tf{version}", cache, tensorflow=str(version), keras=str(there)))
    return rows


def _like(pattern: Release, id_: str, cache: Path, **changes: str) -> Release:
    return replace(
        pattern,
        id=id_,
        groups=frozenset(),
        note="",
        tools=(),
        on_demand=True,
        other_pythons=(),
        as_of="",
        locks=cache / FOLDER,
        **changes,  # type: ignore[arg-type]
    )


def _nightly(catalog: Catalog) -> Release:
    return next(release for release in catalog.releases.values() if release.id == NIGHTLY)


def _with_keras(catalog: Catalog) -> list[Release]:
    apart = [release for release in catalog.releases.values() if re.fullmatch(r"tf[\d.]+-keras3\.[\d.]+", release.id)]
    return sorted(apart, key=lambda release: (Version(release.keras), Version(release.tensorflow)))


def _newest_with_keras(catalog: Catalog) -> Release:
    return _with_keras(catalog)[-1]


def keras_before(catalog: Catalog, version: str | None, name: str) -> Release:
    """Return the row of the newest Keras that is not newer than a version, on the TensorFlow that it works with.

    Raises:
        UsageError: it is not a version of Keras 3; `name` says what has it.
    """
    try:
        found = Version(version or "")
    except InvalidVersion:
        found = Version("0")
    if found < _FIRST_KERAS_3:
        raise UsageError(f"{name} has no Keras 3, but {version or 'none'}. Give commits of Keras 3.")
    return _before(catalog, found)


def _before(catalog: Catalog, build: Version) -> Release:
    """Return the row of the newest Keras that is not newer than a build, on the TensorFlow that it works with."""
    rows = _with_keras(catalog)
    older = [row for row in rows if Version(row.keras) <= Version(build.base_version)]
    return older[-1] if older else rows[0]


def _version(release: Release, package: str) -> Version:
    return Version(release.tensorflow if package == TENSORFLOW else release.keras.removesuffix("-tf"))
