"""The figures of one call of one layer, on arrays alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.inspection import one_call


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_call, "_CHUNK", 7)


def test_a_deviation_is_that_of_the_whole_array() -> None:
    random = np.random.RandomState(0)
    one = random.randn(5, 4, 3).astype("float32")
    for place in range(0, one.size, 11):
        other = one.copy()
        other.reshape(-1)[place] += 0.5
        assert one_call.compare([one], [other])["deviation"] == relative_deviation(one, other)
    assert one_call.compare([one], [one.copy()])["deviation"] == 0.0


def test_what_is_not_finite_in_one_mode_alone_differs() -> None:
    one, other = np.ones(20, "float32"), np.ones(20, "float32")
    one[3] = other[3] = np.nan
    figure = one_call.compare([one], [other])
    assert (figure["deviation"], figure["finite"]) == (0.0, False)
    one[15] = np.inf
    assert one_call.compare([one], [other])["deviation"] == float("inf")


@pytest.mark.parametrize("axis", [-1, 1])
def test_some_channels_show_what_all_of_them_do(axis: int) -> None:
    layer = SimpleNamespace(axis=axis, epsilon=1e-3)
    given = np.random.RandomState(1).randn(3, 4, 4).astype("float32")
    values = {"moving_mean": np.arange(4.0), "moving_variance": np.ones(4), "gamma": np.arange(1.0, 5.0)}
    cut, output, kept = one_call.some_channels(layer, given, given, values)
    assert cut.shape == output.shape != given.shape
    place = (slice(None),) * (axis % 3) + (slice(cut.shape[axis]),)
    for part, whole in zip(one_call.formulas(layer, cut, kept), one_call.formulas(layer, given, values), strict=True):
        np.testing.assert_allclose(part, whole[place])


@pytest.mark.parametrize("kept", [0.01, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("shape", [(2, 1, 1, 1), (8, 1, 1, 1), (8, 6, 6, 3)])
def test_what_is_dropped_at_random_and_scaled_in_return_is_not_biased(kept: float, shape: tuple[int, ...]) -> None:
    """By sample, as stochastic depth, and by element, as Dropout."""
    for seed in range(50):
        random = np.random.RandomState(seed)
        answer = random.normal(size=(shape[0], 6, 6, 3)) + 1
        draws = [[answer * (random.uniform(size=shape) < kept) / kept] for _ in range(one_call.DRAWS)]
        assert not one_call.is_biased(draws, [answer]), seed


def test_what_is_off_beyond_its_randomness_is_biased() -> None:
    for seed in range(50):
        random = np.random.RandomState(seed)
        answer = random.normal(size=(8, 6, 6, 3)) + 1
        centred = answer - answer.mean(axis=(1, 2), keepdims=True)
        draws = [[centred * (random.uniform(size=answer.shape) < 0.8) / 0.8] for _ in range(one_call.DRAWS)]
        assert one_call.is_biased(draws, [answer]), seed
