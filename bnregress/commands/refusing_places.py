"""Refuses files, folders, environments and builds that are not there, with the words of the modules that need them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bnregress.commands.configuration.option import Arguments
from bnregress.errors import UsageError

#: Bytes below which a results file is read to be refused.
SMALL = 500
NOTHING_TO_JUDGE = (
    "There is nothing to judge. Give the results.json of a run, or an upgrade with --from and --to,"
    " or with --from-tree and --to-tree."
)


def refuse_places(command: str, arguments: Arguments) -> None:
    """Refuse what a command is to read or use and that is not there.

    Args:
        command: its name.
        arguments: what it was given.

    Raises:
        UsageError: something is not there.
    """
    refuse_beside(arguments)
    for results in _files(arguments):
        _refuse_no_results(results)
    folder = getattr(arguments, "folder", None)
    if isinstance(folder, Path) and not folder.is_dir():
        from bnregress.results.finding import find_stored  # noqa: PLC0415

        find_stored(folder)
    # Of an environment that a file names, an interpreter on the command line takes the place.
    option = "python" if getattr(arguments, "python", None) else "environment"
    if given := getattr(arguments, option, None):
        _refuse_no_interpreter(str(given), f"--{option}")
    if command == "gate":
        _refuse_no_upgrade(arguments)
    repository = getattr(arguments, "repository", None)
    if isinstance(repository, Path) and not repository.is_dir():
        from bnregress.bisecting.commits import Repository  # noqa: PLC0415

        Repository(repository.absolute())
    # A plan takes every option of a run, and continues none.
    if command != "plan" and getattr(arguments, "resume", False):
        from bnregress.run.rundir import RunDir, require_begun  # noqa: PLC0415

        require_begun(RunDir(arguments.out.absolute() / "run"))  # type: ignore[attr-defined]


def refuse_builds(arguments: Arguments) -> None:
    """Refuse builds that are none; looks at them from outside alone.

    Raises:
        UsageError: one is neither source, nor a wheel, nor an address of a repository.
    """
    for build in getattr(arguments, "builds", ()):
        from bnregress.run.unpacking import require_build  # noqa: PLC0415

        require_build(build)


def refuse_beside(arguments: Arguments) -> None:
    """Refuse releases that are chosen beside an environment or missing for a build.

    Raises:
        UsageError: see above.
    """
    builds, select = getattr(arguments, "builds", ()), getattr(arguments, "select", None)
    if select is None:
        return
    if getattr(arguments, "environment", None) is None:
        if builds and (not select or any("/" in selector or ":" in selector for selector in select)):
            raise UsageError(
                "--with replaces a package of a release: name that one with --select, as `--select tf2.21.0`. --path"
                " and --variant choose what is tested."
            )
        return
    if builds:
        raise UsageError("--with replaces a package of a release, and an --environment stays as it is. Give only one.")
    if "select" in arguments.given and not all("/" in selector for selector in select):
        raise UsageError(
            "--select chooses releases, and with --environment there is your own environment alone. Leave one of them"
            " out; --path and --variant, or a selector of cells such as '*/h5', choose what of it is tested."
        )


def is_place(side: str) -> bool:
    """Whether a side of an upgrade is the path of an environment, and not the id of a release."""
    return os.sep in side or Path(side).exists()


def _files(arguments: Arguments) -> Sequence[Path]:
    """Return the files of results that a command is given."""
    if isinstance(update := getattr(arguments, "update", None), Path):
        return [update]
    results = getattr(arguments, "results", None)
    if isinstance(results, Path):
        return [results]
    if not results:
        return []
    from bnregress.results.finding import find_results  # noqa: PLC0415

    return find_results(results, links=True)


def _refuse_no_results(path: Path) -> None:
    # What is small is no results of a run, and soon read; a command reads what is large once.
    if not path.exists() or (path.is_file() and path.stat().st_size < SMALL):
        from bnregress.results.file import load_results  # noqa: PLC0415

        load_results(path)


def _refuse_no_interpreter(given: str, option: str) -> None:
    from bnregress.machine.python_paths import named_interpreter  # noqa: PLC0415

    named_interpreter(given, option)


def _refuse_no_upgrade(arguments: Arguments) -> None:
    sides = {option: getattr(arguments, name) for option, name in (("--from", "before"), ("--to", "after"))}
    trees = [getattr(arguments, name) for name in ("before_tree", "after_tree")]
    if getattr(arguments, "results", None) is None and not any([*sides.values(), *trees]):
        raise UsageError(NOTHING_TO_JUDGE)
    for tree in trees:
        if tree is not None:
            from bnregress.releases.pinned.tree import require_folder  # noqa: PLC0415

            require_folder(tree)
    for option, side in sides.items():
        if side is not None and getattr(arguments, "results", None) is None and is_place(side):
            _refuse_no_interpreter(side, option)
