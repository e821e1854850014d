"""What the file of known regressions says of the cells of a run, in groups that every report lists alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bnregress.reading.text import one_line
from bnregress.reports.style import KNOWN_LOOK
from bnregress.results.model import DIFFERENT, FIXED, MISSING, CellResult, Known, Results
from bnregress.suite import status

#: What comes before all else: a call that a release refuses, though `refusals.toml` does not list it.
UNLISTED = "Refusals that are not listed"


def is_unlisted(cell: CellResult) -> bool:
    """Whether the cell is in that section: nothing else is said of it."""
    return cell.refused and cell.standing is None


@dataclass(frozen=True, kw_only=True)
class KnownGroup:
    """Cells of one entry that came out alike."""

    known: Known
    cells: tuple[CellResult, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading and the groups below it; `hint` says what to do about all of them."""

    heading: str
    groups: tuple[KnownGroup, ...]
    hint: str = ""

    @property
    def size(self) -> int:
        """The number of cells."""
        return sum(len(group.cells) for group in self.groups)


def sections(results: Results) -> list[Section]:
    """Return what is known and missing, known and fixed, and known and as it was, each if there is any."""
    update = "`bnregress known --update RESULTS` proposes the file without it"
    wanted = (
        ("Known regressions without a verdict", [c for c in results.cells if c.drift == MISSING], ""),
        ("Known regressions that are fixed", [c for c in results.cells if c.drift == FIXED], update),
        (KNOWN_LOOK.heading, [c for c in results.cells if c.as_known], ""),
    )
    return [Section(heading=heading, groups=_grouped(cells), hint=hint) for heading, cells, hint in wanted if cells]


def _grouped(cells: Iterable[CellResult]) -> tuple[KnownGroup, ...]:
    found: dict[Known, list[CellResult]] = {}
    for cell in cells:
        if cell.known is not None:
            found.setdefault(cell.known, []).append(cell)
    return tuple(KnownGroup(known=known, cells=tuple(alike)) for known, alike in found.items())


def otherwise(cells: Iterable[CellResult]) -> list[tuple[str, list[CellResult]]]:
    """Say how regressions depart from the known ones, each sentence with the cells that it is about."""
    found: dict[str, list[CellResult]] = {}
    for cell in cells:
        if cell.drift == DIFFERENT and cell.known is not None:
            found.setdefault(_departure(cell, cell.known), []).append(cell)
    return list(found.items())


def _departure(cell: CellResult, known: Known) -> str:
    failing = {check.name: check.reason for check in cell.checks if check.status == cell.status}
    passing = {check.name for check in cell.checks if check.status == status.PASS}
    # If the same checks fail, what they say of it is not as listed.
    alike = bool(failing) and set(failing) == set(known.checks) - passing
    now = f"otherwise: {'; '.join(dict.fromkeys(failing.values()))}" if alike else ", ".join(failing)
    return one_line(f"listed as failing {', '.join(known.checks)}: {known.reason} Now fails {now}.")
