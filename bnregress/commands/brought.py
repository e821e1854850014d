"""An environment or builds that a person brings, for the commands that take `--environment` or `--with`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bnregress.cells.selector import choose
from bnregress.commands.declared.run import RunArguments
from bnregress.commands.refusing_places import refuse_beside
from bnregress.errors import UsageError
from bnregress.machine.fetching import FetchError, Interpreters
from bnregress.planning.plan import on_what_is_here
from bnregress.releases.builds import with_builds
from bnregress.releases.catalog import Release, load_catalog
from bnregress.releases.local import GROUP, local_release
from bnregress.run.suite_tools import require_fitting
from bnregress.run.unpacking import unpacked


def brought(environment: Path | str, option: str = "--environment") -> Release:
    """Return a person's environment as a release, after it was seen that the suite can run in it.

    Raises:
        UsageError: it cannot; says why.
    """
    release = local_release(str(environment), option)
    assert release.local is not None  # noqa: S101
    require_fitting(release.local.packages)
    return release


def selection(arguments: RunArguments) -> tuple[dict[str, Release] | None, Sequence[str]]:
    """Return the releases to choose from, None for those of the catalog, and the selectors.

    With `--environment` there is that one alone. Releases that a file selects are then not meant, and those that the
    command line selects are a mistake; a selector of cells, as `*/h5`, chooses among its cells. With `--with` there are
    the releases that are selected, with builds in them.

    Raises:
        UsageError: the environment is of no use, or the command line selects releases beside it.
    """
    refuse_beside(arguments)
    if arguments.environment is None:
        return _with_builds(arguments) if arguments.builds else (None, arguments.select)
    cells = [selector for selector in arguments.select if "/" in selector]
    release = brought(arguments.environment)
    return {release.id: release}, cells or [f"group:{GROUP}"]


def _with_builds(arguments: RunArguments) -> tuple[dict[str, Release], Sequence[str]]:
    catalog = load_catalog()
    interpreters = Interpreters(mode=arguments.interpreters, offline=arguments.offline)
    built = [
        built_into(catalog[id], arguments.builds, interpreters, arguments.device)
        for id in choose(arguments.select, catalog, "release")
    ]
    return {release.id: release for release in built}, [release.id for release in built]


def built_into(release: Release, builds: Sequence[str], interpreters: Interpreters, device: str) -> Release:
    """Return a release with builds in it, which are made now.

    Raises:
        UsageError: there is no interpreter to build for, a package is given twice, or see `unpacked`, `with_builds`.
    """
    if release.needs_resolving:
        raise UsageError(f"--with: {release.id} has other packages each day. Choose a release with a lock of its own.")
    packages = [build.partition("=")[0] for build in builds]
    if len({*packages}) < len(packages):
        raise UsageError("--with is given twice for one package. Give each package one build.")
    release, interpreter = on_what_is_here(release, interpreters.find)
    if interpreter is None:
        raise UsageError(" ".join(interpreters.absent(release.python)))
    try:
        interpreter = interpreters.fetch(interpreter)
    except FetchError as error:
        raise UsageError(f"{error} {error.remedy}") from error
    made = [unpacked(build, interpreter, offline=interpreters.offline) for build in builds]
    return with_builds(release, made, "gpu" if device == "gpu" else "cpu")
