"""Which TensorFlow and Keras a source tree asks for: read from its locks, requirements and pyproject.toml."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bnregress.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What each of the two is published as.
TENSORFLOW = frozenset({"tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-macos", "tensorflow-intel"})
KERAS = frozenset({"keras"})
MAX_BYTES = 20 * 2**20

_REQUIREMENTS = re.compile(r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTION = re.compile(r"\s--?[A-Za-z].*$")


@dataclass(frozen=True, kw_only=True)
class Pin:
    """An exact version of a package, and the file that says so."""

    package: str
    version: str
    file: str


@dataclass(frozen=True, kw_only=True)
class Pins:
    """The versions that a tree asks for; None if nothing names an exact one."""

    tensorflow: Pin | None
    keras: Pin | None


def read_pins(tree: Path) -> Pins:
    """Return what the tree pins; a lock outweighs requirements, and those outweigh pyproject.toml.

    Raises:
        UsageError: two files of one kind ask for different versions, or a file cannot be read.
    """
    kinds = [list(_locked(tree)), list(_required(tree)), list(_declared(tree))]
    return Pins(tensorflow=_only(kinds, TENSORFLOW, "TensorFlow"), keras=_only(kinds, KERAS, "Keras"))


def _only(kinds: Iterable[list[Pin]], packages: frozenset[str], name: str) -> Pin | None:
    for pins in kinds:
        ours = [pin for pin in pins if pin.package in packages]
        if len({Version(pin.version) for pin in ours}) > 1:
            told = ", ".join(sorted(f"{pin.version} in {pin.file}" for pin in ours))
            raise UsageError(
                f"{name} is pinned to more than one version: {told}. Give the versions in the inputs from and to."
            )
        if ours:
            return ours[0]
    return None


def _locked(tree: Path) -> Iterator[Pin]:
    for name in ("uv.lock", "poetry.lock", "pylock.toml"):
        document = _toml(tree, name)
        packages = document.get("package", document.get("packages", []))
        for package in packages if isinstance(packages, list) else []:
            if isinstance(package, dict):
                yield from _pin(package.get("name"), package.get("version"), name)


def _required(tree: Path) -> Iterator[Pin]:
    folders = [tree, tree / "requirements"]
    files = sorted(path for folder in folders if folder.is_dir() for path in folder.iterdir())
    for path in files:
        ours = path.parent != tree and path.suffix in (".txt", ".in")
        if (ours or _REQUIREMENTS.fullmatch(path.name)) and path.is_file() and not path.is_symlink():
            yield from _from_lines(_text(path).splitlines(), path.relative_to(tree).as_posix())


def _from_lines(lines: Iterable[str], file: str) -> Iterator[Pin]:
    for line in lines:
        bare = _OPTION.sub("", _COMMENT.sub("", line)).rstrip("\\").strip()
        if bare and not bare.startswith("-"):
            yield from _from_requirement(bare, file)


def _from_requirement(text: str, file: str) -> Iterator[Pin]:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    exact = [each.version for each in requirement.specifier if each.operator in ("==", "===")]
    if len(exact) == 1:
        yield from _pin(requirement.name, exact[0], file)


def _declared(tree: Path) -> Iterator[Pin]:
    name = "pyproject.toml"
    document = _toml(tree, name)
    project, poetry = _table(document, "project"), _table(document, "tool", "poetry")
    groups = [*_table(project, "optional-dependencies").values(), *_table(document, "dependency-groups").values()]
    for group in [project.get("dependencies"), *groups]:
        for text in group if isinstance(group, list) else []:
            if isinstance(text, str):
                yield from _from_requirement(text, name)
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(poetry, "group", each, "dependencies") for each in _table(poetry, "group")]
    for table in tables:
        for package, wanted in table.items():
            text = wanted.get("version") if isinstance(wanted, dict) else wanted
            if isinstance(text, str):
                # Poetry takes a bare version for exactly that one.
                yield from _pin(package, text.strip().removeprefix("=="), name)


def _pin(package: Any, version: Any, file: str) -> Iterator[Pin]:
    if not isinstance(package, str) or not isinstance(version, str):
        return
    name = canonicalize_name(package)
    if name not in TENSORFLOW | KERAS:
        return
    try:
        parsed = Version(version.strip())
    except InvalidVersion:  # a range, or a wildcard
        return
    yield Pin(package=name, version=parsed.public, file=file)


def _table(document: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = document.get(key)
        if not isinstance(value, dict):
            return {}
        document = value
    return document


def _toml(tree: Path, name: str) -> Mapping[str, Any]:
    path = tree / name
    if not path.is_file() or path.is_symlink():
        return {}
    try:
        return tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{name} is not TOML ({error}).") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path.name} is larger than {MAX_BYTES} bytes.")
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}.") from error
