"""The lines that say how often cells of several trials came to what."""

from __future__ import annotations

from dataclasses import replace

from bnregress.reports.rates import rate_lines
from tests.judging.known.conftest import cell, results


def lines(times: int, *trials: dict[str, int] | None) -> list[str]:
    named = zip(("tf2.1.0/h5", "tf2.1.0/json", "tf2.1.0/clone"), trials)
    cells = [replace(cell(name, "inconclusive"), trials=each) for name, each in named]
    return list(rate_lines(results(*cells), times))


def test_the_rate_of_each_cell_that_differed_is_told() -> None:
    assert lines(10, {"pass": 7, "regress": 3}, {"pass": 10}, {"pass": 7, "regress": 3}) == [
        "3 cells ran 10 times: 2 differed between trials.",
        "  regressed in 3 of 10 trials (7 pass): tf2.1.0/{h5,clone}",
    ]
    assert lines(2, {"pass": 1, "error": 1}) == [
        "1 cell ran 2 times: 1 differed between trials.",
        "  1 pass, 1 error: tf2.1.0/h5",
    ]


def test_what_was_run_again_of_an_ordinary_run_is_told_and_nothing_else() -> None:
    assert lines(1, None, None) == []
    assert lines(1, {"regress": 2}, None) == [
        "1 regression not listed as known ran a second time: no verdict differed."
    ]
