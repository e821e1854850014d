"""The table of a large run in few lines: a mark for each cell, and only the paths that do not pass everywhere."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bnregress.cells.folding import fold
from bnregress.reading.text import count
from bnregress.reports.grid import GAP, Grid
from bnregress.reports.html.columns import KERAS, kind_of, label_of, newest_first
from bnregress.reports.style import LOOKS, NO_CELL, NO_CELL_MEANING, UNDECIDED_LOOK, Look, cell_look
from bnregress.results.model import Results
from bnregress.suite import status

SOUND = (status.PASS, status.NOT_APPLICABLE)
#: Stands for a regression that is listed as known, which without colour is to be told from one that is not.
KNOWN_MARK = "k"


def print_compact(console: Console, results: Results) -> None:
    """Print it, a column for each release, the newest first and Keras' own apart; nothing if that is too wide."""
    ids = [*(cell.id for cell in results.cells), *results.undecided]
    shown = fold(ids)
    grid = newest_first(Grid.of(results), results)
    marks = {place: _mark(console, cell_look(cell), known=cell.as_known) for place, cell in grid.cells.items()}
    sound = {place for place, cell in grid.cells.items() if cell.status in SOUND}
    for id in results.undecided:
        place = (id.release, shown[id])
        marks[place] = _mark(console, UNDECIDED_LOOK)
        sound.discard(place)
    rows = [
        subject
        for subject in grid.subjects
        if any((release, subject) in marks and (release, subject) not in sound for release in grid.releases)
    ]
    margin = max(map(len, rows), default=0) + GAP + 1
    first_apart = next((place for place, release in enumerate(grid.releases) if kind_of(release) == KERAS), None)
    for step in (2, 1):
        width = margin + step * len(grid.releases) + GAP
        if width <= console.width:
            break
    else:
        return
    if not rows:
        return

    def line(head: str, parts: list[Text]) -> None:
        text = Text(head.ljust(margin))
        for place, part in enumerate(parts):
            text.append(" " * (GAP if place == first_apart and place else 0))
            text.append_text(part)
            text.append(" " * (step - 1))
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)

    labels = [label_of(release) for release in grid.releases]
    height = max(map(len, labels))
    for row in range(height):
        head = "TensorFlow, then Keras" if row == height - 1 and first_apart else ""
        line(head if len(head) < margin else "", [Text(label.rjust(height)[row]) for label in labels])
    for subject in rows:
        line(subject, [marks.get((release, subject), Text(NO_CELL, style="dim")) for release in grid.releases])
    said = [f"{mark} {_meaning(mark)}" for mark in dict.fromkeys([*(mark.plain for mark in marks.values()), NO_CELL])]
    console.print(Text("; ".join(said), style="dim"))
    passing = {subject for (_, subject), cell in grid.cells.items() if cell.status == status.PASS}
    others = [subject for subject in grid.subjects if subject not in rows]
    sound_ones = sum(subject in passing for subject in others)
    if sound_ones:
        rest = "passes in every release that has it" if sound_ones == 1 else "pass in every release that has them"
        console.print(Text(f"{count(sound_ones, 'more path')} {rest}.", style="dim"))
    if absent := len(others) - sound_ones:
        console.print(Text(f"{count(absent, 'more path')} in none of these releases.", style="dim"))


def _mark(console: Console, look: Look, *, known: bool = False) -> Text:
    unicode = console.encoding.startswith("utf")
    plain = KNOWN_MARK if known else look.mark if unicode else look.letter or look.mark
    return Text(plain if plain.isascii() or unicode else NO_CELL, style=look.small or look.style)


def _meaning(mark: str) -> str:
    if mark == KNOWN_MARK:
        return "known regression"
    if mark == NO_CELL:
        return NO_CELL_MEANING
    looks = {**LOOKS, UNDECIDED_LOOK.word: UNDECIDED_LOOK}
    return next(name for name, look in looks.items() if mark in (look.mark, look.letter))
