"""Markdown that hostile text cannot break out of, and that stays within a size."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bnregress.reading.text import one_line, visible

# As character references, so that neither Markdown nor HTML gives them a meaning. The empty character after @
# keeps GitHub from notifying whoever has that name.
_REFERENCES = str.maketrans(
    {character: f"&#{ord(character)};" for character in "&<>|`*_[]#~\\$"} | {"@": "&#64;&#8203;"}
)


def escape(text: str) -> str:
    """Return the text as it must stand in Markdown or HTML to be read literally, on one line."""
    return _refer(one_line(text))


def _refer(text: str) -> str:
    return text.translate(_REFERENCES).replace("://", "&#58;//")


def prose(text: str) -> str:
    """Return a sentence escaped, what stands between backticks in the typeface of code."""
    parts = re.split(r"`([^`]+)`", one_line(text))
    return "".join(f"<code>{_refer(part)}</code>" if index % 2 else _refer(part) for index, part in enumerate(parts))


def code(text: str) -> str:
    """Return the text in the typeface of code; character references would stay visible between backticks."""
    return f"<code>{escape(text)}</code>"


def source(address: str) -> str:
    """Return where something was reported: a link if it is an address alone, else the text."""
    return f"<{address}>" if re.fullmatch(r"https://[!-;=?-~]+", address) else escape(address)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fenced(text: str, language: str = "") -> str:
    """Return text of many lines between fences longer than any in it."""
    body = "\n".join(visible(line.expandtabs(4)).rstrip() for line in text.splitlines())
    fence = "```"
    while fence in body:
        fence += "`"
    return f"{fence}{language}\n{body}\n{fence}"


def json_lines(value: Mapping[str, Any]) -> str:
    """Return a JSON object with a line for each key."""
    lines = (f" {json.dumps(key)}: {json.dumps(value[key])}" for key in sorted(value))
    return "{\n" + ",\n".join(lines) + "\n}"


def fenced_json(value: Mapping[str, Any], limit: int) -> str:
    """Return a JSON object between fences, a line for each key; beyond `limit` characters it is cut and says so."""
    text = json_lines(value)
    if len(text) > limit:
        return fenced(f"{text[:limit]}\n... cut, whole in results.json")
    return fenced(text, "json")


def collapsed(title: str, body: str) -> str:
    """Return a section that opens on a click; the title is escaped already."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


class Document:
    """Blocks of Markdown up to a size in bytes; what does not fit is counted, never dropped in silence."""

    def __init__(self, limit: int) -> None:
        """Start an empty document of at most `limit` bytes, with room kept for the note of what was left out."""
        self._room = limit - 500
        self._held_back = 0
        self._blocks: list[str] = []
        self._left_out: dict[str, int] = {}

    def add(self, block: str, noun: str = "section") -> bool:
        """Append a block and say whether it fitted; `noun` names it in the note of what was left out."""
        weight = len(block.encode()) + 2
        if weight > self._room:
            self._left_out[noun] = self._left_out.get(noun, 0) + 1
            return False
        self._room -= weight
        self._blocks.append(block)
        return True

    def hold_back(self, blocks: Sequence[str]) -> None:
        """Keep room for blocks that come later, half of what is left at most, so that nothing before takes it."""
        self._held_back = min(sum(len(block.encode()) + 2 for block in blocks), self._room // 2)
        self._room -= self._held_back

    def let_go(self) -> None:
        """Give the room back that was held."""
        self._room += self._held_back
        self._held_back = 0

    def render(self) -> str:
        """Return the whole text."""
        blocks = list(self._blocks)
        if self._left_out:
            what = ", ".join(f"{number} × {noun}" for noun, number in self._left_out.items())
            blocks.append(f"Left out to keep this page readable by GitHub: {what}. All of it is in results.json.")
        return "\n\n".join(blocks) + "\n"
