"""Two runs held against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode
from bnregress.judging.difference import Course, compare
from bnregress.reports.difference import print_difference, render_difference
from bnregress.results.model import CellResult, CheckResult, Host, ReleaseResult, Results
from bnregress.suite.status import ERROR, SEVERITY

Make = Callable[..., Any]


def course(before: Results, after: Results, id: str = "tf2.1.0/h5") -> Course:
    return next(cell.course for cell in compare(before, after).cells if str(cell.id) == id)


def test_a_run_does_not_differ_from_itself(real: Results) -> None:
    difference = compare(real, real)
    assert {cell.course for cell in difference.cells} == {Course.SAME}
    assert difference.exit_code == ExitCode.EXPECTED
    assert not difference.releases
    assert difference.pace == pytest.approx(1)


@pytest.mark.parametrize(
    ("before", "after", "expected", "code"),
    [
        ("pass", "regress", Course.WORSE, ExitCode.REGRESSION),
        ("error", "regress", Course.WORSE, ExitCode.REGRESSION),
        ("not-applicable", "regress", Course.WORSE, ExitCode.REGRESSION),
        ("regress", "pass", Course.BETTER, ExitCode.EXPECTED),
        ("error", "pass", Course.BETTER, ExitCode.EXPECTED),
        ("pass", "error", Course.LOST, ExitCode.UNDECIDED),
        ("regress", "inconclusive", Course.LOST, ExitCode.UNDECIDED),
        ("pass", "unavailable", Course.LOST, ExitCode.UNDECIDED),
        ("error", "inconclusive", Course.CHANGED, ExitCode.EXPECTED),
        ("pass", "pass", Course.SAME, ExitCode.EXPECTED),
    ],
)
def test_what_became_of_a_cell_follows_from_its_statuses(
    results: Make, cell: Make, before: str, after: str, expected: Course, code: ExitCode
) -> None:
    first, second = (
        results(cell("tf2.1.0/h5", each, "as it is", kind="oom" if each == "error" else None))
        for each in (before, after)
    )
    assert course(first, second) == expected
    assert compare(first, second).exit_code == code


def test_a_further_check_that_regresses_makes_a_cell_worse_and_one_less_makes_it_better(
    results: Make, cell: Make
) -> None:
    def checks(*names: str) -> tuple[CheckResult, ...]:
        return tuple(
            CheckResult(name=name, status="regress" if name in names else "pass", reason="")
            for name in ("mode-parity", "oracle")
        )

    one = results(cell("tf2.1.0/h5", "regress", checks=checks("oracle")))
    two = results(cell("tf2.1.0/h5", "regress", checks=checks("oracle", "mode-parity")))
    other = results(cell("tf2.1.0/h5", "regress", checks=checks("mode-parity")))
    assert course(one, two) == Course.WORSE
    assert course(two, one) == Course.BETTER
    assert course(one, other) == Course.WORSE


def test_figures_alone_are_no_difference_and_another_reason_is(results: Make, cell: Make) -> None:
    first = results(cell("tf2.1.0/h5", "regress", "off by 16.2 in 53 layers"))
    assert course(first, results(cell("tf2.1.0/h5", "regress", "off by 16.3 in 52 layers"))) == Course.SAME
    assert course(first, results(cell("tf2.1.0/h5", "regress", "flags were lost"))) == Course.CHANGED


def test_drift_is_told(results: Make, cell: Make) -> None:
    first, second = (results(cell("tf2.1.0/h5", "regress", drift=drift)) for drift in (None, "different"))
    (change,) = compare(first, second).cells
    assert change.notes == ("drift: none -> different",)


def test_cells_of_one_run_alone_are_told_and_a_regression_among_the_added_counts(results: Make, cell: Make) -> None:
    first, second = (
        results(cell("tf2.1.0/h5"), cell("tf2.1.0/json")),
        results(cell("tf2.1.0/h5"), cell("tf2.1.0/clone")),
    )
    assert course(first, second, "tf2.1.0/json") == Course.REMOVED
    assert course(first, second, "tf2.1.0/clone") == Course.ADDED
    assert compare(first, second).exit_code == ExitCode.EXPECTED
    worse = results(cell("tf2.1.0/h5"), cell("tf2.1.0/clone", "regress"))
    assert compare(first, worse).exit_code == ExitCode.REGRESSION


def test_a_decided_cell_that_an_interrupt_left_out_is_lost(results: Make, cell: Make) -> None:
    first = results(cell("tf2.1.0/h5"), cell("tf2.1.0/json"))
    second = results(cell("tf2.1.0/h5"), undecided=("tf2.1.0/json",))
    assert course(first, second, "tf2.1.0/json") == Course.LOST


def test_runs_without_a_common_cell_cannot_be_compared(results: Make, cell: Make) -> None:
    assert compare(results(cell("tf2.1.0/h5")), results(cell("tf2.2.3/h5"))).exit_code == ExitCode.NOTHING_TO_DO
    assert compare(results(), results()).exit_code == ExitCode.NOTHING_TO_DO


def test_packages_that_differ_are_told_with_both_versions(real: Results) -> None:
    release = real.releases["tf2.1.0"]
    packages = dict(release.packages or {}) | {"numpy": "9", "extra": "1"}
    packages.pop("h5py")
    after = replace(real, releases=dict(real.releases) | {"tf2.1.0": replace(release, packages=packages)})
    (found,) = compare(real, after).releases
    assert found.id == "tf2.1.0"
    assert found.packages == {"extra": (None, "1"), "h5py": ("2.10.0", None), "numpy": ("1.18.5", "9")}


@st.composite
def runs(draw: st.DrawFn) -> Results:
    paths = draw(st.sets(st.sampled_from(["h5", "json", "clone", "compat-v1"])))
    cells = []
    for path in sorted(paths):
        status = draw(st.sampled_from(SEVERITY))
        cells.append(
            CellResult(
                id=CellId(release="tf2.1.0", path=path),
                device="cpu",
                status=status,
                kind="crash" if status == ERROR else None,
                reason=draw(st.text(max_size=20)),
            )
        )
    release = ReleaseResult(tensorflow="2.1.0", keras="2", python=None, lock_sha256=None)
    return Results(plan="0" * 64, complete=True, host=Host.here(), releases={"tf2.1.0": release}, cells=tuple(cells))


@settings(deadline=None)
@given(runs(), runs())
def test_no_cell_of_either_run_vanishes_and_both_forms_tell_all_that_differ(before: Results, after: Results) -> None:
    difference = compare(before, after)
    ids = {cell.id for cell in (*before.cells, *after.cells)}
    assert Counter(cell.id for cell in difference.cells) == Counter(ids)
    console = Console(record=True, width=100, quiet=True)
    console.quiet = False
    with console.capture() as shown:
        print_difference(console, difference)
    page = render_difference(difference)
    for cell in difference.cells:
        told = cell.course is not Course.SAME
        assert (f"{cell.id}:" in shown.get()) == told
        assert (f"<code>{cell.id}</code>" in page) == told


@settings(deadline=None)
@given(runs(), runs())
def test_a_new_regression_always_fails_the_comparison(before: Results, after: Results) -> None:
    broken = [{cell.id for cell in run.cells if cell.status == "regress"} for run in (before, after)]
    assert (compare(before, after).exit_code == ExitCode.REGRESSION) == bool(broken[1] - broken[0])


def test_markdown_of_many_cells_stays_readable_and_says_what_is_left_out(results: Make, cell: Make) -> None:
    first = results(*(cell(f"tf2.{index}.0/h5") for index in range(3000)))
    second = results(*(cell(f"tf2.{index}.0/h5", "regress", "because " + "x" * 900) for index in range(3000)))
    page = render_difference(compare(first, second))
    assert len(page.encode()) <= 600_000
    assert page.startswith("**3000 of 3000 cells became worse")
    assert "Left out" in page
