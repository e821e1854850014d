"""What people read is written in plain English: phrases of `phrases.toml` stand nowhere in messages, help or pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomllib

from tests.docs.pages import PAGES, ROOT

PHRASES = [
    (re.compile(entry["pattern"], re.IGNORECASE), entry["instead"])
    for entry in tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))["phrase"]
]
DATA = [*ROOT.glob("action.yml"), *sorted((ROOT / "bnregress/resources/schemas").glob("*.json"))]
CODE = sorted((ROOT / "bnregress").rglob("*.py"))


def spoken(tree: ast.AST) -> Iterator[str]:
    """Return the strings of a module but its docstrings: what a message or a help text is made of.

    Strings that stand side by side are one; a value that is filled in is a space.
    """
    silent = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent.update(map(id, node.values))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else " " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def said(path: Path) -> Iterator[str]:
    """Return what a file tells people, each piece with single spaces."""
    text = path.read_text(encoding="utf-8")
    for piece in spoken(ast.parse(text)) if path.suffix == ".py" else [text]:
        yield " ".join(piece.split())


def slips(text: str) -> list[str]:
    """Return each phrase that stands in a text, with the words around it and what to write instead."""
    return [
        f"…{text[max(0, found.start() - 40) : found.end() + 40]}… Write: {instead}."
        for pattern, instead in PHRASES
        for found in pattern.finditer(text)
    ]


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGELOG.md", *DATA], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_is_in_plain_english(path: Path) -> None:
    assert [slip for text in said(path) for slip in slips(text)] == []


def test_messages_and_help_are_in_plain_english() -> None:
    assert [f"{path.relative_to(ROOT)}: {slip}" for path in CODE for text in said(path) for slip in slips(text)] == []


def test_a_phrase_is_found_across_lines_and_strings() -> None:
    source = 'raise E(f"{text} is no"\n " shard, and each layer is" f" asked on {thing}")'
    (piece,) = (text for text in spoken(ast.parse(source)) if "shard" in text)
    assert len(slips(" ".join(piece.split()))) == 2
    assert slips("There is no release of that name, and a wildcard is no longer needed.") == []
