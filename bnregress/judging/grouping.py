"""Says the same thing once: cells that share a status and a reason become one group, and none of them is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bnregress.cells.folding import few_names
from bnregress.reading.text import one_line
from bnregress.results.model import CellResult
from bnregress.suite.status import UNAVAILABLE

# A figure that stands alone: not part of a version, a name or a longer number.
_FIGURE = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\.?\w)")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cells with one status, one kind and one reason, whose figures may differ."""

    status: str
    kind: str | None
    reason: str
    cells: tuple[CellResult, ...]

    def remedies(self) -> list[tuple[str, tuple[CellResult, ...]]]:
        """Return each remedy with the cells that it is for."""
        found: dict[str, list[CellResult]] = {}
        for cell in self.cells:
            if remedy := one_line(cell.remedy or ""):
                found.setdefault(remedy, []).append(cell)
        return [(remedy, tuple(cells)) for remedy, cells in found.items()]


def group_cells(cells: Iterable[CellResult]) -> list[Group]:
    """Group cells by status, kind and the wording of their reason, in order of first appearance."""
    found: dict[tuple[str, str | None, str], list[CellResult]] = {}
    for cell in cells:
        template = one_line(cell.reason)
        # What is unavailable is told by its version, which is no figure that varies.
        if cell.status != UNAVAILABLE:
            # No sentence holds this character by then, so it stands for a figure and nothing else.
            template = _FIGURE.sub("\0", template)
        found.setdefault((cell.status, cell.kind, template), []).append(cell)
    return [
        Group(status=status, kind=kind, reason=_common_reason(alike), cells=tuple(alike))
        for (status, kind, _), alike in found.items()
    ]


def _common_reason(alike: Iterable[CellResult]) -> str:
    return merge_figures([one_line(cell.reason) for cell in alike])


def merge_figures(sentences: Sequence[str]) -> str:
    """Make one of sentences that differ in their figures only: `16.2 to 19.8` stands where a figure varies."""
    figures = [_FIGURE.findall(sentence) for sentence in sentences]
    merged = iter([_span(values) for values in zip(*figures, strict=True)])
    return _FIGURE.sub(lambda _: next(merged), sentences[0])


def _span(values: Sequence[str]) -> str:
    low, high = min(values, key=float), max(values, key=float)
    return low if float(low) == float(high) else f"{low} to {high}"


def whereabouts(cells: Iterable[CellResult], subjects: Sequence[str] = (), *, folded: bool = False) -> list[str]:
    """Name the cells in few lines.

    Args:
        cells: the cells to name.
        subjects: every path of the run; releases that hold them all read as `all 8 paths in ...`.
        folded: many variants of a path are named as one, with their number.

    Returns:
        The id of a single cell, else lines such as `h5, json in tf2.0.0, tf2.1.0`.
    """
    held: dict[str, list[str]] = {}
    for cell in cells:
        held.setdefault(cell.id.release, []).append(cell.id.subject)
    shared: dict[tuple[str, ...], list[str]] = {}
    for release, paths in held.items():
        shared.setdefault(tuple(paths), []).append(release)
    return [_name(paths, releases, subjects, folded=folded) for paths, releases in shared.items()]


def _name(paths: tuple[str, ...], releases: list[str], subjects: Sequence[str], *, folded: bool) -> str:
    if len(paths) == 1 and len(releases) == 1:
        return f"{releases[0]}/{paths[0]}"
    if len(paths) > 1 and set(paths) == set(subjects):
        return f"all {len(paths)} paths in {', '.join(releases)}"
    return f"{', '.join(few_names(paths) if folded else paths)} in {', '.join(releases)}"
