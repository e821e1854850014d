"""docs/findings.md: safe ranges are those that were measured, and nothing of the results is lost or takes effect."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.reports.findings import render_findings, spans
from bnregress.results.model import CellResult, CheckResult, Known
from bnregress.suite.variants.train import TRAIN
from tests.reports.conftest import MakeResults
from tools.standins import render_standins

STATUSES = ("pass", "regress", "not-applicable", "error")


def _row(statuses: list[str]) -> list[CellResult]:
    return [
        CellResult(id=CellId(release=f"tf2.{minor}.0", path="h5"), device="cpu", status=name, reason="because")
        for minor, name in enumerate(statuses)
    ]


def _known(reason: str, source: str) -> Known:
    return Known(cells="tf2.1.0/h5", checks=("mode-parity",), reason=reason, remedy="take another", source=source)


@given(st.lists(st.sampled_from(STATUSES), max_size=12))
def test_spans_hold_every_cell_once_in_order_and_neighbours_differ(statuses: list[str]) -> None:
    row = _row(statuses)
    found = spans(row)
    assert [(release, span.status) for span in found for release in span.releases] == [
        (cell.id.release, cell.status) for cell in row
    ]
    assert all(one.status != other.status for one, other in itertools.pairwise(found))


def test_a_range_ends_at_a_release_that_regresses(results: MakeResults) -> None:
    page = render_findings(results(*_row(["pass", "pass", "regress", "pass"])))
    (line,) = [line for line in page.splitlines() if line.startswith("| <code>h5</code><br>")]
    safe, regresses, undecided = [column.strip() for column in line.strip("|").split("|")][1:]
    assert safe == "<code>tf2.0.0</code> to <code>tf2.1.0</code>, <code>tf2.3.0</code>"
    assert (regresses, undecided) == ("<code>tf2.2.0</code>", "–")


def test_an_undecided_cell_is_never_within_a_safe_range(results: MakeResults) -> None:
    page = render_findings(results(*_row(["pass", "error", "pass"])))
    (line,) = [line for line in page.splitlines() if line.startswith("| <code>h5</code><br>")]
    assert "tf2.0.0</code> to" not in line
    assert line.rstrip("| ").endswith("<code>tf2.1.0</code>")


def test_many_variants_share_a_heading_and_each_is_named_below(
    results: MakeResults, cell: Callable[..., CellResult]
) -> None:
    subjects = [f"small@train={train}" for train in sorted(TRAIN)[:7]]
    broken = [cell(f"tf2.1.0/{each}", "regress", "it follows the batch") for each in subjects]
    page = render_findings(results(*broken, cell("tf2.1.0/small", "pass", "")))
    (heading,) = [line for line in page.splitlines() if line.startswith("### ")]
    assert "7 variants" in heading
    (named,) = [line for line in page.splitlines() if "train=dataset" in line]
    assert all(each.partition("=")[2] in named for each in subjects)
    assert "Each of them" in page


def test_a_regression_is_told_with_checks_source_and_script(
    results: MakeResults, cell: Callable[..., CellResult]
) -> None:
    check = CheckResult(name="mode-parity", status="regress", reason="no", repro="assert False  # the script")
    broken = cell("tf2.1.0/h5", "regress", "it follows the batch", checks=(check,), remedy="take another")
    known = _known("TensorFlow 1's layer", "https://example.org/9965")
    page = render_findings(results(replace(broken, known=known)))
    for part in ("mode-parity", "It follows the batch.", "TensorFlow 1's layer", "<https://example.org/9965>"):
        assert part in page
    assert "assert False  # the script" in page


def test_markup_in_results_stays_text(results: MakeResults, cell: Callable[..., CellResult]) -> None:
    page = render_findings(
        results(
            replace(
                cell("tf2.1.0/h5", "regress", "<script>alert(1)</script> | **bold**"),
                known=_known("x", "https://example.org/> <script>"),
            )
        )
    )
    assert "<script" not in page


def test_the_page_tells_of_which_run_it_is(results: MakeResults, cell: Callable[..., CellResult]) -> None:
    page = render_findings(
        replace(results(cell("tf2.1.0/h5"), cell("tf2.1.1/h5")), started="2026-01-02T03:04:05+00:00")
    )
    assert "2 cells of 2 releases, each measured by one run of 2026-01-02 (plan " in page


def test_a_small_network_is_held_against_resnet50_by_status_and_by_regressing_checks(
    results: MakeResults, cell: Callable[..., CellResult]
) -> None:
    def broken(id: str, *names: str) -> CellResult:
        checks = tuple(CheckResult(name=name, status="regress", reason="no") for name in names)
        return cell(id, "regress", "it follows the batch", checks=checks)

    run = results(
        cell("tf2.1.0/h5"),
        broken("tf2.1.1/h5", "oracle"),
        broken("tf2.1.4/h5", "oracle"),
        cell("tf2.1.4/json"),
        cell("tf2.1.4/pickle", "not-applicable"),
    )
    twins = [
        cell("tf2.1.4/pickle.resnet50", "not-applicable"),
        cell("tf2.1.0/h5.resnet50"),
        broken("tf2.1.1/h5.resnet50", "oracle"),
        broken("tf2.1.4/h5.resnet50", "oracle", "mode-parity"),
    ]
    page = render_findings(run, render_standins(run.cells, twins))
    assert "| <code>h5</code> | small | 2 of 3 | 2.1.0, 2.1.1, 2.1.4 |" in page
    assert "- <code>tf2.1.4/h5</code>: regress (it follows the batch); on ResNet50 regress" in page
    assert "| <code>json</code> | small" not in page
    assert "| <code>pickle</code> | small" not in page
    assert "Small networks" not in render_findings(run)
