"""What a run came to, in one sentence that terminal, summary, page, gate and badge share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from bnregress.reading.text import clip, count, one_line
from bnregress.results.model import DEFAULT_POLICY, CellResult, Policy, Results
from bnregress.suite import status

#: The words, the gravest first.
REGRESS = "REGRESS"
DRIFT = "DRIFT"
INCOMPLETE = "INCOMPLETE"
UNDECIDED = "UNDECIDED"
NOTHING_DECIDED = "NOTHING DECIDED"
NOT_ALL_TRIED = "NOT ALL TRIED"
AS_KNOWN = "AS KNOWN"
PASS = "PASS"

#: How many reasons besides lacking interpreters the sentence has room for.
_REASONS = 2
_NO_PYTHON = re.compile(r"There is no CPython (\d+\.\d+) |CPython (\d+\.\d+)\.\d+ could not be fetched ")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run came to: a word, a sentence, and the few words that a badge has room for."""

    word: str
    sentence: str
    brief: str


def summarise(results: Results, policy: Policy = DEFAULT_POLICY) -> Summary:
    """Say in one sentence what a run came to; the gravest comes first, and nothing decided is never a success.

    Regressions that are not as known are told whatever the policy calls a failure, other drift if it is one.

    Args:
        results: compared with what is known.
        policy: what makes the run fail, and what leaves it undecided.
    """
    word, sentence, brief = _said(results, policy)
    if not results.complete:
        decided = len(results.cells)
        sentence += f" ({decided} of {decided + len(results.undecided)} cells decided; --resume continues)"
    if results.shard:
        sentence += f" (shard {results.shard} of the plan)"
    return Summary(word=word, sentence=f"{sentence}.", brief=brief)


def _said(results: Results, policy: Policy) -> tuple[str, str, str]:
    cells = results.cells
    broken = [cell.id for cell in cells if cell.unexpected]
    known = sum(cell.as_known for cell in cells)
    unsure = sum(cell.undecided for cell in cells)
    untried = [cell for cell in cells if cell.status == status.UNAVAILABLE]
    tried = {cell.id.release for cell in cells if cell.status not in (status.UNAVAILABLE, status.NOT_APPLICABLE)}
    in_releases = count(len(tried), "release")
    if broken:
        releases = list(dict.fromkeys(id.release for id in broken))
        paths = list(dict.fromkeys(id.subject for id in broken))
        breaks = "breaks" if len(releases) == 1 else "break"
        where = f"{len(releases)} of {in_releases} {breaks} a frozen BatchNorm"
        on = ", ".join(paths) if len(paths) <= 3 else count(len(paths), "path")
        more = f"; {known} more {'is' if known == 1 else 'are'} known" if known else ""
        brief = f"{count(len(broken), 'new regression')}, {len(broken) + known} in all"
        return REGRESS, f"{where}, on {on}: {', '.join(releases)}{more}", brief
    if drifting := sum(policy.fails(cell) for cell in cells):
        regressions = count(drifting, "known regression")
        said = f"{regressions} {'is' if drifting == 1 else 'are'} no longer as listed"
        return DRIFT, said, f"{regressions} not as listed"
    regressions = f"{count(known, 'regression')}, {'all' if known > 1 else 'and it is'} known" if known else ""
    missing = ""
    selected, lacking = {cell.id.release for cell in cells}, {cell.id.release for cell in untried}
    if untried:
        in_releases = f"{len(tried)} of {count(len(selected), 'release')}"
        missing = f"; {count(len(lacking), 'release')} unavailable: {what_is_missing(untried)}"
    affected = {cell.id.release for cell in cells if cell.as_known}
    brief = f"breaks in {len(affected)} of {count(len(tried), 'release')}" if known else "undecided"
    if not results.complete:
        return INCOMPLETE, regressions or "no regression so far", brief
    if unsure:
        others = regressions or "none of the others regressed"
        return UNDECIDED, f"{count(unsure, 'cell')} could not be decided, {others}", brief
    if not tried:
        return NOTHING_DECIDED, f"no cell could be tried here{missing}", status.UNAVAILABLE if untried else brief
    if known:
        word, sentence = AS_KNOWN, f"{regressions}; every other cell tried is sound{missing}"
    else:
        word, sentence = PASS, f"a frozen BatchNorm stays frozen on every path tried in {in_releases}{missing}"
    if untried and policy.require == "all":
        unavailable = f"{len(lacking)} of {count(len(selected), 'release')} unavailable"
        return NOT_ALL_TRIED, sentence, brief if known else unavailable
    return word, sentence, brief if known else f"holds in {count(len(tried), 'release')}"


def lacking_python(reason: str) -> str | None:
    """Return the minor version of CPython that a cell is unavailable for want of; None if that is not the reason."""
    match = _NO_PYTHON.match(reason)
    return match and (match[1] or match[2])


def what_is_missing(cells: Iterable[CellResult]) -> str:
    """Say shortly why cells are unavailable: `no CPython 3.7, 3.8; no GPU`, empty if none is."""
    reasons = list(dict.fromkeys(cell.reason for cell in cells if cell.status == status.UNAVAILABLE))
    pythons = sorted(set(filter(None, map(lacking_python, reasons))), key=Version)
    others = [clip(one_line(reason).rstrip("."), 80) for reason in reasons if lacking_python(reason) is None]
    told = [f"no CPython {', '.join(pythons)}"] if pythons else []
    told += others[:_REASONS]
    more = len(others) - _REASONS
    return "; ".join(told) + (f"; {count(more, 'other reason')}" if more > 0 else "")
