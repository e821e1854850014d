"""report.html: everything is in it, and nothing of the results can act in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.reports.html.embedded import packed
from bnregress.reports.html.page import SCRIPTS, asset, prose, render_page
from bnregress.results.model import CellResult, CheckResult, Host, Known, ReleaseResult, Results

KNOWN = Known(cells="*", checks=("oracle",), reason="listed", remedy="d", source="https://x.org")
HOSTILE = "</script><script>alert(1)</script><!-- <script> --> & \" ' ` \u2028 \ud800 \x1b[31m"


class Reader(HTMLParser):
    """Takes a page apart as a browser does: script elements end at the first end tag, whatever holds it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.tags: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._open = tag == "script"
        if self._open:
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._open:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        else:
            self.text += data

    def block(self, id: str) -> Any:
        attributes, text = next(each for each in self.scripts if each[0].get("id") == id)
        packed = attributes["type"] == "application/gzip"
        return json.loads(gzip.decompress(base64.b64decode(text, validate=True)) if packed else text)


def hostile() -> Results:
    check = CheckResult(
        name=HOSTILE,
        status="regress",
        reason=HOSTILE,
        evidence={HOSTILE: HOSTILE, "layers": [{HOSTILE: HOSTILE, "deviation": 1.0}] * 2, "nan": float("nan")},
        repro=HOSTILE,
    )
    cell = CellResult(
        id=CellId(release="tf2.1.0", path="h5"),
        device="cpu",
        status="regress",
        reason=HOSTILE,
        remedy=HOSTILE,
        drift="new",
        checks=(check,),
    )
    release = ReleaseResult(
        tensorflow=HOSTILE, keras=HOSTILE, python=HOSTILE, lock_sha256=None, packages={HOSTILE: HOSTILE}
    )
    host = replace(Host.here(), platform=HOSTILE)
    return Results(plan="0" * 64, complete=True, host=host, releases={"tf2.1.0": release}, cells=(cell,))


def test_hostile_text_opens_no_element_and_ends_none() -> None:
    harmless = Results.from_json(
        json.loads(re.sub(r'"(?:[^"\\]|\\.)*alert(?:[^"\\]|\\.)*"', '"x"', as_json(hostile())))
    )
    assert Reader(render_page(hostile())).tags == Reader(render_page(harmless)).tags
    assert "<script>alert" not in render_page(hostile())


def as_json(results: Results) -> str:
    return json.dumps(results.to_json()).replace("NaN", "0")


