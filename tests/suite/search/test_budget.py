"""The end of a search in time."""

from __future__ import annotations

import pytest

from bnregress.suite.search.budget import Budget


def test_within_the_time_everything_is_run() -> None:
    assert Budget(60).allows(("anything",))


def test_after_the_time_a_search_without_a_failure_is_over() -> None:
    budget = Budget(0)
    with pytest.raises(Budget.Over):
        budget.allows(("anything",))
    assert budget.over


def test_a_search_that_found_a_failure_is_not_over() -> None:
    budget = Budget(0)
    budget.failed(("freeze",))
    budget.allows(("freeze",))
    assert not budget.over


def test_after_the_time_for_shrinking_only_what_leads_to_a_known_failure_is_run() -> None:
    budget = Budget(0)
    budget.failed(("freeze", "train"))
    assert budget.allows(("freeze",))
    assert budget.allows(("freeze", "train"))
    assert not budget.allows(("train",))
    assert not budget.allows(("freeze", "train", "train"))
