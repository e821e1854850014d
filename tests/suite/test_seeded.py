"""The numbers that every release must agree on to the bit."""

from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bnregress.suite import seeded, surrogate


def test_the_numbers_are_those_of_the_first_day() -> None:
    assert seeded.uniform("conv1_conv/kernel", (3,)).tolist() == [
        -0.1817570924758911,
        0.06778287887573242,
        -0.1489797830581665,
    ]
    drawn = surrogate.kernel("conv1_conv", (7, 7, 3, 64))
    assert (
        hashlib.sha256(drawn.astype("<f4").tobytes()).hexdigest()
        == "02a9881d3dcd55382166d502e2acab33b4f094d83aebd3de61c5eca4d738adbf"
    )


@given(st.text(max_size=20), st.lists(st.integers(0, 7), max_size=3).map(tuple))
def test_a_draw_has_its_shape_and_stays_in_its_interval(name: str, shape: tuple[int, ...]) -> None:
    drawn = seeded.uniform(name, shape)
    assert drawn.shape == shape
    assert drawn.dtype == np.float32
    assert np.all((drawn >= -1) & (drawn < 1))


def test_a_draw_is_uniform_and_differs_by_name() -> None:
    one, other = seeded.uniform("one", (100_000,)), seeded.uniform("other", (100_000,))
    # Standard error of the mean of a uniform draw on [-1, 1) is 1 / sqrt(3 n) = 0.0018.
    assert abs(one.mean()) < 0.01
    assert abs(one.var() - 1 / 3) < 0.01
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    assert np.array_equal(seeded.uniform("name", (7,)), seeded.uniform("name", (9,))[:7])
