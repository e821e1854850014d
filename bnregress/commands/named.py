"""Lists for `bnregress catalog`: what there is to select besides releases, each with a line that says what it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator

from rich.table import Table

import bnregress.suite.checks  # noqa: F401 (declares the checks that `every_check` returns)
from bnregress.reading.text import count
from bnregress.releases.catalog import load_catalog
from bnregress.reports.screen import Screen
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import every_check
from bnregress.suite.variants import AXES

Row = dict[str, str]


def _groups() -> Iterator[Row]:
    releases = Counter(group for release in load_catalog().values() for group in release.groups)
    for name, number in releases.items():
        yield {"group": f"group:{name}", "option": "--select", "holds": count(number, "release")}
    for name, number in Counter(path.group for path in PATHS.values()).items():
        yield {"group": f"group:{name}", "option": "--path", "holds": count(number, "path")}


def _paths() -> Iterator[Row]:
    for path in PATHS.values():
        yield {"path": path.id, "group": path.group, "as in a script": path.summary}


def _variants() -> Iterator[Row]:
    for axis, values in AXES.items():
        for place, value in enumerate(values.values()):
            yield {"variant": f"{axis}={value.name}", "what it is": value.summary + ("" if place else " (default)")}


def _checks() -> Iterator[Row]:
    for check in every_check().values():
        yield {"check": check.name, "suite": check.suite, "what must hold": " ".join(check.statement.split())}


_LISTS: dict[str, Callable[[], Iterator[Row]]] = {
    "groups": _groups,
    "paths": _paths,
    "variants": _variants,
    "checks": _checks,
}


def print_named(what: str, *, as_json: bool) -> None:
    """Print `groups`, `paths`, `variants` or `checks`."""
    rows = list(_LISTS[what]())
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for place, name in enumerate(rows[0]):
        table.add_column(name, no_wrap=not place, overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    Screen().print(table)
