"""A release with a package replaced by a build: which one, by what, and under which id it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bnregress.errors import UsageError
from bnregress.machine.local_environment import LOCAL
from bnregress.releases.catalog import Build, Release

#: Names of TensorFlow's wheels, of which a lock has one; a build of it replaces whichever that is.
_TENSORFLOW = ("tensorflow", "tensorflow-cpu", "tensorflow-gpu")
_PINNED = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """A build that lies unpacked in a folder of its own; `requires` is what its metadata say that it needs."""

    package: str
    version: str
    given: str
    folder: Path
    sha256: str
    modules: tuple[str, ...]
    requires: tuple[str, ...]


def with_builds(release: Release, builds: Iterable[Unpacked], device: str) -> Release:
    """Return a release in which builds take the place of its own packages.

    Args:
        release: a row of the catalog.
        builds: one for each package.
        device: whose lock tells what is replaced.

    Raises:
        UsageError: a build needs what the release's environment does not have.
    """
    builds = tuple(builds)
    pinned: dict[str, str] = dict(_PINNED.findall(release.lock(device).read_text(encoding="utf-8")))
    there = pinned | {build.package: build.version for build in builds}
    if any(build.package == "tensorflow" for build in builds):
        there = {name: version for name, version in there.items() if name not in _TENSORFLOW[1:]}
    for build in builds:
        _require_all(build, there, release)
    found = [_replacing(build, pinned) for build in builds]
    tensorflow = next((each.version for each in found if each.package == "tensorflow"), release.tensorflow)
    keras = next((each.version for each in found if each.package == "keras"), release.keras)
    return replace(
        release,
        id="".join(_id(release, builds)),
        tensorflow=tensorflow,
        keras=keras,
        groups=frozenset(),
        base=release.base or release.id,
        builds=tuple(found),
        other_pythons=(),
    )


def _id(release: Release, builds: Iterable[Unpacked]) -> Iterator[str]:
    named = {build.package: Version(build.version).public for build in builds}
    tensorflow, _, keras = release.id.partition("-keras")
    yield f"tf{named.pop('tensorflow')}" if "tensorflow" in named else tensorflow
    if "keras" in named:
        yield f"-keras{named.pop('keras')}"
    elif keras:
        yield f"-keras{keras}"
    yield from (f"-{package}{version}" for package, version in named.items())
    yield LOCAL


def _replacing(build: Unpacked, pinned: Mapping[str, str]) -> Build:
    names = _TENSORFLOW if build.package == "tensorflow" else (build.package,)
    replaced = next((f"{name} {pinned[name]}" for name in names if name in pinned), "nothing")
    return Build(
        package=build.package,
        version=build.version,
        given=build.given,
        replaced=replaced,
        folder=build.folder,
        sha256=build.sha256,
        modules=build.modules,
    )


def _require_all(build: Unpacked, there: Mapping[str, str], release: Release) -> None:
    for text in build.requires:
        requirement = Requirement(text)
        if requirement.marker is not None and not _holds(requirement, release):
            continue
        name = canonicalize_name(requirement.name)
        names = _TENSORFLOW if name in _TENSORFLOW else (name,)
        version = next((there[each] for each in names if each in there), None)
        if version is None or not requirement.specifier.contains(Version(version), prereleases=True):
            has = f"has {name} {version}" if version else f"has no {name}"
            raise UsageError(
                f"{build.package} {build.version} needs {requirement}, and the environment of {release.id} {has}."
                f" Give a build of that too, with --with {name}=..., or choose another release."
            )


def _holds(requirement: Requirement, release: Release) -> bool:
    assert requirement.marker is not None  # noqa: S101
    surroundings = {"python_version": release.python, "python_full_version": f"{release.python}.0", "extra": ""}
    return requirement.marker.evaluate(surroundings | {"sys_platform": "linux", "platform_system": "Linux"})
