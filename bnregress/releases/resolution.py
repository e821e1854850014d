"""Resolves requirements with uv, and writes what came out as a requirements file with hashes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from bnregress.machine.interpreters import Interpreter
from bnregress.releases.catalog import ConstraintSet

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# The oldest C library that the newest TensorFlow wheels want; naming it keeps this machine's own out of the lock.
PLATFORM = "x86_64-manylinux_2_28"

# Whoever reaches packages through a mirror or a proxy still can; nothing else of the caller's settings changes a lock.
_UV_SETTINGS_KEPT = frozenset(
    {"UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT", "UV_INDEX_URL", "UV_NATIVE_TLS", "UV_OFFLINE"}
)

_PIN = re.compile(r"^([A-Za-z0-9._-]+==\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


class ResolutionError(Exception):
    """uv found no resolution; the message is what it says."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package of a resolution.

    Attributes:
        sha256: of the files that fit the platform, in hexadecimal.
        uploaded: the day (UTC) on which the last of them reached the index, as `2026-11-24`; empty if it does not say.
    """

    name: str
    version: str
    sha256: tuple[str, ...]
    uploaded: str = ""


def resolve(
    requirements: Sequence[str],
    limits: ConstraintSet,
    interpreter: Interpreter,
    *,
    until: str | None,
    python: str | None = None,
    environ: dict[str, str] | None = None,
) -> tuple[Package, ...]:
    """Find the packages that meet the requirements on that interpreter, on Linux and x86-64.

    Args:
        requirements: what is requested.
        limits: what is added, replaced, left out, or may be built from source.
        interpreter: whose wheels are taken.
        python: another minor version, such as `3.10`, whose wheels are taken instead; it need not be here.
        until: the day from which on files are not seen, as `2026-11-24`; None for all.
        environ: the environment of uv; default: ours, without what would change a resolution.

    Raises:
        ResolutionError: there is none, or the index cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="bnregress-lock-") as folder:

        def requirements_file(name: str, lines: Sequence[str]) -> str:
            (Path(folder) / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            return name

        # pylock.toml lists the files that fit the platform; uv's requirements.txt has the hashes of all of a version.
        command = [find_uv_bin(), "pip", "compile", "--quiet", "--no-config", "--format", "pylock.toml", "--no-header"]
        command += ["--python", str(interpreter.executable), "--python-platform", PLATFORM]
        command += ["--only-binary", ":all:"]
        if python is not None:
            command += ["--python-version", python]
        if until is not None:
            command += ["--exclude-newer", f"{until}T00:00:00Z"]
        for package in limits.source:
            command += ["--no-binary", package]
        command += ["--overrides", requirements_file("overrides.txt", limits.override)]
        command += ["--excludes", requirements_file("excludes.txt", limits.exclude)]
        command += [requirements_file("requirements.in", (*requirements, *limits.limit))]
        variables = _environment() if environ is None else environ
        result = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ResolutionError(result.stderr.strip())
    found = tomllib.loads(result.stdout).get("packages", [])
    return tuple(sorted((_package(entry) for entry in found), key=lambda package: package.name))


def as_requirements(packages: Sequence[Package], limits: ConstraintSet) -> str:
    """Return the lines of a requirements file, as uv writes them: options, then a pin with hashes for each package."""
    options = [*(f"--no-binary {name}" for name in limits.source), "--only-binary :all:"]
    pins = [" \\\n    --hash=sha256:".join([f"{each.name}=={each.version}", *each.sha256]) for each in packages]
    return "".join(f"{line}\n" for line in [*options, "", *pins])


def installs_the_same(one: str, other: str) -> bool:
    """Whether two locks differ in nothing but in how many files of the same versions they admit."""
    mine, theirs = dict(_PIN.findall(one)), dict(_PIN.findall(other))
    alike = _PIN.sub("", one).split() == _PIN.sub("", other).split() and set(mine) == set(theirs)
    return alike and all(set(theirs[pin].split()) <= set(mine[pin].split()) for pin in mine)


def pinned(text: str) -> dict[str, str]:
    """Name and version of each package of a lock, by what `as_requirements` wrote."""
    return dict(pin.split("==", 1) for pin, _hashes in _PIN.findall(text))


def _package(entry: dict[str, Any]) -> Package:
    files = [*entry.get("wheels", ()), *([entry["sdist"]] if "sdist" in entry else [])]
    return Package(
        name=entry["name"],
        version=entry["version"],
        sha256=tuple(sorted({file["hashes"]["sha256"] for file in files})),
        uploaded=max((f"{file['upload-time']:%Y-%m-%d}" for file in files if "upload-time" in file), default=""),
    )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _UV_SETTINGS_KEPT}
    return kept | {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
