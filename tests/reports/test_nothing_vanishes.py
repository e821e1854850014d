"""Whatever was measured, every cell is found again in the table, in the groups and in the summary."""

from __future__ import annotations

import io
from collections import Counter
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bnregress.cells.identifiers import CellId
from bnregress.judging.grouping import group_cells, merge_figures, whereabouts
from bnregress.reading.text import one_line
from bnregress.reports.files import REPORTS
from bnregress.reports.grid import Grid, print_grid
from bnregress.reports.style import word
from bnregress.reports.summary import render_summary
from bnregress.reports.terminal import print_report
from bnregress.results.model import CellResult, Host, Policy, ReleaseResult, Results
from bnregress.suite.status import ERROR, ERROR_KINDS, SEVERITY, UNAVAILABLE
from tests.reports.test_page import Reader

RELEASES = ("tf1.15.5", "tf2.1.0", "tf2.18.1-keras3.6.0")
SUBJECTS = ("tf-keras-applications", "h5", "vgg16", "savedmodel@freeze=model,wrap=functional", "h5-from=tf2.1.0")

REASONS = st.one_of(
    st.sampled_from(["broken by 16.5", "broken by 1e-07", "broken by -3", "| a `b` <c>\n@d"]), st.text(max_size=40)
)


@st.composite
def measured(draw: st.DrawFn) -> Results:
    places = draw(st.sets(st.tuples(st.sampled_from(RELEASES), st.sampled_from(SUBJECTS)), min_size=1))
    cells = []
    for release, subject in sorted(places):
        status = draw(st.sampled_from(SEVERITY))
        cells.append(
            CellResult(
                id=CellId.parse(f"{release}/{subject}"),
                device="cpu",
                status=status,
                kind=draw(st.sampled_from(ERROR_KINDS)) if status == ERROR else None,
                reason=draw(REASONS),
                remedy=draw(st.none() | REASONS),
            )
        )
    facts = ReleaseResult(tensorflow="2", keras="2", python=None, lock_sha256=None)
    held = {cell.id.release: facts for cell in cells}
    return Results(plan="0" * 64, complete=True, host=Host.here(), releases=held, cells=tuple(cells))


@given(measured(), st.integers(20, 220))
def test_the_table_shows_each_cell_once(results: Results, width: int) -> None:
    out = io.StringIO()
    grid = Grid.of(results)
    print_grid(Console(file=out, width=width, highlight=False), grid)
    shown: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    rows = [line for line in out.getvalue().splitlines() if line.startswith(RELEASES)]
    for line in rows:
        shown.update([line.split()[1]] if line.split()[1] == "unavailable:" else line.split()[1:])
    for release in grid.releases:
        row = grid.row(release)
        if all(cell is None or cell.status == "unavailable" for cell in row):
            # Once, however many tables there are.
            expected["unavailable:"] += 1
        else:
            expected.update(word(cell.status, cell.kind) if cell else "." for cell in row)
    assert shown == expected


@given(measured())
def test_each_cell_is_in_one_group_and_each_remedy_is_told(results: Results) -> None:
    groups = group_cells(results.cells)
    assert Counter(cell.id for group in groups for cell in group.cells) == Counter(cell.id for cell in results.cells)
    for group in groups:
        told = Counter(cell.id for _, cells in group.remedies() for cell in cells)
        assert told == Counter(cell.id for cell in group.cells if one_line(cell.remedy or ""))
        named = " ".join(whereabouts(group.cells))
        assert all(cell.id.subject in named and cell.id.release in named for cell in group.cells)


@given(measured(), st.integers(20, 200))
def test_the_report_can_print_whatever_was_measured(results: Results, width: int) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    print_report(Console(file=out, width=width, highlight=False), results)


def in_table(cell: CellResult) -> str:
    """A page has room for the whole of a word that a terminal's table shortens."""
    return cell.status if cell.status == UNAVAILABLE else word(cell.status, cell.kind)


@given(measured())
def test_the_summary_shows_each_cell_in_its_table(results: Results) -> None:
    lines = render_summary(results).splitlines()
    grid = Grid.of(results)
    for release in grid.releases:
        row = next(line for line in lines if line.startswith(f"| <code>{release}</code> |"))
        words = [each.strip(" *") for each in row.strip("|").split("|")][1:]
        assert words == [in_table(cell) if cell else "." for cell in grid.row(release)]


@settings(deadline=None)
@given(measured())
def test_every_file_can_be_made_and_page_and_junit_hold_each_cell(results: Results) -> None:
    made = {name: render(results, Policy()) for name, render in REPORTS.items()}
    assert all(text.encode("utf-8") for text in made.values())
    ids = Counter((cell.id.release, cell.id.subject) for cell in results.cells)
    cases = ET.fromstring(made["junit.xml"].encode()).iter("testcase")  # noqa: S314
    assert Counter((case.get("classname"), case.get("name")) for case in cases) == ids
    overview = Reader(made["report.html"]).block("overview")
    releases, subjects = ([each["id"] for each in overview[name]] for name in ("releases", "subjects"))
    assert Counter((releases[row[0]], subjects[row[1]]) for row in overview["cells"]) == ids


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=5))
def test_a_merged_sentence_names_the_least_and_the_greatest(values: list[float]) -> None:
    figures = [f"{abs(value):.3f}" for value in values if abs(value) < 1e15] or ["0.000"]
    merged = merge_figures([f"off by {figure}, all of it" for figure in figures])
    assert min(figures, key=float) in merged
    assert max(figures, key=float) in merged
