"""Paragraphs on the terminal that keep their indent if they wrap."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

#: Characters that a paragraph gets on the narrowest terminal.
NARROWEST = 20


def print_indented(console: Console, text: Text, indent: int) -> None:
    """Print a paragraph `indent` characters from the left, wrapped to the console's width."""
    for line in text.wrap(console, max(NARROWEST, console.width - indent)):
        line.rstrip()
        console.print(Text(" " * indent) + line, soft_wrap=True)
