"""Unpacks a build of one package into a folder of its own: a wheel, a source tree, or a revision of a repository."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name
from uv import find_uv_bin

from bnregress.errors import UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.machine.locations import cache_dir, expanded
from bnregress.releases.builds import Unpacked
from bnregress.run.environment_variables import installing_variables

#: Where in the cache they are.
FOLDER = "builds"

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
#: What a source tree may hold that is no source: a build must not write into the tree, so it is copied without these.
_NO_SOURCE = shutil.ignore_patterns(
    *(".git", ".hg", ".venv", "venv", ".nox", ".tox", "__pycache__", "node_modules", "build", "dist", "*.egg-info"),
)
#: Files that tell how it was installed.
_INSTALLER = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
_SECONDS = 1800


def unpacked(given: str, interpreter: Interpreter, *, offline: bool = False) -> Unpacked:
    """Unpack a build without what it depends on, and say what it is.

    Args:
        given: `PACKAGE=BUILD`, a build being a folder of source, a wheel, or `git+URL`, which may end in `@REVISION`.
        interpreter: for which it is built.
        offline: tools that it is built with come from uv's cache alone.

    Raises:
        UsageError: it is none of these, cannot be built, or is a build of another package.
    """
    package, build = require_build(given)
    name = canonicalize_name(package)
    root = cache_dir() / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=root) as scratch:
        folder = Path(scratch) / "packages"
        _install(_source(build, Path(scratch)), folder, interpreter, given, offline=offline)
        found = _described(folder, name, given)
        place = root / f"{name}-{found.version}-{found.sha256[:16]}"
        if not place.exists():
            folder.rename(place)
    return replace(found, folder=place)


def require_build(given: str) -> tuple[str, str]:
    """Return a package and the build of it, which is looked at from outside alone.

    Raises:
        UsageError: it is no `PACKAGE=BUILD`, or the build is none of what `unpacked` takes.
    """
    package, equals, build = given.partition("=")
    if not (equals and build and _NAME.fullmatch(package)):
        raise UsageError(f"--with {given!r} is not PACKAGE=BUILD. Write keras=PATH, keras=WHEEL or keras=git+URL.")
    if not build.startswith("git+"):
        path = expanded(build, "--with").absolute()
        wheel = path.suffix == ".whl" and path.is_file()
        if not wheel and not any((path / file).is_file() for file in ("pyproject.toml", "setup.py")):
            raise UsageError(
                f"--with: {build} is not a folder with a pyproject.toml or setup.py, a wheel (.whl), or git+URL. Give"
                " one of these."
            )
    return package, build


def _source(build: str, scratch: Path) -> str:
    if build.startswith("git+"):
        return build
    path = expanded(build, "--with").absolute()
    if path.is_file():
        return str(path)
    copy = scratch / "source"
    shutil.copytree(path, copy, ignore=_NO_SOURCE, symlinks=True, ignore_dangling_symlinks=True)
    return str(copy)


def _install(source: str, folder: Path, interpreter: Interpreter, given: str, *, offline: bool) -> None:
    command = [find_uv_bin(), "pip", "install", "--no-deps", "--target", str(folder), "--python"]
    try:
        ended = subprocess.run(
            [*command, str(interpreter.executable), source],
            env=installing_variables(os.environ, marker="", offline=offline),
            cwd=folder.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"--with {given}: building took longer than {_SECONDS // 60} minutes. Give a wheel.") from None
    if ended.returncode != 0:
        last = " ".join(line.strip() for line in ended.stderr.strip().splitlines()[-6:])[-600:]
        raise UsageError(
            f"--with {given} cannot be built for CPython {interpreter.version}: {last} Build a wheel yourself, and give"
            " that."
        )


def _described(folder: Path, name: str, given: str) -> Unpacked:
    (metadata,) = folder.glob("*.dist-info/METADATA")
    told = HeaderParser().parsestr(metadata.read_text(encoding="utf-8"))
    if canonicalize_name(told["Name"]) != name:
        raise UsageError(
            f"--with {given}: it is a build of {told['Name']}. Write --with {told['Name']}=..., if that is meant."
        )
    modules = [path.parent.name for path in folder.glob("*/__init__.py")] + [path.stem for path in folder.glob("*.py")]
    if not modules:
        raise UsageError(f"--with {given}: there is no Python module in it. Give a build of the whole package.")
    return Unpacked(
        package=name,
        version=told["Version"],
        given=given.partition("=")[2],
        folder=folder,
        sha256=contents_sha256(folder),
        modules=tuple(sorted(modules)),
        requires=tuple(told.get_all("Requires-Dist") or ()),
    )


def contents_sha256(folder: Path) -> str:
    """Return the hash of names and contents of a build's files, less what tells how it was installed."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix == ".pyc" or path.name in _INSTALLER or path.name == ".lock":
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()
