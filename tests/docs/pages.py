"""What the pages show: their blocks and their inline code."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
#: Words before the command itself.
LAUNCHERS = (["pipx", "run"], ["uvx", "--from", "."], ["uvx"], [".venv/bin/nox"])


@dataclass(frozen=True)
class Shown:
    """A command line and the page that shows it."""

    page: Path
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {shlex.join(self.words)}"


def in_blocks() -> Iterator[Shown]:
    """Return the command lines of `console` and `sh` blocks, each part of `a && b` alone, without its prompt."""
    for page, token in _tokens():
        if token.type == "fence" and token.info in ("console", "sh"):
            for line in token.content.replace("\\\n", " ").splitlines():
                if token.info == "sh" or line.startswith("$ "):
                    for command in line.removeprefix("$ ").split("&&"):
                        words = shlex.split(command, comments=True)
                        yield Shown(page, tuple(_bare(words)))


def inline() -> Iterator[Shown]:
    """Return what stands between backticks and begins with one of our commands."""
    for page, token in _tokens():
        for child in token.children or ():
            if child.type == "code_inline" and child.content.startswith(("bnregress ", "nox -s ")):
                yield Shown(page, tuple(shlex.split(child.content)))


def _tokens() -> Iterator[tuple[Path, Token]]:
    for page in PAGES:
        for token in MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")):
            yield page, token


def _bare(words: list[str]) -> list[str]:
    for launcher in LAUNCHERS:
        if words[: len(launcher)] == launcher:
            rest = words[len(launcher) :]
            return ["nox", *rest] if launcher[-1].endswith("nox") else rest
    return words
