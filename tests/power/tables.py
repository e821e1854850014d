"""The tables of `nox -s power`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table

from tests.power.judge import Outcome, lost_without
from tests.power.soundness import Alarms, Soundness


def print_outcomes(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Every fault in every release."""
    table = Table(title="planted faults, found by the ordinary suite")
    for heading in ("fault", "network", "release", "caught", "expected", "by", "named", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left", overflow="fold")
    for outcome in outcomes:
        table.add_row(
            outcome.trial.fault, outcome.trial.network, outcome.release, _caught(outcome), outcome.fault.expected,
            ", ".join(sorted(outcome.by)) or "–", _named(outcome), f"{outcome.seconds:.1f}",
        )  # fmt: skip
    console.print(table)


def _caught(outcome: Outcome) -> str:
    if outcome.unasked is not None:
        return f"[dim]not asked: {outcome.unasked}[/]"
    if not outcome.caught:
        return "[red]no[/]"
    return "[green]yes[/]" if outcome.right else f"[yellow]wrongly: {'; '.join(outcome.complaints)}[/]"


def _named(outcome: Outcome) -> str:
    names = sorted(outcome.named)
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def print_removals(console: Console, outcomes: Sequence[Outcome], checks: Collection[str]) -> None:
    """What each check alone is there for."""
    table = Table(title="faults that would go uncaught without a check")
    table.add_column("check")
    table.add_column("faults", justify="right")
    table.add_column("as", overflow="fold")
    for check in checks:
        lost = lost_without(outcomes, check)
        table.add_row(check, str(len(lost)), ", ".join(lost[:3]) or "[yellow]none: another check covers it[/]")
    console.print(table)


def print_soundness(console: Console, found: Sequence[Soundness]) -> None:
    """False alarms on sound networks, with what the number of runs supports."""
    table = Table(title="the unbroken suite, on other images and weights")
    for heading in ("release", "runs", "cells", "decisions", "false alarms", "left out"):
        table.add_column(heading, justify="left" if heading in {"release", "left out"} else "right", overflow="fold")
    for each in found:
        table.add_row(
            each.release, str(each.runs), str(each.cells), str(each.decisions), str(len(each.alarms)),
            ", ".join(sorted(each.broken)),
        )  # fmt: skip
    console.print(table)
    for each in found:
        for alarm in [*each.alarms, *each.leaks]:
            console.print(f"[red]{each.release}: {alarm}[/]")
    alarms = Alarms.of(found)
    if alarms.runs:
        console.print(
            f"{alarms.alarmed_runs} false alarms in {alarms.runs} runs: at 95 % confidence at most"
            f" {alarms.of_runs} of runs and {alarms.of_cells} of cells raise one."
        )
