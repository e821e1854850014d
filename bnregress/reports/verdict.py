"""The verdict of a run in one line, and its totals in another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bnregress.reports.style import LOOKS
from bnregress.reports.text import count
from bnregress.results import Results
from bnregress.suite import status


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run came to: a word, how the terminal shows it, and a sentence."""

    word: str
    style: str
    sentence: str


def verdict(results: Results) -> Verdict:
    """Say in one sentence what a run came to; the gravest comes first, and nothing decided is never a success."""
    cells = results.cells
    broken = [cell.id for cell in cells if cell.status == status.REGRESS]
    unsure = sum(cell.status in (status.ERROR, status.INCONCLUSIVE) for cell in cells)
    tried = {cell.id.release for cell in cells if cell.status not in (status.UNAVAILABLE, status.NOT_APPLICABLE)}
    if broken:
        releases = list(dict.fromkeys(id.release for id in broken))
        paths = list(dict.fromkeys(id.subject for id in broken))
        breaks = "breaks" if len(releases) == 1 else "break"
        where = f"{len(releases)} of {count(len(tried), 'release')} {breaks} a frozen BatchNorm"
        on = ", ".join(paths) if len(paths) <= 3 else count(len(paths), "path")
        return _say(results, "REGRESS", LOOKS[status.REGRESS].style, f"{where}, on {on}: {', '.join(releases)}")
    if not results.complete:
        return _say(results, "INCOMPLETE", LOOKS[status.INCONCLUSIVE].style, "no regression so far")
    if unsure:
        sentence = f"{count(unsure, 'cell')} could not be decided, none of the others regressed"
        return _say(results, "UNDECIDED", LOOKS[status.ERROR].style, sentence)
    if not tried:
        return _say(results, "NOTHING DECIDED", LOOKS[status.INCONCLUSIVE].style, "no cell could be tried here")
    sentence = f"a frozen BatchNorm stays frozen on every path tried in {count(len(tried), 'release')}"
    return _say(results, "PASS", "bold white on green", sentence)


def _say(results: Results, word: str, style: str, sentence: str) -> Verdict:
    if not results.complete:
        decided = len(results.cells)
        sentence += (
            f" ({decided} of {decided + len(results.undecided)} cells decided; --resume goes on with the others)"
        )
    if results.shard:
        sentence += f" (shard {results.shard} of the plan)"
    return Verdict(word=word, style=style, sentence=f"{sentence}.")


def totals(results: Results) -> str:
    """Count the cells by status, every cell once: `16 cells: 2 regress, 14 pass`."""
    counted = Counter(cell.status for cell in results.cells)
    parts = [f"{counted[name]} {name}" for name in LOOKS if counted[name]]
    if results.undecided:
        parts.append(f"{len(results.undecided)} not decided")
    cached = sum(cell.cached for cell in results.cells)
    aside = f"; {cached} of them from the cache of earlier runs" if cached else ""
    return f"{count(len(results.cells) + len(results.undecided), 'cell')}: {', '.join(parts) or 'none'}{aside}"
