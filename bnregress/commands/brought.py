"""An environment that a person brings, for the commands that take `--environment`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bnregress.commands.declared.run import RunArguments
from bnregress.errors import UsageError
from bnregress.releases.catalog import Release
from bnregress.releases.local import GROUP, local_release
from bnregress.run.suite_tools import require_fitting


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
    command line selects are a mistake; a selector of cells, as `*/h5`, chooses among its cells.

    Raises:
        UsageError: the environment is of no use, or the command line selects releases beside it.
    """
    if arguments.environment is None:
        return None, arguments.select
    cells = [selector for selector in arguments.select if "/" in selector]
    if "select" in arguments.given and len(cells) < len(arguments.select):
        raise UsageError(
            "--select chooses releases, and with --environment there is your own environment alone. Leave one of them"
            " out; --path and --variant, or a selector of cells such as '*/h5', choose what of it is tested."
        )
    release = brought(arguments.environment)
    return {release.id: release}, cells or [f"group:{GROUP}"]
