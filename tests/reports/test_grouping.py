"""Grouping says the same thing once and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bnregress.judging.grouping import group_cells, merge_figures, whereabouts

Make = Callable[..., Any]


def test_figures_that_vary_become_a_range_from_least_to_greatest() -> None:
    assert merge_figures(["off by 9.5 in 53 layers", "off by 1e1 in 53 layers", "off by 10.5 in 53 layers"]) == (
        "off by 9.5 to 10.5 in 53 layers"
    )


def test_versions_and_names_are_not_figures(cell: Make) -> None:
    cells = [cell("tf2.1.0/h5", "error", "no wheel of 2.1.0"), cell("tf2.2.3/h5", "error", "no wheel of 2.2.3")]
    assert [group.reason for group in group_cells(cells)] == ["no wheel of 2.1.0", "no wheel of 2.2.3"]


def test_interpreters_that_are_missing_are_told_apart(cell: Make) -> None:
    reasons = ["There is no CPython 3.9 here.", "There is no CPython 3.10 here."]
    cells = [cell(id, "unavailable", why) for id, why in zip(("tf2.6.5/h5", "tf2.9.3/h5"), reasons, strict=True)]
    assert [group.reason for group in group_cells(cells)] == reasons


def test_one_reason_with_two_kinds_of_error_is_two_groups(cell: Make) -> None:
    cells = [cell("tf2.1.0/h5", "error", "gone", kind="crash"), cell("tf2.1.0/json", "error", "gone", kind="oom")]
    assert [group.kind for group in group_cells(cells)] == ["crash", "oom"]


def test_a_single_cell_is_named_by_its_id(cell: Make) -> None:
    assert whereabouts([cell("tf2.1.0/h5@freeze=model")]) == ["tf2.1.0/h5@freeze=model"]


def test_releases_that_share_their_paths_share_a_line(cell: Make) -> None:
    cells = [cell(id) for id in ("tf2.0.0/h5", "tf2.0.0/json", "tf2.1.0/h5", "tf2.1.0/json", "tf2.2.3/h5")]
    assert whereabouts(cells) == ["h5, json in tf2.0.0, tf2.1.0", "tf2.2.3/h5"]


def test_all_paths_are_said_to_be_all(cell: Make) -> None:
    cells = [cell("tf2.0.0/h5"), cell("tf2.0.0/json")]
    assert whereabouts(cells, ["json", "h5"]) == ["all 2 paths in tf2.0.0"]
    assert whereabouts(cells, ["json", "h5", "clone"]) == ["h5, json in tf2.0.0"]


def test_a_sign_that_stands_for_a_figure_elsewhere_is_not_taken_for_one(cell: Make) -> None:
    cells = [cell("tf2.1.0/h5", reason="layer 5 broke"), cell("tf2.1.0/json", reason="layer # broke")]
    assert [group.reason for group in group_cells(cells)] == ["layer 5 broke", "layer # broke"]
