"""Every file of a source tree that can name TensorFlow, Keras or what is built on them."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError
from bnregress.reading.strict import parse_json, printable, quoted, read_bytes
from bnregress.releases.pinned.mention import (
    Mention,
    from_conda,
    from_conda_lock,
    from_lines,
    from_loose,
    from_requirement,
    logical_lines,
    mention,
    named,
    opaque,
    ours,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 20 * 2**20
_DEPTH = 50
_IGNORED = frozenset({".git", "node_modules"})
#: A folder with one of these is an installed environment, not source.
_INSTALLED = ("pyvenv.cfg", "conda-meta")
_INCLUDE = re.compile(r"(?:-r|-c|--requirements?|--constraints?)(?:\s*=\s*|\s*)(?P<path>\S+)")
#: Tables of pyproject.toml, Pipfile and pixi.toml whose keys are packages.
_TABLES = re.compile(r"dependenc|packages|sources|requires")
#: Keys of a package that is installed from elsewhere than an index, and those that only say which index.
_ELSEWHERE, _INDEX = frozenset({"git", "url", "path", "file"}), frozenset({"index", "marker"})
_PROSE = frozenset({"keywords", "classifiers"})

Reader = Callable[[str, str], Iterator[Mention]]


@dataclass(frozen=True, kw_only=True)
class Tree:
    """All that a tree says of the packages, and each file that could not be read, with the reason."""

    mentions: tuple[Mention, ...]
    unread: tuple[str, ...]


def require_folder(root: Path) -> None:
    """Raise UsageError if there is no such folder."""
    if not root.is_dir():
        raise UsageError(f"{printable(root)} is not a folder. Give the one that holds the source tree.")


def read_tree(root: Path) -> Tree:
    """Read every file of a tree that can name the packages; a link is followed if it stays in the tree."""
    root = root.resolve()
    found: list[Mention] = []
    unread: list[str] = []
    pending = [(path, reader) for path in _files(root, unread) if (reader := _reader(path.relative_to(root)))]
    seen = {path for path, _ in pending}
    while pending:
        path, reader = pending.pop()
        file = printable(path.relative_to(root).as_posix())
        try:
            text = _text(path, root)
            found += reader(text, file)
        except OSError as error:
            unread.append(f"{file} ({error.strerror or error})")
            continue
        except (ValueError, RecursionError) as error:
            unread.append(f"{file} ({quoted(error)})")
            continue
        if reader is from_lines:
            for other in _included(text):
                target = Path(os.path.normpath(path.parent / other))
                if "://" in other or not target.is_relative_to(root):
                    unread.append(f"{quoted(other)} (included by {file}, outside the tree)")
                elif target not in seen:
                    seen.add(target)
                    pending.append((target, from_lines))
    return Tree(mentions=tuple(sorted(found, key=str)), unread=tuple(sorted(unread)))


def _files(root: Path, unread: list[str]) -> Iterator[Path]:
    def failed(error: OSError) -> None:
        unread.append(f"{printable(error.filename)} ({error.strerror})")

    for folder, folders, files in os.walk(root, onerror=failed):
        here = Path(folder)
        for name in list(folders):
            path = here / name
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                unread.append(f"{printable(path.relative_to(root).as_posix())} (a link that leaves the tree)")
            if name in _IGNORED or any((path / each).exists() for each in _INSTALLED):
                folders.remove(name)
        yield from (here / name for name in files)


def _reader(path: Path) -> Reader | None:
    """Return how a file is read, by its name; None if it cannot name a package."""
    name, folder = path.name.lower(), path.parent.name.lower()
    for pattern, reader in _READERS:
        if pattern.fullmatch(name):
            return reader
    listed = re.search(r"requirement|constraint|^reqs$", folder) and path.suffix == ".txt"
    return from_lines if listed else None


def _text(path: Path, root: Path) -> str:
    if not path.resolve().is_relative_to(root):
        raise OSError("a link that leaves the tree")
    content = read_bytes(path, MAX_BYTES)
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    if "\0" in text:
        raise ValueError("it is not text")
    return text


def _included(text: str) -> list[str]:
    return [match["path"] for line in logical_lines(text) if (match := _INCLUDE.fullmatch(line))]


def _from_lock(text: str, file: str) -> Iterator[Mention]:
    document = tomllib.loads(text)
    packages = document.get("package", document.get("packages", []))
    if not isinstance(packages, list) or not all(isinstance(each, dict) for each in packages):
        raise ValueError("its packages are not a list of tables")
    for package in packages:
        if ours(name := package.get("name")):
            version, source = package.get("version"), package.get("source")
            elsewhere = isinstance(source, dict) and "registry" not in source and source.get("type") != "legacy"
            if isinstance(version, str) and not elsewhere:
                yield mention(file, name, version, bare=True)
            else:
                yield opaque(file, name, f"{version} {source}")


def _from_pipfile_lock(text: str, file: str) -> Iterator[Mention]:
    document = parse_json(text.encode("utf-8"), _DEPTH)
    if not isinstance(document, dict):
        raise ValueError("it is not an object")  # noqa: TRY004
    for key, section in document.items():
        if key != "_meta" and isinstance(section, dict):
            yield from _from_table(section, file)


def _from_toml(text: str, file: str) -> Iterator[Mention]:
    yield from _walk(tomllib.loads(text), file, packages=False)


def _walk(value: Any, file: str, *, packages: bool) -> Iterator[Mention]:
    """Yield from each list of requirements and each table of packages; outside of those only what is a requirement."""
    if isinstance(value, dict):
        if packages:
            yield from _from_table(value, file)
        for key, each in value.items():
            if key not in _PROSE and not (packages and ours(key)):
                yield from _walk(each, file, packages=packages or bool(_TABLES.search(key)))
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, str):
                yield from (found for found in from_requirement(each, file) if packages or not found.opaque)
            else:
                yield from _walk(each, file, packages=packages)


def _from_table(table: Mapping[str, Any], file: str) -> Iterator[Mention]:
    for name, wanted in table.items():
        if not ours(name):
            continue
        for each in wanted if isinstance(wanted, list) else [wanted]:
            said = each if isinstance(each, dict) else {"version": each}
            version = said.get("version")
            if isinstance(version, str) and not said.keys() & _ELSEWHERE:
                found = mention(file, name, version, bare=True)
                yield Mention(**{**vars(found), "text": str(each)})
            elif not said.keys() <= _INDEX:
                yield opaque(file, name, str(each))


def _from_whole(text: str, file: str) -> Iterator[Mention]:
    """Of a lock that is not read line by line, any change counts if it names one of the packages."""
    if (package := named(text)) is not None:
        yield opaque(file, package, hashlib.sha256(text.encode("utf-8")).hexdigest())


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"(uv|poetry|pdm)\.lock|pylock(\..+)?\.toml", _from_lock),
        (r"pipfile\.lock", _from_pipfile_lock),
        (r"pyproject\.toml|pipfile|pixi\.toml", _from_toml),
        (r".*conda-lock.*\.ya?ml", from_conda_lock),
        (r"pixi\.lock", _from_whole),
        (r"(.*[-_.])?(environment|env|conda)([-_.].*)?\.ya?ml", from_conda),
        (r"setup\.(py|cfg)|(.*\.)?(docker|container)file(\..+)?", from_loose),
        (r".*(requirement|constraint).*\.(txt|in)|(?!manifest)[^.]+\.in", from_lines),
    )
)
