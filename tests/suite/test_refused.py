"""What counts as a release's own refusal, and what stays an error."""

from __future__ import annotations

import pytest

from bnregress.suite.finding import NotApplicable, refused


def test_an_exception_with_the_words_means_that_the_release_has_no_such_path() -> None:
    expected = pytest.raises(NotApplicable, match=r"this release refuses it: ValueError: .*name already exists")
    with expected, refused(ValueError, "name already exists"):
        raise ValueError("Unable to create dataset (name already exists)")


@pytest.mark.parametrize("error", [ValueError("shapes differ"), TypeError("name already exists")])
def test_any_other_exception_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, refused(ValueError, "name already exists"):
        raise error
    assert raised.value is error


def test_what_ends_well_is_left_alone() -> None:
    with refused(ValueError, "name already exists"):
        done = True
    assert done
