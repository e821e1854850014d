"""summary.md on a page of GitHub."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bnregress.reports.html.page import render_page
from bnregress.reports.summary import LIMIT_BYTES, render_summary
from bnregress.results.model import CheckResult

Make = Callable[..., Any]


def test_the_first_line_is_the_verdict(results: Make, cell: Make) -> None:
    first = render_summary(results(cell("tf2.1.0/h5", "regress"), cell("tf2.2.3/h5"))).splitlines()[0]
    assert "REGRESS" in first
    assert "tf2.1.0" in first


def test_the_page_says_which_run_it_is_of(results: Make, cell: Make) -> None:
    made = replace(results(cell("tf2.1.0/h5")), run="github-17-1")
    assert "run <code>github-17-1</code>" in render_summary(made)
    assert "run <code>github-17-1</code>" in render_page(made)


def test_regressions_come_before_the_table_and_errors_after_it(results: Make, cell: Make) -> None:
    page = render_summary(results(cell("tf2.1.0/json", "error", kind="oom"), cell("tf2.1.0/h5", "regress")))
    assert page.index("## Regressions (1)") < page.index("| release |") < page.index("## Errors (1)")


def test_a_regression_has_reason_remedy_and_collapsed_evidence(results: Make, cell: Make) -> None:
    check = CheckResult(
        name="mode-parity",
        status="regress",
        reason="off by 16.2",
        evidence={"max_abs": 16.2, "layers": [0, 1]},
        repro="import tensorflow\nprint('```')",
    )
    page = render_summary(
        results(cell("tf2.1.0/h5", "regress", "off by 16.2", remedy="Take `tf2.1.1`.", checks=(check,)))
    )
    assert "<br>off by 16.2" in page
    assert "Remedy: Take <code>tf2.1.1</code>." in page
    evidence = page[page.index("<details><summary><code>tf2.1.0/h5</code></summary>") :]
    assert '"max_abs": 16.2' in evidence
    assert '"layers": [0, 1]' in evidence
    assert "````python\nimport tensorflow\nprint('```')\n````" in evidence


def test_every_details_that_opens_closes(results: Make, cell: Make) -> None:
    check = CheckResult(
        name="mode-parity", status="regress", reason="</details><details>", evidence={"a": "</details>"}
    )
    page = render_summary(results(cell("tf2.1.0/h5", "regress", checks=(check,))))
    prose = "".join(part for index, part in enumerate(page.split("```")) if index % 2 == 0)
    assert prose.count("<details>") == prose.count("</details>") == 2


def test_environments_are_told(results: Make, cell: Make) -> None:
    page = render_summary(results(cell("tf2.1.0/h5")))
    assert "| <code>tf2.1.0</code> | 2.1.0 | 2.2.4-tf | 3.7.16 |" in page


def test_a_page_that_would_be_too_large_says_what_is_left_out(results: Make, cell: Make) -> None:
    check = CheckResult(name="mode-parity", status="regress", reason="off", evidence={"a": "é" * 3_000})
    cells = [
        cell(f"tf2.{index}.0/h5", "regress", f"reason {'xyz'[index % 3]}{index}a " + "é" * 5_000, checks=(check,))
        for index in range(600)
    ]
    page = render_summary(results(*cells))
    assert len(page.encode()) <= LIMIT_BYTES
    assert "Left out" in page
    assert "cell's evidence" in page
    assert page.startswith("**REGRESS**")


def test_five_thousand_regressions_with_long_evidence_fit_and_the_reader_is_told_where_the_rest_is(
    results: Make, cell: Make
) -> None:
    check = CheckResult(
        name="mode-parity", status="regress", reason="off " * 200, evidence={"a": "é" * 20_000}, repro="x\n" * 5_000
    )
    cells = [
        cell(
            f"tf2.{index // 200}.0/p{index % 200 // 8}@freeze=v{index % 8}",
            "regress",
            f"reason {chr(97 + index % 26)}{chr(97 + index // 26 % 26)} " + "é" * 2_000,
            remedy="Take another. " * 100,
            checks=(check,),
        )
        for index in range(5_000)
    ]
    page = render_summary(results(*cells))
    assert len(page.encode()) <= LIMIT_BYTES < 900 * 1024
    assert page.startswith("**REGRESS**: ")
    assert "5000 cells: 5000 regress" in page
    assert "## Regressions (5000)" in page
    assert "| <code>tf2.24.0</code> |" in page
    assert "cell's evidence" in page.splitlines()[-1]
    assert "All of it is in results.json" in page.splitlines()[-1]


def test_a_whole_set_with_evidence_fits(results: Make, cell: Make) -> None:
    check = CheckResult(name="mode-parity", status="regress", reason="off", evidence={"max_abs": [0.5] * 53})
    cells = [cell(f"tf2.{minor}.0/p{path}", "regress", checks=(check,)) for minor in range(25) for path in range(8)]
    assert "Left out" not in render_summary(results(*cells))
