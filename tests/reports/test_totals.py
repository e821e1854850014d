"""How many checks ran is part of a run's totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bnregress.reports.totals import totals
from bnregress.results.model import CheckResult

Make = Callable[..., Any]


def check(name: str, status: str) -> CheckResult:
    return CheckResult(name=name, status=status, reason="so it is", evidence={}, repro=None)


def test_only_checks_that_were_carried_out_count(results: Make, cell: Make) -> None:
    ran = (check("mode-parity", "pass"), check("unfreeze-control", "pass"))
    not_all = (check("mode-parity", "regress"), check("oracle", "error"), check("unfreeze-control", "not-applicable"))
    made = results(cell("tf2.1.0/h5", checks=ran), cell("tf2.1.0/json", "regress", checks=not_all))
    assert totals(made) == "2 cells: 1 regress, 1 pass; 3 checks ran, with the control in 1 cell"


def test_nothing_is_said_of_checks_if_there_were_none(results: Make, cell: Make) -> None:
    assert totals(results(cell("tf2.1.0/h5", "error"))) == "1 cell: 1 error"
