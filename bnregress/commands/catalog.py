"""`bnregress catalog`: which releases bnregress knows, which it lacks, and one more."""

from __future__ import annotations

import json
import re

from rich.table import Table

from bnregress.commands.declared.catalog import CatalogArguments
from bnregress.commands.named import print_named
from bnregress.errors import ExitCode, UsageError
from bnregress.machine.locations import checkout
from bnregress.reading.text import count
from bnregress.releases.additions import Addition, Missing, add_keras, add_release, missing
from bnregress.releases.catalog import Release, read_catalog
from bnregress.reports.screen import Screen

_KERAS = re.compile(r"keras(\d+\.\d+\.\d+)")


def execute(arguments: CatalogArguments) -> ExitCode:
    """List, check or add.

    Raises:
        UsageError: the version is none, is there already, or is not on the index.
        FatalError: the index cannot be reached, or the release cannot be resolved.
    """
    as_json = arguments.format == "json"
    if arguments.add is not None:
        if checkout() is None:
            raise UsageError(
                "This bnregress is installed; its catalog cannot be edited. Use --add in a clone of the repository."
            )
        keras = _KERAS.fullmatch(arguments.add)
        addition = add_keras(keras[1]) if keras else add_release(arguments.add)
        _print_addition(addition, as_json=as_json)
        return ExitCode.EXPECTED
    if arguments.what != "releases":
        if arguments.check:
            raise UsageError(f"--check looks for releases; it does not go with {arguments.what!r}. Leave one out.")
        print_named(arguments.what, as_json=as_json)
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
        print(f"The catalog has every release of TensorFlow and Keras 3 that is on the index ({count(known, 'row')}).")
        return
    print(f"On the index, and not in the catalog ({len(lacking)}):")
    for each in lacking:
        print(f"  {each.package} {each.version}, CPython {', '.join(each.pythons)}")
    for each in lacking:
        prefix = "keras" if each.package == "keras" else ""
        print(f"Add it with `bnregress catalog --add {prefix}{each.version}`.")


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
    if release.not_on:
        print(f"  not on TensorFlow {release.not_on}")
    for each in addition.replaced:
        print(f"  {each.id} is now in the groups {', '.join(sorted(each.groups))}")
    print(f"Check the row, then try it: `bnregress run --select {release.id}`.")
    if "default" in release.groups and "-keras" not in release.id:
        print("It is in the group default; put the release before it of the same minor version, if any, into patch.")
