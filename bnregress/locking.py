"""Makes the locks of the catalog's releases: `python -m bnregress.locking [ID...]`, which `nox -s lock` calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from bnregress.catalog import Catalog, Release, read_catalog
from bnregress.errors import ExitCode, FatalError, UsageError, nearest
from bnregress.interpreters import Interpreter, find_interpreter, how_to_install
from bnregress.resolution import ResolutionError, as_requirements, installs_the_same, resolve

_HEADER = """\
# {id} on the {device}: every package of the release's environment, for CPython {python} on Linux, x86-64.
# Made by `nox -s lock -- {id}` from bnregress/resources/catalog.toml, as of {exclude_newer}. Do not edit.
"""


def make_lock(catalog: Catalog, release: Release, interpreter: Interpreter, device: str = "cpu") -> str:
    """Resolve one release on its own interpreter, as of its day.

    Returns:
        the text of the lock: the same bytes each time, whatever the existing lock says. It has the hashes of the files
        that its CPython can use on Linux, x86-64, and of no others.

    Raises:
        FatalError: uv finds no resolution; the message holds what it says.
    """
    day = release.as_of or catalog.exclude_newer
    wanted = (*release.requirements(device), *catalog.tools, *release.tools)
    try:
        packages = resolve(wanted, catalog.limits(release), interpreter, until=day)
    except ResolutionError as error:
        raise FatalError(
            f"{release.id} not locked: no resolution. Change its constraints in the catalog by what uv says:\n{error}"
        ) from error
    header = _HEADER.format(id=release.id, device=device, python=release.python, exclude_newer=day)
    return f"{header}\n{as_requirements(packages, catalog.limits(release))}"


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
        path = release.lock_path()
        # Environments go with the bytes of their lock: one that installs the same files is left as it is.
        changed = not path.is_file() or not installs_the_same(path.read_text(encoding="utf-8"), text)
        if changed:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        say(f"{release.id}: {'written' if changed else 'unchanged'}")
    return failures


def main(arguments: Sequence[str]) -> int:
    """Lock the releases named on the command line, or all."""
    try:
        failures = write_locks(read_catalog(), arguments)
    except FatalError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for failure in failures:
        print(failure, file=sys.stderr)
    return ExitCode.UNDECIDED if failures else ExitCode.EXPECTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
