"""A history drawn: on the terminal, as Markdown, as a page."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bnregress.judging.history import History, Verdict, changed_here
from bnregress.reading.text import count
from bnregress.reports.html.page import fill
from bnregress.reports.markdown import Document, code, escape, table
from bnregress.reports.style import LOOKS, NO_CELL, NO_CELL_MEANING

STYLES = ("colours.css", "page.css", "grid.css", "history.css", "print.css")
#: Bytes of the Markdown.
LIMIT_BYTES = 600_000
#: Lines of Markdown's table that stand or fall together.
ROWS = 100


def letter(cell: Verdict | None) -> str:
    """Return the letter that stands for a cell."""
    look = LOOKS[cell.status] if cell else None
    return (look.letter or look.mark) if look else NO_CELL


def headline(history: History) -> str:
    """Say in one sentence what the history holds."""
    runs, dates = history.runs, history.dates()
    between = f" from {dates[0]} to {dates[-1]}" if len(runs) > 1 else f" of {dates[0]}"
    changed = f"{count(len(history.lines), 'cell')} changed, {history.steady} never did"
    return f"{count(len(runs), 'run')}{between}: {changed}."


def key() -> str:
    """Explain the letters."""
    letters = (f"{look.letter or look.mark} {name}" for name, look in LOOKS.items())
    return ", ".join([*letters, f"{NO_CELL} {NO_CELL_MEANING}"])


def print_history(console: Console, history: History) -> None:
    """Print a line for each cell that ever changed, the newest run at the right; older ones go where room ends."""
    console.print(Text(headline(history), style="bold"), soft_wrap=True)
    if not history.lines:
        return
    margin = max(len(line.id) for line in history.lines) + 2
    shown = max(1, min(len(history.runs), (console.width - margin) // 2))
    first = len(history.runs) - shown
    if first:
        console.print(
            Text(f"{count(first, 'older run')} not shown here; --out history.html shows all.", style="dim"),
            soft_wrap=True,
        )
    console.print()
    dates = history.dates()
    # Each date stands above its own column, joined to it by strokes, as the names of paths do in the table of a run.
    stroke = "│ " if console.encoding.startswith("utf") else "| "
    corner = "┌ " if console.encoding.startswith("utf") else ", "
    for index in range(shown):
        console.print(Text(" " * margin + stroke * index + corner + dates[first + index], style="dim"), soft_wrap=True)
    for line in history.lines:
        row = Text(line.id.ljust(margin))
        for index in range(first, len(history.runs)):
            mark = letter(line.cells[index])
            cell = line.cells[index]
            style = (LOOKS[cell.status].small or LOOKS[cell.status].style) if cell else "dim"
            row.append(mark, style=f"{style} underline" if changed_here(line, index) else style)
            row.append(" ")
        row.rstrip()
        console.print(row, soft_wrap=True)
    console.print()
    console.print(Text(key(), style="dim"), soft_wrap=True)


def render_history_markdown(history: History, limit: int = LIMIT_BYTES) -> str:
    """Return the history as Markdown of at most `limit` bytes, which says what it had to leave out."""
    page = Document(limit)
    page.add(f"**{escape(headline(history))}**")
    head = ["cell", *map(escape, history.dates())]
    for start in range(0, len(history.lines), ROWS):
        rows = [
            [
                code(line.id),
                *(_bold(letter(cell), changed_here(line, index)) for index, cell in enumerate(line.cells)),
            ]
            for line in history.lines[start : start + ROWS]
        ]
        page.add(table(head, rows), "part of the table")
    page.add(f"{escape(key())}; a change is bold")
    return page.render()


def _bold(mark: str, changed: bool) -> str:  # noqa: FBT001
    return f"**{escape(mark)}**" if changed else escape(mark)


def render_history_page(history: History) -> str:
    """Return the history as a page that fetches nothing and runs nothing."""
    rows = [
        (line.id, [(cell, letter(cell), changed_here(line, index)) for index, cell in enumerate(line.cells)])
        for line in history.lines
    ]
    return fill(
        "history.html.jinja",
        styles=STYLES,
        headline=headline(history),
        dates=list(zip(history.dates(), (run.file for run in history.runs), strict=True)),
        rows=rows,
        words={name: look.meaning or name for name, look in LOOKS.items()},
        letters={name: look.letter or look.mark for name, look in LOOKS.items()},
    )
