"""Makes the locks of the releases: `python -m bnregress.releases.locking [ID...]`, which `nox -s lock` calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bnregress.datasets.tfds_environment import LOCK as DATASETS_LOCK
from bnregress.datasets.tfds_environment import PYTHON as DATASETS_PYTHON
from bnregress.errors import ExitCode, FatalError, UsageError, nearest
from bnregress.machine.devices import CPU, DEVICES
from bnregress.machine.interpreters import Interpreter, find_interpreter, how_to_install
from bnregress.releases.catalog import Catalog, ConstraintSet, Release, read_catalog
from bnregress.releases.cuda import gpu_limits
from bnregress.releases.resolution import ResolutionError, as_requirements, installs_the_same, pinned, resolve

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


def make_lock(catalog: Catalog, release: Release, interpreter: Interpreter, device: str = "cpu") -> str:
    """Resolve one release, as of its day.

    Args:
        catalog: whose tools and constraints count.
        release: on its own Python, or `on` one of its others, which need not be here.
        interpreter: that of its own Python.
        device: `cpu` or `gpu`.

    Returns:
        the text of the lock: the same bytes each time, whatever the existing lock says. It has the hashes of the files
        that its CPython can use on Linux, x86-64, and of no others.

    Raises:
        FatalError: uv finds no resolution; the message holds what it says.
        UsageError: the lock is one for the GPU, and there is none for the CPU to go by.
    """
    day = release.as_of or catalog.exclude_newer
    wanted = (*release.requirements(device), *catalog.tools, *release.tools)
    limits = catalog.limits(release)
    if device == "gpu":
        limits = gpu_limits(release, limits, pinned(release.lock("cpu").read_text(encoding="utf-8")))
    try:
        packages = resolve(wanted, limits, interpreter, until=day, python=stood_in(release))
    except ResolutionError as error:
        raise FatalError(
            f"{release.id} on CPython {release.python} not locked for the {device}: the packages could not be"
            " resolved. Change its constraints in the catalog by what uv"
            f" says:\n{error}"
        ) from error
    header = _HEADER.format(id=release.id, device=device, python=release.python, exclude_newer=day)
    return f"{header}\n{as_requirements(packages, limits)}"


def stood_in(release: Release) -> str | None:
    """Return the Python that stands in for the release's own, for which uv resolves without having it."""
    return release.python if release.own_python else None


def make_datasets_lock(exclude_newer: str, interpreter: Interpreter) -> str:
    """Resolve the environment that prepares data; raises as `make_lock`."""
    limits = ConstraintSet(source=DATASETS_FROM_SOURCE)
    try:
        packages = resolve(DATASETS.read_text(encoding="utf-8").splitlines(), limits, interpreter, until=exclude_newer)
    except ResolutionError as error:
        raise FatalError(
            f"datasets not locked: the packages could not be resolved. Change {DATASETS.name} by what uv says:\n{error}"
        ) from error
    header = _DATASETS_HEADER.format(python=DATASETS_PYTHON, exclude_newer=exclude_newer)
    return f"{header}\n{as_requirements(packages, limits)}"


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
        for each in (release, *map(release.on, release.other_pythons)):
            for device in DEVICES if release.gpu else (CPU,):
                try:
                    text = make_lock(catalog, each, interpreter, device)
                except FatalError as error:
                    failures.append(str(error))
                    break
                say(f"{each.id} on the {device}, CPython {each.python}: {_write(each.lock_path(device), text)}")
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
    # Environments go with the bytes of their lock: one that installs the same files is left as it is.
    changed = not path.is_file() or not installs_the_same(path.read_text(encoding="utf-8"), text)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
