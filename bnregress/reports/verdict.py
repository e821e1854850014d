"""The verdict of a run in one line, and its totals in another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from bnregress.reading.text import clip, count, one_line
from bnregress.reports.style import LOOKS
from bnregress.results.model import DEFAULT_POLICY, DIFFERENT, FIXED, MISSING, CellResult, Policy, Results
from bnregress.suite import status

#: How many reasons besides lacking interpreters the last line of a run has room for.
_REASONS = 2
_NO_PYTHON = re.compile(r"There is no CPython (\d+\.\d+) ")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run came to: a word, how the terminal shows it, and a sentence."""

    word: str
    style: str
    sentence: str


def verdict(results: Results, policy: Policy = DEFAULT_POLICY) -> Verdict:
    """Say in one sentence what a run came to; the gravest comes first, and nothing decided is never a success.

    Regressions that are not as known are told whatever the policy calls a failure, other drift if it is one.
    """
    cells = results.cells
    broken = [cell.id for cell in cells if cell.unexpected]
    known = sum(cell.as_known for cell in cells)
    unsure = sum(cell.undecided for cell in cells)
    untried = [cell for cell in cells if cell.status == status.UNAVAILABLE]
    tried = {cell.id.release for cell in cells if cell.status not in (status.UNAVAILABLE, status.NOT_APPLICABLE)}
    selected = {cell.id.release for cell in cells}
    lacking = {cell.id.release for cell in untried}
    in_releases = count(len(tried), "release")
    missing = ""
    if untried:
        in_releases = f"{len(tried)} of {count(len(selected), 'release')}"
        missing = f"; {count(len(lacking), 'release')} unavailable: {what_is_missing(untried)}"
    if broken:
        releases = list(dict.fromkeys(id.release for id in broken))
        paths = list(dict.fromkeys(id.subject for id in broken))
        breaks = "breaks" if len(releases) == 1 else "break"
        where = f"{len(releases)} of {count(len(tried), 'release')} {breaks} a frozen BatchNorm"
        on = ", ".join(paths) if len(paths) <= 3 else count(len(paths), "path")
        more = f"; {known} more {'is' if known == 1 else 'are'} known" if known else ""
        return _say(results, "REGRESS", LOOKS[status.REGRESS].style, f"{where}, on {on}: {', '.join(releases)}{more}")
    drifting = sum(policy.fails(cell) for cell in cells)
    if drifting:
        said = f"{count(drifting, 'known regression')} {'is' if drifting == 1 else 'are'} no longer as listed"
        return _say(results, "DRIFT", LOOKS[status.REGRESS].style, said)
    regressions = f"{count(known, 'regression')}, {'all' if known > 1 else 'and it is'} known" if known else ""
    if not results.complete:
        return _say(results, "INCOMPLETE", LOOKS[status.INCONCLUSIVE].style, regressions or "no regression so far")
    if unsure:
        others = regressions or "none of the others regressed"
        return _say(
            results, "UNDECIDED", LOOKS[status.ERROR].style, f"{count(unsure, 'cell')} could not be decided, {others}"
        )
    if not tried:
        return _say(
            results, "NOTHING DECIDED", LOOKS[status.INCONCLUSIVE].style, f"no cell could be tried here{missing}"
        )
    if known:
        sentence = f"{regressions}; every other cell tried is sound{missing}"
        word, style = "AS KNOWN", "bold black on yellow"
    else:
        sentence = f"a frozen BatchNorm stays frozen on every path tried in {in_releases}{missing}"
        word, style = "PASS", "bold white on green"
    if untried and policy.require == "all":
        return _say(results, "NOT ALL TRIED", LOOKS[status.UNAVAILABLE].style, sentence)
    return _say(results, word, style, sentence)


def what_is_missing(cells: Iterable[CellResult]) -> str:
    """Say shortly why cells are unavailable: `no CPython 3.7, 3.8; no GPU`, empty if none is."""
    reasons = list(dict.fromkeys(cell.reason for cell in cells if cell.status == status.UNAVAILABLE))
    pythons = {match[1] for reason in reasons if (match := _NO_PYTHON.match(reason))}
    others = [clip(one_line(reason).rstrip("."), 80) for reason in reasons if not _NO_PYTHON.match(reason)]
    told = [f"no CPython {', '.join(sorted(pythons, key=Version))}"] if pythons else []
    told += others[:_REASONS]
    more = len(others) - _REASONS
    return "; ".join(told) + (f"; {count(more, 'other reason')}" if more > 0 else "")


def _say(results: Results, word: str, style: str, sentence: str) -> Verdict:
    if not results.complete:
        decided = len(results.cells)
        sentence += f" ({decided} of {decided + len(results.undecided)} cells decided; --resume continues)"
    if results.shard:
        sentence += f" (shard {results.shard} of the plan)"
    return Verdict(word=word, style=style, sentence=f"{sentence}.")


def departures(results: Results) -> str:
    """Count the known regressions that were found to be otherwise, empty if there are none."""
    counted = Counter(cell.drift for cell in results.cells)
    told = (
        (counted[DIFFERENT], "failing differently than expected"),
        (counted[FIXED], "fixed"),
        (counted[MISSING], "without a verdict"),
    )
    parts = [f"{number} {what}" for number, what in told if number]
    return f"Of the known regressions: {', '.join(parts)}" if parts else ""


def on_other_pythons(results: Results) -> list[str]:
    """Name the releases that ran on another Python than the catalog's, a line for each of these Pythons."""
    found: dict[str, list[str]] = {}
    for name, release in results.releases.items():
        if release.own_python:
            keras = f", Keras {release.keras} instead of {release.own_keras}" if release.own_keras else ""
            found.setdefault(release.python or "", []).append(f"{name} ({release.own_python}{keras})")
    return [
        f"On CPython {python} instead of the release's own: {', '.join(releases)}."
        for python, releases in sorted(found.items(), key=lambda each: Version(each[0]))
    ]


def totals(results: Results) -> str:
    """Count the cells by status, every cell once: `16 cells: 2 regress, 14 pass`."""
    counted = Counter(cell.status for cell in results.cells)
    known = sum(cell.as_known for cell in results.cells)
    parts = [f"{counted[name]} {name}" for name in LOOKS if counted[name]]
    if known:
        parts[0] += f" ({known} known)"
    if results.undecided:
        parts.append(f"{len(results.undecided)} not decided")
    cached = sum(cell.cached for cell in results.cells)
    aside = f"; {cached} of them from the cache of earlier runs" if cached else ""
    return f"{count(len(results.cells) + len(results.undecided), 'cell')}: {', '.join(parts) or 'none'}{aside}"