def test_only_the_pages_own_style_and_script_are_allowed() -> None:
    page = render_page(hostile())
    policy = next(value for name, value in Reader(page).attributes if name == "content" and value and "-src" in value)
    (script,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for text, directive in ((script, "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_nothing_is_fetched() -> None:
    page = Reader(render_page(hostile()))
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert all(name not in ("src", "style") and not name.startswith("on") for name, _ in page.attributes)
    assert all(value and value.startswith("#") for name, value in page.attributes if name == "href")


def test_the_data_comes_back_as_it_was_measured(real: Results) -> None:
    page = Reader(render_page(real))
    overview, shared = page.block("overview"), page.block("shared")
    releases = [release["id"] for release in overview["releases"]]
    subjects = [subject["id"] for subject in overview["subjects"]]
    assert {f"{releases[row[0]]}/{subjects[row[1]]}" for row in overview["cells"]} == {
        str(cell.id) for cell in real.cells
    }
    for cell in real.cells:
        found = page.block(f"release-{releases.index(cell.id.release)}")[cell.id.subject]
        assert (shared[found["reason"]] if isinstance(found["reason"], int) else found["reason"]) == cell.reason
        for check, shown in zip(cell.checks, found["checks"], strict=True):
            assert (shown["name"], shown["status"]) == (check.name, check.status)
            assert shared[shown["repro"]] == check.repro if check.repro else "repro" not in shown
            tables = {name: dict(zip(heads, places, strict=True)) for name, heads, places in shown.get("tables", [])}
            assert set(shown.get("evidence", {})) | set(tables) == set(check.evidence)
            for name, table in tables.items():
                for place, row in enumerate(check.evidence[name]):
                    for column, value in row.items():
                        told = shared[table[column]][place]
                        assert told == value if isinstance(value, str) else abs(told - value) <= 1e-3 * abs(value)


def test_equal_columns_of_many_cells_are_kept_once(real: Results) -> None:
    shared = Reader(render_page(real)).block("shared")
    names = [value for value in shared if isinstance(value, list) and "conv1_bn" in value]
    assert len(names) == 1


def test_the_first_screen_says_what_regresses_where_and_what_cures_it(real: Results) -> None:
    page = Reader(render_page(real))
    told = " ".join(page.text.split())
    first = told.index("1 of 3 releases breaks a frozen BatchNorm, on tf-keras-applications, h5: tf2.1.0.")
    assert page.tags.index("table") < page.tags.index("ul")
    assert first < told.index("New regressions 2") < told.index("Take tf2.1.1".replace("Take", "take"))
    assert ("href", "#tf2.1.0/tf-keras-applications") in page.attributes


def test_new_regressions_come_before_known_ones_and_both_before_errors(real: Results) -> None:
    cells = [
        replace(cell, known=KNOWN) if cell.status == "regress" and str(cell.id) != "tf2.1.0/h5" else cell
        for cell in real.cells
        if cell.id.release != "tf2.21.0"
    ]
    lost = replace(cells[-1], status="error", kind="oom", checks=(), reason="no memory was left")
    page = render_page(real.with_cells([*cells[:-1], lost]))
    order = [page.index(f'id="told-{name}"') for name in ("new", "known", "error")]
    assert order == sorted(order)


def test_what_the_first_screen_leaves_to_the_table_is_counted(real: Results) -> None:
    model = next(cell for cell in real.cells if cell.status == "regress")
    cells = [
        replace(
            model,
            id=CellId(release=f"tf2.{minor}.0", path=f"p{minor}"),
            reason=f"reason {chr(97 + kind)}",
            remedy=f"r{minor}",
        )
        for kind in range(14)
        for minor in range(kind * 12, kind * 12 + 12)
    ]
    releases = {cell.id.release: next(iter(real.releases.values())) for cell in cells}
    text = " ".join(Reader(render_page(replace(real, cells=tuple(cells), releases=releases))).text.split())
    assert "2 further reasons: see the table." in text
    assert text.count("4 more such lines: see the table.") == 12
    assert text.count("4 further remedies: see the cells.") == 12


def test_a_run_in_which_all_passes_has_no_section_of_trouble(real: Results) -> None:
    page = render_page(real.with_cells(cell for cell in real.cells if cell.status == "pass"))
    assert 'class="told' not in page
    assert "PASS" in page


@settings(deadline=None)
@given(st.recursive(st.none() | st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.lists))
def test_embedded_json_holds_no_character_that_html_reads_and_comes_back(value: Any) -> None:
    text = packed(value)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", text)
    expected = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    assert json.loads(gzip.decompress(base64.b64decode(text))) == json.loads(expected)


@settings(deadline=None)
@given(st.text())
def test_a_sentence_is_escaped_but_for_its_code(text: str) -> None:
    bare = str(prose(text)).replace("<code>", "").replace("</code>", "")
    assert "<" not in bare
    assert ">" not in bare


def test_scripts_touch_no_network_and_make_no_html_from_text() -> None:
    source = "\n".join(asset(name) for name in SCRIPTS)
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "XMLHttpRequest"):
        assert word not in source


def varied(value: Any, factor: float) -> Any:
    """Evidence with other figures."""
    if isinstance(value, float):
        return value * factor
    if isinstance(value, list):
        return [varied(each, factor) for each in value]
    return {name: varied(each, factor) for name, each in value.items()} if isinstance(value, dict) else value


def test_26_000_cells_would_be_at_most_10_megabytes(real: Results) -> None:
    """A tenth of them, a ninth of which regresses, each with figures of its own for 53 layers."""
    broken = next(cell for cell in real.cells if cell.status == "regress" and cell.checks)
    sound = next(cell for cell in real.cells if cell.status == "pass" and cell.checks)
    release = next(iter(real.releases.values()))
    cells = []
    for number in range(2_600):
        model, factor = broken if number % 9 == 0 else sound, 1 + number / 7_919
        checks = tuple(replace(each, evidence=varied(each.evidence, factor)) for each in model.checks)
        cell_id = CellId(
            release=f"tf2.{number // 100}.0", path=f"path-{number % 100 // 25}", variant=f"freeze=v{number % 25}"
        )
        reason = f"{model.reason}, {number % 500}"
        cells.append(replace(model, id=cell_id, reason=reason, seconds={"build": factor}, checks=checks))
    releases = {f"tf2.{minor}.0": release for minor in range(26)}
    assert len(render_page(replace(real, releases=releases, cells=tuple(cells)))) <= 1_000_000


def test_addresses_in_a_sentence_are_links(real: Results) -> None:
    cell = real.cells[0]
    listed = replace(KNOWN, source="https://x.org/issues/1", reason="see `a`")
    page = render_page(real.with_cells([replace(cell, status="regress", known=listed, drift=None)]))
    assert '<a href="https://x.org/issues/1" rel="noreferrer">https://x.org/issues/1</a>' in page
