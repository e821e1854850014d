"""Verdicts over dates."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bnregress.judging.history import History, StoredRun
from bnregress.reports.history import print_history, render_history_markdown, render_history_page
from bnregress.results.model import Results
from tests.reports.test_page import HOSTILE, Reader

Make = Callable[..., Any]
FILE = Path(__file__)


def stored(results: Results, when: str) -> StoredRun:
    return StoredRun.of(FILE, replace(results, started=when))


def three(results: Make, cell: Make) -> History:
    verdicts = [("pass", "pass"), ("regress", "pass"), ("regress", "pass")]
    return History.of([
        stored(results(cell("tf2.1.0/h5", first), cell("tf2.1.0/json", second)), f"2026-11-2{5 - day}T09:00:00Z")
        for day, (first, second) in enumerate(reversed(verdicts))
    ])  # fmt: skip


def test_cells_that_changed_have_a_line_and_the_rest_is_counted(results: Make, cell: Make) -> None:
    history = three(results, cell)
    assert [line.id for line in history.lines] == ["tf2.1.0/h5"]
    assert history.steady == 1
    assert history.dates() == ["2026-11-23", "2026-11-24", "2026-11-25"]


def test_the_terminal_draws_each_run_under_its_date(
    results: Make, cell: Make, console: Make, printed: Callable[[Any], str]
) -> None:
    screen = console(80)
    print_history(screen, three(results, cell))
    lines = printed(screen).splitlines()
    assert lines[0] == "3 runs from 2026-11-23 to 2026-11-25: 1 cell changed, 1 never did."
    assert lines[2:6] == [
        "            ┌ 2026-11-23",
        "            │ ┌ 2026-11-24",
        "            │ │ ┌ 2026-11-25",
        "tf2.1.0/h5  p R R",
    ]


def test_a_narrow_terminal_shows_the_newest_runs_and_says_how_many_are_older(
    results: Make, cell: Make, console: Make, printed: Callable[[Any], str]
) -> None:
    screen = console(16)
    print_history(screen, three(results, cell))
    assert "1 older run not shown here" in printed(screen)
    assert "tf2.1.0/h5  R R" in printed(screen)


def test_a_cell_that_regresses_by_another_check_has_changed(results: Make, cell: Make, real: Results) -> None:
    broken = next(found for found in real.cells if str(found.id) == "tf2.1.0/h5")
    fewer = replace(broken, checks=broken.checks[1:])
    days = ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")
    history = History.of(
        [stored(real.with_cells([each]), day) for each, day in zip((broken, fewer), days, strict=True)]
    )
    assert len(history.lines) == 1


def test_a_run_that_did_not_try_a_cell_does_not_change_it(results: Make, cell: Make) -> None:
    history = History.of([
        stored(results(cell("tf2.1.0/h5")), "2026-11-24T00:00:00Z"), stored(results(), "2026-11-25T00:00:00Z"),
        stored(results(cell("tf2.1.0/h5")), "2026-11-26T00:00:00Z"),
    ])  # fmt: skip
    assert (history.lines, history.steady) == ((), 1)


def test_a_run_without_a_start_is_dated_by_its_file_and_marked(results: Make, cell: Make, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text("", encoding="utf-8")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    history = History.of([StoredRun.of(file, results(cell("tf2.1.0/h5")))])
    assert history.dates() == ["~2023-11-14"]


def test_runs_of_one_day_are_told_apart_by_their_time(results: Make, cell: Make) -> None:
    history = History.of([stored(results(cell("tf2.1.0/h5")), f"2026-11-24T0{hour}:30:00Z") for hour in (9, 8)])
    assert history.dates() == ["2026-11-24 08:30", "2026-11-24 09:30"]


def test_markdown_and_page_mark_where_a_verdict_changed(results: Make, cell: Make) -> None:
    history = three(results, cell)
    assert "| <code>tf2.1.0/h5</code> | p | **R** | R |" in render_history_markdown(history)
    page = Reader(render_history_page(history))
    assert page.tags.count("td") == 1 + 3
    assert [value for name, value in page.attributes if name == "class" and value and value.startswith("s-")] == [
        "s-pass", "s-regress change", "s-regress"
    ]  # fmt: skip


def test_hostile_reasons_open_no_element(results: Make, cell: Make) -> None:
    runs = [
        stored(results(cell("tf2.1.0/h5", "regress", HOSTILE)), "2026-11-24T00:00:00Z"),
        stored(results(cell("tf2.1.0/h5", "pass", HOSTILE)), "2026-11-25T00:00:00Z"),
    ]
    assert "script" not in Reader(render_history_page(History.of(runs))).tags
