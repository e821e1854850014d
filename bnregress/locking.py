"""Makes the locks of the catalog's releases: `python -m bnregress.locking [ID...]`, which `nox -s lock` calls."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from uv import find_uv_bin

from bnregress.catalog import Catalog, ConstraintSet, Release, read_catalog
from bnregress.datasets.environment import LOCK as DATASETS_LOCK
from bnregress.datasets.environment import PYTHON as DATASETS_PYTHON
from bnregress.errors import ExitCode, FatalError, UsageError, nearest
from bnregress.interpreters import Interpreter, find_interpreter, how_to_install

# The oldest C library that the newest TensorFlow wheels want; naming it keeps this machine's own out of the lock.
PLATFORM = "x86_64-manylinux_2_28"

_HEADER = """\
# {id} on the {device}: every package of the release's environment, for CPython {python} on Linux, x86-64.
# Made by `nox -s lock -- {id}` from bnregress/resources/catalog.toml, as of {exclude_newer}. Do not edit.
"""

DATASETS = DATASETS_LOCK.with_suffix(".in")
#: Published as source only, and pure Python.
DATASETS_FROM_SOURCE = ("promise",)
_DATASETS_HEADER = """\
# Every package of the environment that prepares data, for CPython {python} on Linux, x86-64.
# Made by `nox -s lock` from bnregress/resources/datasets.in, as of {exclude_newer}. Do not edit.
"""

# Whoever reaches packages through a mirror or a proxy still can; nothing else of the caller's settings changes a lock.
_UV_SETTINGS_KEPT = frozenset(
    {"UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT", "UV_INDEX_URL", "UV_NATIVE_TLS", "UV_OFFLINE"}
)


def make_lock(catalog: Catalog, release: Release, interpreter: Interpreter, device: str = "cpu") -> str:
    """Resolve one release on its own interpreter, as of the catalog's day.

    Returns:
        the text of the lock: the same bytes each time, whatever the existing lock says.

    Raises:
        FatalError: uv finds no resolution; the message holds what it says.
    """
    limits = catalog.limits(release)
    wanted = (*release.requirements(device), *catalog.tools, *limits.limit)
    locked = resolve(release.id, interpreter, catalog.exclude_newer, wanted, limits)
    header = _HEADER.format(id=release.id, device=device, python=release.python, exclude_newer=catalog.exclude_newer)
    return f"{header}\n{locked}"


def make_datasets_lock(exclude_newer: str, interpreter: Interpreter) -> str:
    """Resolve the environment that prepares data; raises as `make_lock`."""
    wanted = DATASETS.read_text(encoding="utf-8").splitlines()
    locked = resolve("datasets", interpreter, exclude_newer, wanted, ConstraintSet(source=DATASETS_FROM_SOURCE))
    return f"{_DATASETS_HEADER.format(python=DATASETS_PYTHON, exclude_newer=exclude_newer)}\n{locked}"


def resolve(
    name: str, interpreter: Interpreter, exclude_newer: str, wanted: Sequence[str], limits: ConstraintSet
) -> str:
    """Return what uv resolves the wanted requirements to, with hashes, as of a day.

    Raises:
        FatalError: uv finds no resolution; the message holds what it says.
    """
    with tempfile.TemporaryDirectory(prefix="bnregress-lock-") as folder:

        def requirements_file(name: str, lines: Sequence[str]) -> str:
            (Path(folder) / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            return name

        command = [find_uv_bin(), "pip", "compile", "--quiet", "--no-config"]
        command += ["--no-header", "--no-annotate", "--generate-hashes", "--emit-build-options"]
        command += ["--python", str(interpreter.executable), "--python-platform", PLATFORM]
        command += ["--exclude-newer", f"{exclude_newer}T00:00:00Z", "--only-binary", ":all:"]
        for package in limits.source:
            command += ["--no-binary", package]
        command += ["--overrides", requirements_file("overrides.txt", limits.override)]
        command += ["--excludes", requirements_file("excludes.txt", limits.exclude)]
        command += [requirements_file("requirements.in", wanted)]
        result = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise FatalError(
            f"{name} not locked: no resolution. Change its constraints in the catalog by what uv says:\n"
            f"{result.stderr.strip()}"
        )
    return result.stdout


def write_locks(
    catalog: Catalog,
    ids: Sequence[str] = (),
    *,
    find: Callable[[str], Interpreter | None] = find_interpreter,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Make the locks of the releases named, or of all; one that cannot be made does not keep the others from it.

    Returns:
        one message for each lock that could not be made.

    Raises:
        UsageError: an id is not in the catalog; no lock was made.
    """
    for id_ in ids:
        if id_ not in catalog.releases:
            raise UsageError(f"There is no release {id_!r}.{nearest(id_, catalog.releases)}")
    failures = []
    for release in [catalog.releases[id_] for id_ in ids] or list(catalog.releases.values()):
        interpreter = find(release.python)
        if interpreter is None:
            failures.append(
                f"{release.id} not locked: no CPython {release.python} here. {how_to_install(release.python)}"
            )
            continue
        try:
            text = make_lock(catalog, release, interpreter)
        except FatalError as error:
            failures.append(str(error))
            continue
        say(f"{release.id}: {_write(release.lock_path(), text)}")
    return failures


def write_datasets_lock(catalog: Catalog, *, say: Callable[[str], None] = print) -> None:
    """Make the lock of the environment that prepares data.

    Raises:
        FatalError: it cannot be made.
    """
    interpreter = find_interpreter(DATASETS_PYTHON)
    if interpreter is None:
        raise FatalError(f"datasets not locked: no CPython {DATASETS_PYTHON} here. {how_to_install(DATASETS_PYTHON)}")
    say(f"datasets: {_write(DATASETS_LOCK, make_datasets_lock(catalog.exclude_newer, interpreter))}")


def _write(path: Path, text: str) -> str:
    changed = not path.is_file() or path.read_text(encoding="utf-8") != text
    if changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return "written" if changed else "unchanged"


def main(arguments: Sequence[str]) -> int:
    """Lock the releases named on the command line, or all."""
    try:
        catalog = read_catalog()
        failures = write_locks(catalog, arguments)
        if not arguments:
            write_datasets_lock(catalog)
    except FatalError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for failure in failures:
        print(failure, file=sys.stderr)
    return ExitCode.UNDECIDED if failures else ExitCode.EXPECTED


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _UV_SETTINGS_KEPT}
    return kept | {name: value for name, value in os.environ.items() if not name.startswith("UV_")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
