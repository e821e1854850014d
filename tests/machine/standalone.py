"""An interpreter of this machine in the layout of python-build-standalone, and a download list that names it."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path


def pack(prefix: Path, target: Path) -> None:
    """Pack the CPython below `prefix`, without what tests do not need."""
    left_out = ("/test", "/site-packages", "/__pycache__", "/idlelib", "/config-")

    def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if any(part in entry.name for part in left_out) or entry.name.endswith(".a") else entry

    with tarfile.open(target, "w:gz", compresslevel=1) as tar:
        for name in ("bin", "lib"):
            tar.add(prefix / name, f"python/{name}", filter=wanted)


def key(version: str) -> str:
    """What uv calls the build, and the folder that it is kept in."""
    return f"cpython-{version}-linux-x86_64-gnu"


def sha256(archive: Path) -> str:
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def write_list(path: Path, version: str, url: str, digest: str | None) -> None:
    """Write a download list with one build, in uv's format."""
    major, minor, patch = map(int, version.split("."))
    build = {
        "name": "cpython", "arch": {"family": "x86_64", "variant": None}, "os": "linux", "libc": "gnu",
        "major": major, "minor": minor, "patch": patch, "prerelease": "", "variant": None, "build": "1",
        "url": url, "sha256": digest,
    }  # fmt: skip
    path.write_text(json.dumps({key(version): build}), encoding="utf-8")
