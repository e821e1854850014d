"""What the suite needs beside a person's environment: pytest and its kin, from wheels that this package carries."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bnregress.errors import FatalError, UsageError
from bnregress.resources import RESOURCES

LOCK = RESOURCES / "tools.txt"
WHEELS = RESOURCES / "tools"

#: The versions that the suite runs with whatever the environment has, and hides there from nothing but itself.
_ALWAYS = frozenset(
    {"pytest", "pytest-xdist", "hypothesis", "execnet", "pluggy", "iniconfig", "sortedcontainers"},
)
#: What these need, which the framework may need too: the environment's own, if it has one.
_SHARED = ("attrs>=19.2", "exceptiongroup>=1.0.0rc8", "importlib-metadata>=0.12", "tomli>=1")
_LINE = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+) --hash=sha256:(?P<sha256>[0-9a-f]{64})")


class Tool(NamedTuple):
    """A line of the lock."""

    name: str
    version: str
    sha256: str


@cache
def tools() -> tuple[Tool, ...]:
    """Return what the lock names."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return tuple(Tool(**match.groupdict()) for match in map(_LINE.fullmatch, lines) if match)


def require_fitting(packages: Mapping[str, str]) -> None:
    """Refuse an environment whose own packages are too old for the suite's.

    Args:
        packages: its versions by name.

    Raises:
        UsageError: one is.
    """
    there: dict[str, str] = {canonicalize_name(name): version for name, version in packages.items()}
    for requirement in map(Requirement, _SHARED):
        version = there.get(requirement.name)
        if version is not None and not _fits(requirement, version):
            raise UsageError(
                f"The environment has {requirement.name} {version}, and what runs the suite needs {requirement}."
                f" Install a newer {requirement.name} there, or bring another environment."
            )


def unpack(folder: Path, packages: Mapping[str, str]) -> None:
    """Unpack the suite's tools, and of what they need all that the environment lacks.

    Args:
        folder: goes in front of the environment's own packages; made if it is not there.
        packages: the environment's versions by name.

    Raises:
        FatalError: a wheel of this package is not the one that the lock names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in _needed(packages):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)


def _needed(packages: Mapping[str, str]) -> Iterator[Path]:
    there = {canonicalize_name(name) for name in packages}
    for tool in tools():
        if tool.name in there and tool.name not in _ALWAYS:
            continue
        found = sorted(WHEELS.glob(f"{tool.name.replace('-', '_')}-{tool.version}-*.whl"))
        if len(found) != 1 or hashlib.sha256(found[0].read_bytes()).hexdigest() != tool.sha256:
            raise FatalError(f"The wheel of {tool.name} {tool.version} in {WHEELS} is damaged. Reinstall it.")
        yield found[0]


def _fits(requirement: Requirement, version: str) -> bool:
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True
