"""docs/findings.md: safe ranges are those that were measured, and nothing of the results is lost or takes effect."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.cli import main
from bnregress.judging.compatibility import compatibility, main_variant, to_json
from bnregress.reading.schemas import Schema
from bnregress.reports.findings import render_findings
from bnregress.resources import RESOURCES
from bnregress.results.file import write_results
from bnregress.results.model import CellResult, CheckResult, Host, Known, ReleaseResult, Results
from bnregress.suite.paths import PATHS
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


CATALOG = (("2.0.0", "2.2.4-tf"), ("2.1.1", "2.2.4-tf"), ("2.9.0", "2.9.0"))


def page_of(run: Results, sections: Sequence[str] = ()) -> str:
    return render_findings(run, to_json(compatibility(run, CATALOG), run), sections)


def row_of(page: str, path: str = "h5") -> list[str]:
    """Safe from TensorFlow, safe from Keras, why not before."""
    line = next(line for line in page.splitlines() if line.startswith(f"| <code>{path}</code><br>"))
    return [column.strip() for column in line.strip("|").split("|")][1:]


def run_of(results: MakeResults, statuses: list[str]) -> Results:
    run = results(*_row(statuses))
    facts = {id: replace(release, tensorflow=id.removeprefix("tf")) for id, release in run.releases.items()}
    return replace(run, releases=facts)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["regress", "pass", "pass"], "2.1.0"),
        (["pass", "regress", "pass"], "2.2.0"),
        (["pass", "pass", "regress"], "none"),
        (["pass", "error", "pass"], "2.2.0"),
        (["pass", "pass", "inconclusive"], "not decided"),
        (["regress", "pass", "not-applicable"], "2.1.0 to 2.1.0"),
        (["not-applicable", "pass", "pass"], "2.1.0"),
        (["not-applicable", "not-applicable"], "–"),
        (["error"], "not decided"),
    ],
)
def test_safe_from_is_the_oldest_after_which_every_measured_one_passes(
    results: MakeResults, statuses: list[str], said: str
) -> None:
    assert row_of(page_of(run_of(results, statuses)))[0].partition(" (")[0] == said


def test_what_was_not_measured_is_named_with_the_measured_ones_beside_it(results: MakeResults) -> None:
    page = page_of(run_of(results, ["pass", "regress", "pass"]))
    page = page_of(run_of(results, ["pass", "pass", "pass"]))
    assert "- TensorFlow between 2.1.0 and 2.2.0: 2.1.1" in page
    assert "- TensorFlow after 2.2.0: 2.9.0" in page
    assert row_of(page_of(run_of(results, ["pass", "regress", "pass"])))[0].partition(" (")[0] == "2.2.0"
    gap = run_of(results, ["pass", "regress", "pass"])
    (found,) = compatibility(gap, CATALOG).paths["h5"]["default"]["tensorflow"].gaps
    assert (found.versions, found.after, found.before) == (("2.1.1",), "2.1.0", "2.2.0")


def test_a_planned_cell_without_a_verdict_ends_what_is_safe(results: MakeResults) -> None:
    run = run_of(results, ["pass", "pass", "pass"])
    left = replace(run, complete=False, cells=run.cells[:2], undecided=(run.cells[2].id,))
    assert row_of(page_of(left))[0] == "not decided"


def test_keras_3_has_versions_of_its_own_whatever_tensorflow_is_under_it(results: MakeResults) -> None:
    run = run_of(results, ["pass"])
    release = run.releases["tf2.0.0"]
    kerases = {"tf2.18.1-keras3.6.0": "regress", "tf2.18.1-keras3.10.0": "pass", "tf2.19.1-keras3.8.0": "regress"}
    cells = [replace(run.cells[0], id=CellId(release=id, path="h5"), status=word) for id, word in kerases.items()]
    facts = {id: replace(release, tensorflow=id[2:8], keras=id.partition("-keras")[2]) for id in kerases}
    page = page_of(replace(run, releases={**run.releases, **facts}, cells=(*run.cells, *cells)))
    # 3.10 is newer than 3.8, and a Keras that is chosen apart is no TensorFlow's own.
    assert row_of(page)[:2] == ["2.0.0", "3.10.0"]


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=12))
def test_no_version_that_is_called_safe_was_measured_otherwise(statuses: list[str]) -> None:
    cells = _row(statuses)
    release = ReleaseResult(tensorflow="", keras="2.9.0", python="3.9.1", lock_sha256="ab" * 32)
    run = Results(
        plan="0" * 64,
        complete=True,
        host=Host.here(),
        releases={cell.id.release: replace(release, tensorflow=cell.id.release[2:]) for cell in cells},
        cells=tuple(cells),
    )
    support = main_variant(compatibility(run, ()).paths["h5"])["tensorflow"]
    order = [cell.id.release[2:] for cell in cells]
    if support.safe_from is None:
        present = [name for name in statuses if name != "not-applicable"]
        assert not present or present[-1] != "pass"
        return
    place = order.index(support.safe_from)
    assert statuses[place] == "pass"
    assert set(statuses[place:]) <= {"pass", "not-applicable"}
    before = [name for name in statuses[:place] if name != "not-applicable"]
    assert not before or before[-1] != "pass"


def test_every_cause_is_told_once_under_a_short_heading(results: MakeResults, cell: Callable[..., CellResult]) -> None:
    check = CheckResult(name="mode-parity", status="regress", reason="no")
    known = _known("the layer of the older one", "https://example.org/9965")
    paths = [path.id for path in PATHS.values() if path.group == "default"]
    broken = [
        replace(cell(f"tf2.1.0/{path}", "regress", "it follows the batch", checks=(check,)), known=known, drift="known")
        for path in paths
    ]
    page = page_of(results(*(replace(each, drift=None) for each in broken)))
    headings = [line for line in page.splitlines() if line.startswith("### ")]
    assert len(headings) == 1
    assert all(len(heading) < 80 + len('<a id="cause-1"></a>') for heading in headings)
    assert '<a id="cause-1"></a>' in headings[0]
    for part in ("The layer of the older one.", "<https://example.org/9965>", "- Checks:", "take another"):
        assert page.count(part) == 1
    assert row_of(page)[2] == "[1](#cause-1)"


def test_many_variants_of_a_path_are_told_by_their_number(
    results: MakeResults, cell: Callable[..., CellResult]
) -> None:
    subjects = [f"small@train={train}" for train in sorted(TRAIN)[:7]]
    broken = [cell(f"tf2.1.0/{each}", "regress", "it follows the batch") for each in subjects]
    page = page_of(results(*broken, cell("tf2.1.0/small", "pass", "")))
    assert "- TensorFlow 2.1.0: <code>small</code> (7 variants)" in page
    assert row_of(page, "small")[0] == "none"
    assert "| <code>small</code> | <code>default</code> | 2.1.0 |" in page


def test_the_file_fits_its_schema(results: MakeResults, tmp_path: Path) -> None:
    statuses = ["pass", "regress", "not-applicable", "inconclusive", "pass"]
    write_results(run_of(results, statuses), tmp_path / "results.json")
    assert main(["findings", str(tmp_path / "results.json"), "--out", str(tmp_path / "site")]) == 0
    data = json.loads((tmp_path / "site" / "compat.json").read_text())
    schema = json.loads((RESOURCES / "schemas" / "compat.schema.json").read_text())
    assert Schema(schema).problem(data) is None
    assert Schema(schema).problem({**data, "more": 1}) is not None
    support = data["paths"]["h5"]["variants"]["default"]["tensorflow"]
    assert (support["safe_from"], support["measured"]) == ("2.4.0", 3)
    assert support["broken"][0]["versions"] == ["2.1.0", "2.1.0"]
    assert support["broken"][0]["evidence"] == "tf2.1.0/h5"
    assert "# Findings" in (tmp_path / "site" / "findings.md").read_text()


def test_two_runs_may_share_no_cell(results: MakeResults, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_results(run_of(results, ["pass"]), tmp_path / name / "results.json")
    assert main(["findings", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "site")]) == 2
    assert "Two of the runs hold the cell tf2.0.0/h5" in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_markup_in_results_stays_text(results: MakeResults, cell: Callable[..., CellResult]) -> None:
    page = page_of(
        results(
            replace(
                cell("tf2.1.0/h5", "regress", "<script>alert(1)</script> | **bold**"),
                known=_known("x", "https://example.org/> <script>"),
            )
        )
    )
    assert "<script" not in page


def test_the_page_tells_of_which_run_it_is(results: MakeResults, cell: Callable[..., CellResult]) -> None:
    page = page_of(replace(results(cell("tf2.1.0/h5"), cell("tf2.1.1/h5")), started="2026-01-02T03:04:05+00:00"))
    assert "2 cells of 2 releases, each measured by one run of 2026-01-02 (plan " in page


def test_the_page_says_if_it_is_of_several_runs(results: MakeResults, cell: Callable[..., CellResult]) -> None:
    found = results(cell("tf2.1.0/h5"), cell("tf2.1.1/h5"))
    page = render_findings(found, to_json(compatibility(found, []), found, ["a" * 64, "b" * 64, "a" * 64]))
    assert "each measured by one of several runs (plans aaaaaaaaaaaa, bbbbbbbbbbbb), by" in page


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
    page = page_of(run, render_standins(run.cells, twins))
    assert "| <code>h5</code> | small | 2 of 3 | 2.1.0, 2.1.1, 2.1.4 |" in page
    assert "- <code>tf2.1.4/h5</code>: regress (it follows the batch); on ResNet50 regress" in page
    assert "| <code>json</code> | small" not in page
    assert "| <code>pickle</code> | small" not in page
    assert "Small networks" not in page_of(run)
