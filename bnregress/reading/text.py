"""Makes text that came out of another process safe to show on one line."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # window titles and links
    r"|\x1b[@-_]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
# Control, format (which reverses the reading direction) and surrogate characters, which UTF-8 cannot hold.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return the text without terminal escapes, a space for each line break and hidden character."""
    bare = _ESCAPE_SEQUENCE.sub("", text)
    # Nearly every text; looking at each character of a large page takes seconds.
    if bare.isprintable():
        return bare
    return "".join(" " if unicodedata.category(character) in _HIDDEN_CATEGORIES else character for character in bare)


def one_line(text: str) -> str:
    """Return the visible text on a single line, its words a space apart."""
    return " ".join(visible(text).split())


def clip(text: str, limit: int) -> str:
    """Return at most `limit` characters of the text, marked where something was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 release`, `2 releases`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Return a length of time as people say it: `40 s`, `3 min`, `1 h 5 min`."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(number: int) -> str:
    """Return a number of bytes in a unit that fits: `512 B`, `1.5 GB`."""
    amount = float(number)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
