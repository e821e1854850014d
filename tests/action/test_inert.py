"""What GitHub's own renderer makes of a posted report: it reads well, and does nothing."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bnregress.action.post import defused
from bnregress.reports.markdown import code, collapsed, escape, fenced, prose, table

#: Of these a report is made; none loads, links or hides anything.
HARMLESS = {
    "p", "br", "hr", "code", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "em",
    "del", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
MEANT = re.compile(r"@\w|#[0-9]|gh-[0-9]|://|www\.", re.IGNORECASE)
DRAWN = re.compile(r"language-(?!text$)")
HOSTILE = (
    "@name", "&commat;name", "&#64;name", "&#x40;name", "&#0064;name", "@org/team", "closes #1", "&num;1", "&#35;1",
    "owner/repo#2", "owner&sol;repo&num;2", "GH-3", "gh&#45;3", "&amp;#64;name", "&amp;commat;", "&AMP;#64;",
    "![i](https://example.org/i.png)", "![i][r]", "[r]: https://example.org", "[t](https://github.com/o/r/issues/1)",
    "[^1]", "[^1]: note", "<https://example.org>", "https://github.com/o/r/issues/1", "www.example.org",
    "a@example.org",
    "<img src=x>", "<details>", "<details open>", "<summary>", "</details>", "<!-- ", "-->", "<script>", "<a href=x>",
    "<picture>", "<svg/onload=x>", "<det<details>ails>", "<?x?>", "<![CDATA[", "</p>", "<BR>", "<code>",
    "</code>", "<br>",
    "```mermaid\n", "```", "~~~geojson\n", "> ```math\n", "1. ```stl\n", "$x$", "$$", "`", "``", "|", "\\",
    "\n", "\n\n",
    " ", "\t", "# ", "- ", "&", "&lt;", "&#96;", "&lbrack;", "*", "_", "~~", "| a |\n|---|\n", "&#10;",
    "\u200b", "#", "@",
    "1", "name", "&#64", "&#64;&#8203;", "- [ ] ", "mailto:a@b.c",
)  # fmt: skip
PIECES = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=4), max_size=14).map("".join)


class Page(HTMLParser):
    """Elements and text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.texts.append("")

    def handle_comment(self, data: str) -> None:
        self.elements.append((f"comment {data}", {}))

    def handle_decl(self, decl: str) -> None:
        self.elements.append((f"declaration {decl}", {}))

    def unknown_decl(self, data: str) -> None:
        self.elements.append((f"declaration {data}", {}))

    def handle_pi(self, data: str) -> None:
        self.elements.append((f"instruction {data}", {}))

    def handle_data(self, data: str) -> None:
        self.texts[-1:] = [(self.texts[-1] if self.texts else "") + data]


def rendered(report: str) -> Page:
    return Page(cmarkgfm.github_flavored_markdown_to_html(defused(report), Options.CMARK_OPT_UNSAFE))


def is_harmless(tag: str, attributes: dict[str, str | None]) -> bool:
    if tag == "input":
        return attributes.get("type") == "checkbox"
    return tag in HARMLESS and not set(attributes) - {"lang", "class", "align", "start"}


def assert_inert(report: str) -> None:
    page = rendered(report)
    assert [element for element in page.elements if not is_harmless(*element)] == []
    assert [text for text in page.texts if MEANT.search(text)] == []
    words = [value for _, attributes in page.elements for value in attributes.values() if value]
    assert not {"mermaid", "math", "geojson", "topojson", "stl"}.intersection(words)


@settings(deadline=None, max_examples=300)
@given(PIECES)
@example("```mermaid\ngraph\n```")
@example("<details><summary>t</summary>\n\n@name closes #1\n\n</details>")
def test_whatever_a_report_holds_what_is_posted_is_inert(report: str) -> None:
    assert_inert(report)


@pytest.mark.parametrize("piece", HOSTILE)
def test_each_of_them_alone(piece: str) -> None:
    for report in (piece, f"a {piece} b", f"| {piece} |\n|---|\n| {piece} |\n", f"`{piece}`", f"> {piece}\n- {piece}"):
        assert_inert(report)


@settings(deadline=None)
@given(PIECES)
def test_whatever_stands_in_the_text_of_a_report_is_inert_and_shown(text: str) -> None:
    page = "\n\n".join(
        [prose(text), table(["a"], [[escape(text)], [code(text)]]), collapsed(escape(text), fenced(text))]
    )
    assert_inert(page)


def test_what_a_report_says_is_still_read() -> None:
    said = "bn1 & bn2 <moved> by 1e-3 | 5 *times* in `tf.keras`; see https://example.org/a#b"
    page = rendered(f"## Gate\n\n{prose(said)}\n\n{collapsed('More', table(['a'], [[escape(said)]]))}")
    text = re.sub("\u200b", "", html.unescape(" ".join(page.texts)))
    assert "bn1 & bn2 <moved> by 1e-3 | 5 *times* in" in text
    assert "tf.keras" in text
    assert {"h2", "table", "code"} <= {tag for tag, _ in page.elements}
    assert "More" in text
