"""How the host asks for a search, and what it reads of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.results.model import CheckResult
from bnregress.run.records import Verdict
from bnregress.run.searching import SearchOptions, figures
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import CHECKS, OWN_CHECKS, checks_of
from bnregress.suite.search.profile import VARIABLE, Profile, given_profile

CELL = CellId(release="tf2.1.0", path="search")
FIGURES = {"examples": 12, "failures": 0, "profile": "ci", "seed": 3}


def test_the_search_takes_the_same_examples_where_ci_is_set() -> None:
    assert SearchOptions().profile("tf2.1.0", {"CI": "true"})["name"] == "ci"


def test_elsewhere_it_draws_a_seed_that_can_be_given_again() -> None:
    drawn = SearchOptions().profile("tf2.1.0", {})
    assert drawn["name"] == "local"
    assert SearchOptions(seed=drawn["seed"]).profile("tf2.1.0", {}) == drawn


def test_a_long_search_keeps_its_examples_apart_for_each_release() -> None:
    profile = SearchOptions(explore=2, seed=1, database=Path("/cache")).profile("tf2.1.0", {"CI": "true"})
    assert profile == {"name": "explore", "seconds": 120, "seed": 1, "database": "/cache/tf2.1.0"}


@pytest.mark.parametrize("options", [SearchOptions(), SearchOptions(seed=4), SearchOptions(explore=1)])
def test_the_suite_reads_what_the_host_asks_for(options: SearchOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = options.profile("tf2.1.0", {})
    monkeypatch.setenv(VARIABLE, json.dumps(asked))
    assert vars(given_profile()) == {**vars(Profile()), **asked}


def test_the_search_is_a_path_with_one_check_of_its_own() -> None:
    assert list(checks_of("properties", PATHS["search"])) == ["search"]
    assert all(checks_of("properties", path) == CHECKS for id, path in PATHS.items() if id not in OWN_CHECKS)


def test_paths_with_checks_of_their_own_are_named_where_no_path_is_imported() -> None:
    assert {id for id, path in PATHS.items() if path.own is not None} == set(OWN_CHECKS)


def test_the_search_is_no_part_of_a_fine_tune() -> None:
    assert not checks_of("finetune", PATHS["search"])
    assert list(checks_of("all", PATHS["search"])) == ["search"]


def test_only_a_search_that_was_asked_for_by_hand_is_made_anew() -> None:
    assert SearchOptions(seed=1).searches_anew(CELL)
    assert SearchOptions(explore=1).searches_anew(CELL)
    assert not SearchOptions().searches_anew(CELL)
    assert not SearchOptions(seed=1).searches_anew(CellId(release="tf2.1.0", path="small"))


def verdict(evidence: dict[str, Any], status: str = "pass") -> Verdict:
    check = CheckResult(name="search", status=status, reason="r", evidence=evidence)
    return Verdict(status=status, reason="r", checks=(check,))


def test_the_figures_of_a_search_are_read_from_its_cell() -> None:
    assert figures(CELL, verdict({**FIGURES, "parts": {}})) == FIGURES


@pytest.mark.parametrize(
    "found",
    [
        None,
        verdict({}),
        verdict(FIGURES, "not-applicable"),
        verdict({**FIGURES, "examples": "12"}),
        verdict({**FIGURES, "profile": "other"}),
    ],
)
def test_what_are_no_figures_are_not_read(found: Verdict | None) -> None:
    assert figures(CELL, found) is None


def test_other_cells_have_no_figures() -> None:
    assert figures(CellId(release="tf2.1.0", path="small"), verdict(FIGURES)) is None
