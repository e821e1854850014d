"""badge.json for a shields endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bnregress.reports.badge import render_badge
from bnregress.results.model import Known

Make = Callable[..., Any]


def badge(results: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_badge(results))
    assert set(found) == {"schemaVersion", "label", "message", "color"}
    assert found["schemaVersion"] == 1
    return found


def test_what_holds_is_green(results: Make, cell: Make) -> None:
    found = badge(results(cell("tf2.1.0/h5"), cell("tf2.2.3/h5")))
    assert (found["message"], found["color"]) == ("holds in 2 releases", "brightgreen")


def test_a_new_regression_is_red_and_a_known_one_is_not(results: Make, cell: Make) -> None:
    listed = Known(cells="*", checks=("oracle",), reason="r", remedy="d", source="https://x.org")
    known, new = cell("tf2.1.0/h5", "regress", known=listed), cell("tf2.2.3/h5", "regress", drift="new")
    assert badge(results(known, new))["message"] == "1 new regression, 2 in all"
    assert badge(results(known, new))["color"] == "red"
    assert badge(results(known, cell("tf2.2.3/h5")))["message"] == "breaks in 1 of 2 releases"


def test_what_was_unavailable_is_called_that(results: Make, cell: Make) -> None:
    lacking = cell("tf2.1.0/h5", "unavailable")
    assert badge(results(lacking))["message"] == "unavailable"
    assert badge(results(lacking, cell("tf2.2.3/h5"), cell("tf2.2.3/json")))["message"] == "1 of 2 releases unavailable"


def test_what_is_not_decided_is_never_green(results: Make, cell: Make) -> None:
    ok = cell("tf2.1.0/h5")
    for unsure in (
        results(ok, cell("tf2.1.0/json", "error", kind="oom")),
        results(ok, cell("tf2.1.0/json", "inconclusive")),
        results(ok, undecided=("tf2.1.0/json",)),
        results(cell("tf2.1.0/h5", "unavailable")),
        results(),
    ):
        assert badge(unsure)["color"] == "lightgrey"
