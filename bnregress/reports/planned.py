"""The plan on the terminal: what would run, what would not and why, how long, and where things are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bnregress.cells.folding import fold
from bnregress.machine.devices import AUTO
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.plan import Plan, PlannedRelease
from bnregress.reading.text import count, duration, size
from bnregress.reports.devices import device_lines
from bnregress.reports.indent import print_indented
from bnregress.run.disk import Foreseen
from bnregress.suite.paths import PATHS

#: Columns from which on the table says more.
WIDE = 100


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder that runs use, and the bytes that it takes now."""

    what: str
    path: Path
    size: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """How long a plan may take.

    Attributes:
        releases: seconds of each release that can run, one process deciding its cells.
        total: seconds of all of it with `jobs` processes.
        ready: releases whose environment is made already.
    """

    releases: Mapping[str, float]
    total: float
    jobs: int
    ready: frozenset[str]


def print_plan(
    console: Console,
    plan: Plan,
    forecast: Forecast,
    places: Sequence[Place],
    disk: Foreseen | None = None,
    sizes: Mapping[str, int] | None = None,
) -> None:
    """Print what would run, what would not with its remedy, totals, places, and which environments will be kept.

    Args:
        console: decides width and colour.
        plan: what would run.
        forecast: how long.
        places: folders that it uses.
        disk: which environments will be kept.
        sizes: bytes of interpreters that will be fetched, by address, as far as they are known.
    """
    available = plan.available
    if available:
        console.print(_releases(available, forecast, wide=console.width >= WIDE))
        console.print()
    console.print(_subjects(plan))
    console.print()
    _print_unavailable(console, [release for release in plan.releases if release.unavailable is not None])
    cells = [cell for release in available for cell in release.cells]
    what = f"{count(len(cells), 'cell')} in {count(len(available), 'release')} would run {_where(plan)}"
    made = f"{len(forecast.ready)} of {count(len(available), 'environment')} made already"
    long = f"about {duration(forecast.total)} with {count(forecast.jobs, 'process', 'processes')}, {made}"
    print_indented(console, Text(f"{what}, {long}.", style="bold"), 0)
    if len(available) < len(plan.releases):
        missing = count(len(plan.releases) - len(available), "release")
        print_indented(console, Text(f"{count(len(plan.cells) - len(cells), 'cell')} in {missing} would not."), 0)
    for line in (*device_lines(plan), *_on_other_pythons(available)):
        print_indented(console, Text(line), 2)
    for line in downloads(plan, sizes or {}):
        # An address that is cut in two cannot be opened.
        console.print(Text(f"  {line}"), soft_wrap=True)
    for place in places:
        console.print(Text(f"  {place.what}: {_home(place.path)}, {size(place.size)}", style="dim"), soft_wrap=True)
    if disk is not None:
        console.print(Text(f"  {kept(disk)}", style="dim"), soft_wrap=True)


def _where(plan: Plan) -> str:
    return "on the CPU or a GPU" if plan.device == AUTO else f"on the {plan.device}"


def kept(disk: Foreseen) -> str:
    """Say in a sentence which environments a run makes, removes and keeps."""
    there = count(len(disk.kept), "environment")
    needed = f", about {size(disk.needed)}" if disk.made else ""
    text = f"disk budget {size(disk.budget)}: {len(disk.made)} to be made{needed}, {there} at the end"
    if not disk.removed:
        return f"{text}, none removed"
    return f"{text}; removed to make room: {', '.join(path.name for path in disk.removed)}"


def _releases(releases: Sequence[PlannedRelease], forecast: Forecast, *, wide: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("release", no_wrap=True)
    if wide:
        table.add_column("Keras", no_wrap=True)
    table.add_column("Python", no_wrap=True)
    table.add_column("found at", overflow="fold", style="dim")
    table.add_column("cells", justify="right", no_wrap=True)
    table.add_column("minutes", justify="right", no_wrap=True)
    for planned in releases:
        found = planned.interpreter
        python = (found.version, _place(found)) if found else ("", "")
        minutes = forecast.releases[planned.id] / 60
        keras = (planned.release.keras,) if wide else ()
        table.add_row(planned.id, *keras, *python, str(len(planned.cells)), f"{minutes:.1f}")
    return table


def _on_other_pythons(releases: Sequence[PlannedRelease]) -> list[str]:
    others = [
        f"{each.id} ({each.release.own_python}{f', Keras {each.release.own_keras}' if each.release.own_keras else ''})"
        for each in releases
        if each.release.own_python
    ]
    return [f"on another Python than their own, which is not here: {', '.join(others)}"] if others else []


def _place(interpreter: Interpreter) -> Text:
    return Text("will be fetched" if interpreter.download else _home(interpreter.executable))


def fetched(plan: Plan) -> dict[str, str]:
    """Return the interpreters that a run will fetch before anything else: the address of each version, oldest first."""
    found = {
        planned.interpreter.version: planned.interpreter.download
        for planned in plan.available
        if planned.interpreter and planned.interpreter.download
    }
    return dict(sorted(found.items(), key=lambda each: Version(each[0])))


def downloads(plan: Plan, sizes: Mapping[str, int]) -> list[str]:
    """Name the interpreters that a run will fetch, each with its address and, if it is known, its size."""
    found = fetched(plan)
    if not found:
        return []
    known = [sizes[address] for address in found.values() if address in sizes]
    large = f"{size(sum(known))} together" if len(known) == len(found) else "about 30 MB each"
    head = f"{count(len(found), 'CPython')} will be fetched first, {large} (--interpreters installed does not):"
    return [
        head,
        *(
            f"  {version}{f', {size(sizes[address])},' if address in sizes else ''} from {address}"
            for version, address in found.items()
        ),
    ]


def _subjects(plan: Plan) -> Table:
    shown = fold(plan.cells)
    paths = {shown[cell]: cell.path for cell in plan.cells}
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("path", no_wrap=True)
    table.add_column("what it is", overflow="fold", style="dim")
    for subject, path in paths.items():
        summary = PATHS[path].summary if path in PATHS else ""
        if subject.endswith("@*"):
            variants = {cell.variant for cell, under in shown.items() if under == subject}
            summary = f"{len(variants)} variants of freezing, wrapping and training"
        table.add_row(subject, Text(summary))
    return table


def _print_unavailable(console: Console, releases: Sequence[PlannedRelease]) -> None:
    if not releases:
        return
    alike: dict[tuple[str, str], list[PlannedRelease]] = {}
    for planned in releases:
        alike.setdefault((planned.unavailable or "", planned.remedy or ""), []).append(planned)
    console.print(Text(f"Would not run ({count(len(releases), 'release')})", style="bold"))
    for (reason, remedy), group in alike.items():
        print_indented(console, Text(", ".join(planned.id for planned in group)), 2)
        print_indented(console, Text(reason), 4)
        if remedy:
            print_indented(console, Text.assemble(("remedy:", "bold green"), " ", remedy), 4)
    console.print()


def _home(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)
