"""How each status looks, everywhere: words and marks that stand without colour, and a colour beside them."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.judging import summary
from bnregress.results.model import CellResult
from bnregress.suite import status


@dataclass(frozen=True, kw_only=True)
class Look:
    """The face of a status.

    Attributes:
        word: what a table cell holds; at most 7 letters, so that eight paths fit into 80 columns.
        mark: what stands for it in a small table; `letter` where only ASCII can.
        style: of rich; never the only thing that tells two statuses apart.
        small: the style of a letter, which is too small for a background; default: the style.
        meaning: what the key below a table says, empty where the word says it all.
        heading: of the section that lists such cells.
    """

    word: str
    mark: str
    style: str
    letter: str = ""
    small: str = ""
    meaning: str = ""
    heading: str = ""


#: Of a regression that is listed as known, while a run goes on.
KNOWN_STYLE = "bold yellow"

#: The gravest first, as every report lists them.
LOOKS: dict[str, Look] = {
    status.REGRESS: Look(
        word="REGRESS",
        mark="R",
        style="bold white on red",
        small="bold red",
        heading="Regressions",
    ),
    status.ERROR: Look(
        word="error", mark="E", style="bold magenta", heading="Errors", meaning="an error prevented a verdict"
    ),
    status.INCONCLUSIVE: Look(
        word="unclear", mark="?", style="bold yellow", heading="Inconclusive", meaning="inconclusive"
    ),
    status.UNAVAILABLE: Look(
        word="unavail", mark="u", style="cyan", heading="Unavailable", meaning="unavailable on this machine"
    ),
    status.NOT_APPLICABLE: Look(
        word="n/a",
        mark="–",
        letter="-",
        style="dim",
        heading="Not applicable",
        meaning="not applicable, the release has no such path",
    ),
    status.PASS: Look(word="pass", mark="✓", letter="p", style="green", heading="Passed"),
}

#: How the terminal shows the word that sums up a run.
SUMMARY_STYLES = {
    summary.REGRESS: LOOKS[status.REGRESS].style,
    summary.DRIFT: LOOKS[status.REGRESS].style,
    summary.INCOMPLETE: LOOKS[status.INCONCLUSIVE].style,
    summary.UNDECIDED: LOOKS[status.ERROR].style,
    summary.NOTHING_DECIDED: LOOKS[status.INCONCLUSIVE].style,
    summary.NOT_ALL_TRIED: LOOKS[status.UNAVAILABLE].style,
    summary.AS_KNOWN: "bold black on yellow",
    summary.PASS: "bold white on green",
}

#: The face of a regression that is known, which no longer asks for attention.
KNOWN_LOOK = Look(
    word="known", mark="R", style="red", meaning="listed as a known regression", heading="Known regressions"
)

#: A cell that was planned and not decided, as after an interrupt, and its face.
UNDECIDED = "undecided"
UNDECIDED_LOOK = Look(word="not decided", mark="…", style="dim")

#: Stands where a table has a place and the results have no cell.
NO_CELL = "."
NO_CELL_MEANING = "not run"


def word(cell_status: str, kind: str | None = None) -> str:
    """Return what a table cell holds; for an error that is its kind, as `crash` or `timeout`."""
    return kind if cell_status == status.ERROR and kind else LOOKS[cell_status].word


def cell_look(cell: CellResult) -> Look:
    """Return the face of a cell, which for a regression tells whether it is known."""
    return KNOWN_LOOK if cell.as_known else LOOKS[cell.status]


def cell_word(cell: CellResult) -> str:
    """Return what a table holds for a cell."""
    return KNOWN_LOOK.word if cell.as_known else word(cell.status, cell.kind)
