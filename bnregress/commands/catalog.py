"""`bnregress catalog`: which releases bnregress knows, which it lacks, and one more."""

from __future__ import annotations

import argparse
import json

from rich.table import Table

from bnregress.errors import ExitCode, UsageError
from bnregress.machine.locations import checkout
from bnregress.reading.text import count
from bnregress.releases.additions import Addition, Missing, add_release, missing
from bnregress.releases.catalog import Release, read_catalog
from bnregress.reports.screen import Screen

EPILOG = """\
examples:
  bnregress catalog                      the releases, their groups, Pythons and wheels
  bnregress catalog --check              what the package index has beside them
  bnregress catalog --add 2.22.0         write row and lock of a release, in a clone of the repository
  bnregress catalog --add 2.22.0-keras3.16.0

--check and --add ask the package index that pip is configured for.
Exits 0, or 1 where --check finds a release that the catalog lacks; 2 on wrong usage, 4 where the index cannot be
asked or a release cannot be resolved.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "catalog",
        help="list the releases, find what is new on the index, add one",
        description="Lists the releases that bnregress knows.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="list releases on the index that the catalog lacks")
    what.add_argument("--add", metavar="VERSION", help="write row and lock of a release")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """List, check or add.

    Raises:
        UsageError: the version is none, is there already, or is not on the index.
        FatalError: the index cannot be asked, or the release cannot be resolved.
    """
    as_json = arguments.format == "json"
    if arguments.add is not None:
        if checkout() is None:
            raise UsageError(
                "This bnregress is installed; its catalog is not to be edited. Use --add in a clone of it."
            )
        _print_addition(add_release(arguments.add), as_json=as_json)
        return ExitCode.EXPECTED
    catalog = read_catalog()
    if arguments.check:
        lacking = missing(catalog)
        _print_missing(lacking, len(catalog.releases), as_json=as_json)
        return ExitCode.REGRESSION if lacking else ExitCode.EXPECTED
    _print_releases(list(catalog.releases.values()), as_json=as_json)
    return ExitCode.EXPECTED


def _print_releases(releases: list[Release], *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "id": release.id,
                "tensorflow": release.tensorflow,
                "keras": release.keras,
                "python": release.python,
                "cpu": release.cpu,
                "gpu": release.gpu,
                "tools": list(release.tools),
                "groups": sorted(release.groups),
            }
            for release in releases
        ]
        print(json.dumps(rows, indent=1))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("release", "Keras", "Python", "wheel", "groups"):
        table.add_column(name, no_wrap=name not in {"Keras", "groups"}, overflow="fold")
    for release in releases:
        table.add_row(release.id, release.keras, release.python, release.cpu, ", ".join(sorted(release.groups)))
    screen = Screen()
    screen.print(table)
    groups = [group for release in releases for group in release.groups]
    tally = ", ".join(f"{group} {groups.count(group)}" for group in dict.fromkeys(groups))
    screen.print(f"\n{count(len(releases), 'release')}: {tally}", soft_wrap=True)


def _print_missing(lacking: list[Missing], known: int, *, as_json: bool) -> None:
    if as_json:
        rows = [{"package": each.package, "version": each.version, "pythons": list(each.pythons)} for each in lacking]
        print(json.dumps(rows, indent=1))
        return
    if not lacking:
        print(f"The catalog has every release of TensorFlow that is on the index ({count(known, 'row')}).")
        return
    print(f"On the index, and not in the catalog ({len(lacking)}):")
    for each in lacking:
        print(f"  {each.package} {each.version}, CPython {', '.join(each.pythons)}")
    for each in lacking:
        if each.package == "tensorflow":
            print(f"Add it with `bnregress catalog --add {each.version}`.")


def _print_addition(addition: Addition, *, as_json: bool) -> None:
    release, pattern = addition.release, addition.pattern
    if as_json:
        print(json.dumps({"id": release.id, "like": pattern.id, "lock": str(addition.lock)}, indent=1))
        return
    print(f"{release.id} added, like {pattern.id}:")
    print(
        f"  CPython {release.python}, {release.cpu}, Keras {release.keras}, groups {', '.join(sorted(release.groups))}"
    )
    print(f"  constraints {', '.join(release.constraints) or 'none'}; tools {', '.join(release.tools) or 'none'}")
    print(f"  lock {addition.lock}")
    print(f"Read the row, then try it: `bnregress run --select {release.id}`.")
    if "default" in release.groups:
        print("It is in the group default; put the release before it of the same minor version, if any, into patch.")
