"""The few pieces of Markdown that the generated pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

#: What would start Markdown, or end a cell of a table, in plain text.
MARKED = str.maketrans({mark: f"&#{ord(mark)};" for mark in "|`*_[]{}~#\\"})


def text(words: str) -> str:
    """Return plain text as Markdown that shows just it, on one line."""
    return _plain(" ".join(words.split()))


def prose(words: str) -> str:
    """Return text in which code stands between backticks, as in docstrings, as Markdown."""
    parts = " ".join(words.split()).split("`")
    if len(parts) % 2 == 0:
        return text(words)
    return "".join(code(part) if place % 2 else _plain(part) for place, part in enumerate(parts))


def code(words: str) -> str:
    """Return text in the type of code; it may stand in a table."""
    return f"<code>{text(words)}</code>"


def _plain(words: str) -> str:
    return escape(words, quote=False).translate(MARKED)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fenced(words: str, language: str = "text") -> str:
    """Return lines of text as they are."""
    return f"```{language}\n{words.strip()}\n```\n"
