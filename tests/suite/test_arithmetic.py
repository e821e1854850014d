"""How far apart two arrays are, and how far they may be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.suite import tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.subject import changed_weights


def test_equal_arrays_deviate_by_nothing_even_when_they_are_zero() -> None:
    assert relative_deviation(np.zeros(3), np.zeros(3)) == 0.0
    assert relative_deviation(np.ones(3), np.zeros(3)) == math.inf


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_deviates_without_bound(bad: float) -> None:
    assert relative_deviation(np.array([1.0, bad]), np.ones(2)) == math.inf
    assert relative_deviation(np.ones(2), np.array([1.0, bad])) == math.inf


@given(st.floats(1e-3, 1e3), st.floats(0, 10))
def test_the_deviation_does_not_depend_on_the_scale(scale: float, difference: float) -> None:
    expected = np.array([1.0, -2.0])
    found = expected + np.array([0.0, difference])
    assert relative_deviation(found * scale, expected * scale) == pytest.approx(difference / 2)


def test_a_deeper_network_or_a_coarser_dtype_may_deviate_further() -> None:
    assert tolerances.relative("float32", 4) == 2 * tolerances.relative("float32", 1)
    assert tolerances.relative("bfloat16", 1) > tolerances.relative("float16", 1) > tolerances.relative("float32", 1)
    assert tolerances.relative("float32", 0) == tolerances.relative("float32", 1)


def test_a_variable_that_changed_or_is_missing_on_one_side_is_named() -> None:
    before = {"a/0": np.ones(2), "b/0": np.ones(2), "gone/0": np.ones(1)}
    after = {"a/0": np.ones(2), "b/0": np.array([1.0, 1.0 + 1e-15]), "came/0": np.ones(1)}
    assert changed_weights(before, after) == ["b/0", "gone/0", "came/0"]
    assert changed_weights(before, before) == []
