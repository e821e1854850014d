"""docs/power.md: what a session of `nox -s power` measured."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from bnregress.reading.text import count
from bnregress.reports.markdown import code, escape, prose, table
from tests.faults.registry import FAULTS
from tests.power.judge import Outcome, lost_without
from tests.power.soundness import Alarms, Soundness

COMMAND = "nox -s power -- --out docs/power.md"
_WHAT_IT_MEANS = (
    "Faults are planted in real Keras releases. Each is a few lines that break Keras in one way. The ordinary"
    " suite runs"
    " on them and knows nothing about them (`tests/faults/`, `tests/power/`). A fault is caught if a check regresses on"
    " every path that the fault breaks. It is blamed correctly if that is the right check, no unrelated check"
    " regresses,"
    " and the named layers and path are the broken ones."
)


def render_page(
    outcomes: Sequence[Outcome], sound: Sequence[Soundness], checks: Collection[str], how_measured: str
) -> str:
    """Return the page as Markdown.

    Args:
        outcomes: of all faults, by fault and network.
        sound: of each release, without faults.
        checks: names of the suite's checks, in their order.
        how_measured: when, and on what.
    """
    asked = [outcome for outcome in outcomes if outcome.unasked is None]
    caught, right = sum(each.caught for each in asked), sum(each.right for each in asked)
    blocks = [
        f"<!-- Made by `{COMMAND}`. Do not edit. -->",
        "# What the suite catches",
        prose(_WHAT_IT_MEANS),
        prose(
            f"{caught} of {len(asked)} were caught, {right} of them blamed correctly;"
            f" {len(outcomes) - len(asked)} could"
            f" not be tested. {how_measured}"
        ),
        "## Faults",
        _faults(outcomes, [each.release for each in sound]),
        *_not_right(asked),
        *_not_asked(outcomes),
        "## What each check is for",
        prose("Faults that no other check would catch."),
        _removals(outcomes, checks),
        "## False alarms",
        *_alarms(sound),
    ]
    return "\n\n".join(blocks) + "\n"


def _faults(outcomes: Sequence[Outcome], releases: Sequence[str]) -> str:
    rows = []
    for (name, network), group in groupby(outcomes, key=lambda each: (str(each.trial.fault), each.trial.network)):
        measured = {each.release: each for each in group}
        fault = FAULTS[name]
        rows.append(
            [
                f"{code(name)}<br>{escape(fault.statement)}", network, code(fault.expected),
                *(_shown(measured.get(release)) for release in releases),
            ]
        )  # fmt: skip
    return table(["fault", "network", "found by", *(release.removeprefix("tf") for release in releases)], rows)


def _shown(outcome: Outcome | None) -> str:
    if outcome is None or outcome.unasked is not None:
        return "–"
    if not outcome.caught:
        return "**missed**"
    return f"{'✓' if outcome.right else '**blamed incorrectly**'} {outcome.seconds:.1f} s"


def _not_right(asked: Sequence[Outcome]) -> list[str]:
    wrong = [each for each in asked if not each.right]
    return [
        f"- {code(str(each.trial.fault))} in {each.release} on {each.trial.network}:"
        f" {escape('; '.join(each.complaints) if each.caught else 'not caught')}"
        for each in wrong
    ]


def _not_asked(outcomes: Sequence[Outcome]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for each in outcomes:
        if each.unasked is not None:
            reasons.setdefault(each.unasked, []).append(code(str(each.trial.fault)))
    if not reasons:
        return []
    lines = [f"- {escape(reason)}: {', '.join(dict.fromkeys(faults))}" for reason, faults in reasons.items()]
    return ["Not tested:", "\n".join(lines)]


def _removals(outcomes: Sequence[Outcome], checks: Collection[str]) -> str:
    rows = []
    for check in checks:
        lost = lost_without(outcomes, check)
        rows.append([code(check), str(len(lost)), ", ".join(map(code, lost[:3])) or "–"])
    return table(["check", "faults", "such as"], rows)


def _alarms(sound: Sequence[Soundness]) -> list[str]:
    rows = [
        [
            each.release, str(each.runs), str(each.cells), str(each.decisions), str(len(each.alarms)),
            ", ".join(map(code, sorted(each.broken))) or "–",
        ]
        for each in sound
    ]  # fmt: skip
    head = ["release", "runs", "cells", "decisions", "false alarms", "left out, as they regress by themselves"]
    alarms = Alarms.of(sound)
    return [
        table(head, rows),
        prose(
            f"{count(alarms.alarmed_runs, 'run')} of {alarms.runs} of the unbroken suite, each on images and weights of"
            f" its own, raised a false alarm: at 95 % confidence at most {alarms.of_runs} of runs and {alarms.of_cells}"
            " of cells do (Clopper and Pearson 1934, one-sided)."
        ),
    ]
