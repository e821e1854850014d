"""The generated reference holds all of the code that it is about, and the navigation all pages."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bnregress.commands.declared import KEYS
from bnregress.commands.parser import build_parser
from bnregress.suite.checks import CHECKS
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import FINETUNE_CHECKS
from bnregress.suite.variants import AXES
from docs.hooks import commands, configuration, formats, suite
from docs.hooks.markdown import code, prose, table, text
from tests.docs.pages import ROOT

GENERATED = {
    **dict(commands.pages()),
    "reference/configuration.md": configuration.page(),
    **dict(formats.pages()),
    **dict(suite.pages()),
}


def nav_pages(nav: Any) -> Iterator[str]:
    for entry in nav if isinstance(nav, list) else nav.values():
        yield from [entry] if isinstance(entry, str) else nav_pages(entry)


def codes(page: str) -> set[str]:
    """The pieces of code in the tables and paragraphs of a page, as a reader sees them."""
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(page)
    return {html.unescape(piece.partition("</code>")[0]) for piece in rendered.split("<code>")[1:]}


def test_the_navigation_names_every_page_once_and_no_other() -> None:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    written = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(nav_pages(config["nav"])) == sorted(written | GENERATED.keys())


def test_every_command_and_every_option_of_it_is_in_the_reference() -> None:
    subparsers = next(action.choices for action in build_parser()._actions if isinstance(action.choices, dict))
    assert subparsers.keys() == {Path(path).stem for path in GENERATED if "commands/" in path} - {"index"}
    for name, parser in subparsers.items():
        shown = {piece.split()[0] for piece in codes(GENERATED[f"reference/commands/{name}.md"]) if piece.strip()}
        assert {option for action in parser._actions for option in action.option_strings} <= shown


def test_every_option_of_configuration_is_in_the_reference_with_its_variable() -> None:
    shown = codes(GENERATED["reference/configuration.md"])
    assert {option.name for option in KEYS} | {option.variable for option in KEYS} <= shown


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_key_of_a_published_format_is_in_the_reference(name: str) -> None:
    file = ROOT / "bnregress" / "resources" / "schemas" / f"{name}.schema.json"
    shown = codes(GENERATED[f"reference/{name}.md"])

    def keys(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from value.get("properties", {}) if "required" in value or "additionalProperties" in value else ()
            for child in value.values():
                yield from keys(child)

    assert set(keys(json.loads(file.read_text(encoding="utf-8")))) <= shown


def test_every_loading_path_and_every_value_of_every_axis_is_in_the_reference() -> None:
    shown = codes(GENERATED["reference/paths.md"])
    assert set(PATHS) <= shown
    assert {f"{axis}={value}" for axis, values in AXES.items() for value in values} <= shown


def test_every_check_is_in_the_reference_with_what_it_states() -> None:
    page = GENERATED["reference/checks.md"]
    for check in (*CHECKS.values(), *FINETUNE_CHECKS.values()):
        assert f"## {check.name}\n" in page
        assert prose(check.statement) in page


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_text_in_a_generated_page_reads_as_it_was_written(words: str) -> None:
    page = table(["a", "b"], [[text(words), code(words)]])
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(page)
    cells = [html.unescape(piece.partition("</td>")[0]) for piece in rendered.split("<td>")[1:]]
    assert cells == [words, f"<code>{words}</code>"]
