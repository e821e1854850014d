"""No text breaks out of its place in Markdown."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bnregress.reading.text import one_line
from bnregress.reports.markdown import Document, code, escape, fenced, prose, table

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="|`<>@*_[]()#~\\!&\n\r\x1b[31m $:/ab1", max_size=60),
    st.sampled_from(
        [
            "a | b",
            "<script>alert(1)</script>",
            "![x](https://example.org/x.png)",
            "@everyone",
            "`` ` ``",
            "</details>",
            "\x1b[31mred\x1b[0m",
            "line\n\n# heading",
            "&lt;b&gt;",
            "\\",
            "$x$",
        ]
    ),
)


def shown(markdown: str) -> str:
    """What a reader sees, zero-width characters apart."""
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return html.unescape(re.sub(r"<[^>]*>", "", rendered)).replace("\u200b", "")


@given(HOSTILE)
def test_escaped_text_is_read_as_it_was_written(text: str) -> None:
    assert shown(f"- x{escape(text)}y").strip() == f"x{one_line(text)}y"


@given(HOSTILE)
def test_code_is_read_as_it_was_written(text: str) -> None:
    assert shown(f"- x {code(text)} y").strip() == f"x {one_line(text)} y"


@given(HOSTILE, HOSTILE)
def test_a_table_keeps_its_shape(first: str, second: str) -> None:
    text = table(["a", "b"], [[f"x{escape(first)}", f"y{code(second)}"], ["1", "2"]])
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert rendered.count("<td>") == 4
    assert rendered.count("<tr>") == 3


@given(HOSTILE)
def test_what_is_fenced_stays_in_its_fence(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fenced(text)}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(HOSTILE)
def test_prose_shows_no_markup_but_code(text: str) -> None:
    assert set(re.findall(r"</?\w+", prose(text))) <= {"<code", "</code"}


def test_prose_sets_commands_as_code() -> None:
    assert prose("Run `uv sync` now") == "Run <code>uv sync</code> now"
    assert "<code>" not in prose("an unpaired ` stays")


def test_nobody_is_notified_by_a_name_in_a_reason() -> None:
    assert not re.search(r"@\w", html.unescape(escape("thanks @someone")))


def test_a_document_counts_what_it_leaves_out() -> None:
    page = Document(1_000)
    assert page.add("x" * 400)
    assert not page.add("y" * 400, "long block")
    assert page.add("short")
    assert "1 × long block" in page.render()
    assert "short" in page.render()
    assert len(page.render().encode()) <= 1_000
