"""The gate over results that were compared with the known regressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from bnregress.cells.folding import fold
from bnregress.cells.globs import selectors
from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode
from bnregress.judging.gate.decision import CANNOT_TELL, SAFE, UNSAFE, Decision, Finding, Section
from bnregress.judging.summary import summarise
from bnregress.results.model import (
    DIFFERENT,
    FAIL_ON,
    FIXED,
    KNOWN,
    MISSING,
    NEW,
    CellResult,
    Policy,
    Results,
    exit_code,
)
from bnregress.suite import status


def judge(results: Results, policy: Policy) -> Decision:
    """Answer whether only what is known regresses.

    Args:
        results: whose cells have `drift` and `known`, see `bnregress.judging.known.drift.hold_against`.
        policy: what makes the run fail, and what leaves it undecided.
    """
    code = exit_code(results, policy)
    return Decision(
        word=_word(results, policy),
        sentence=summarise(results, policy).sentence,
        # A gate that had cells and decided none of them cannot tell; there was something to do.
        exit_code=ExitCode.UNDECIDED if code == ExitCode.NOTHING_TO_DO else code,
        sections=tuple(_sections(results.cells, FAIL_ON[policy.fail_on])),
    )


def _word(results: Results, policy: Policy) -> str:
    if any(cell.unexpected for cell in results.cells):
        return UNSAFE
    decided = any(cell.status in (status.PASS, status.REGRESS) for cell in results.cells)
    undecided = not results.complete or any(map(policy.leaves_open, results.cells))
    return CANNOT_TELL if undecided or not decided else SAFE


_UNDECIDED = "undecided"
_UNTRIED = "unavailable"
#: Kinds of section, the gravest first.
_HEADINGS = {
    NEW: "New regressions",
    DIFFERENT: "Regressions that fail differently than expected",
    _UNDECIDED: "Could not be decided",
    _UNTRIED: "Unavailable here",
    MISSING: "Known regressions without a verdict",
    FIXED: "Known regressions that are fixed",
    KNOWN: "Known regressions",
}


def _sections(cells: Sequence[CellResult], failures: Collection[str]) -> Iterable[Section]:
    """Sort the cells; what fails is grave, and what keeps a person from going on whatever the exit code says."""
    for kind, heading in _HEADINGS.items():
        belonging = [cell for cell in cells if _belongs(cell, kind)]
        if belonging:
            grave = kind in failures or kind in (NEW, DIFFERENT, _UNDECIDED, _UNTRIED)
            findings = _findings(belonging)
            yield Section(kind=kind, heading=heading, size=len(belonging), findings=findings, grave=grave)


def _belongs(cell: CellResult, kind: str) -> bool:
    if kind == _UNDECIDED:
        return cell.undecided
    # One that is listed as known is told of as such.
    return cell.status == status.UNAVAILABLE and cell.known is None if kind == _UNTRIED else cell.standing == kind


def _findings(cells: Iterable[CellResult]) -> tuple[Finding, ...]:
    """Say the same thing once: cells of an entry, or with one reason and remedy, become one finding."""
    alike: dict[tuple[str, str | None, str | None], list[CellResult]] = {}
    for cell in cells:
        alike.setdefault(_telling(cell), []).append(cell)
    return tuple(
        Finding(
            cells=tuple(str(cell.id) for cell in group),
            title=_title([cell.id for cell in group]),
            reason=reason,
            remedy=remedy,
            source=source,
        )
        for (reason, remedy, source), group in alike.items()
    )


def _title(ids: Sequence[CellId]) -> str:
    """Name the cells in few selectors, many variants of a path as one: `tf2.1.0/small@* (9 cells)`."""
    shown = fold(ids)
    named = [id if shown[id] == id.subject else replace(id, variant="*") for id in ids]
    cells = Counter(named)
    return ", ".join(
        f"{selector} ({sum(cells[id] for id in some)} cells)" if some[0].variant == "*" else selector
        for selector, some in selectors(named)
    )


def _telling(cell: CellResult) -> tuple[str, str | None, str | None]:
    if cell.known is None:
        return cell.reason, cell.remedy, None
    if cell.as_known:
        return cell.known.reason, cell.known.remedy, cell.known.source
    if cell.drift == FIXED:
        checks = ", ".join(cell.known.checks)
        remedy = "`bnregress known --update RESULTS` proposes the file without it."
        return f"It is listed as failing {checks}, and passes now.", remedy, cell.known.source
    if cell.drift == DIFFERENT:
        measured = ", ".join(check.name for check in cell.checks if check.status == status.REGRESS)
        was = f"listed as failing {', '.join(cell.known.checks)}; fails {measured}"
        return f"{cell.reason} ({was})", cell.remedy, cell.known.source
    return f"{cell.status}: {cell.reason}", cell.remedy, cell.known.source
