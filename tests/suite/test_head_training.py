"""The formula of a head's training against gradients that were found by trying."""

from __future__ import annotations

import numpy as np
import pytest

from bnregress.suite.usage.head import trained

RANDOM = np.random.RandomState(0)
FEATURES, KERNEL, BIAS = RANDOM.normal(size=(6, 4)), RANDOM.normal(size=(4, 3)), RANDOM.normal(size=3)
LABELS = np.eye(3)[[0, 1, 2, 2, 1, 0]]
IMPORTANCE = np.array([1.0, 0.5, 2.0, 1.0, 3.0, 0.1])


def _loss(kernel: np.ndarray, bias: np.ndarray, rows: slice, importance: np.ndarray) -> float:
    powers = np.exp(FEATURES[rows] @ kernel + bias)
    losses = -np.log(np.sum(powers * LABELS[rows], axis=1) / powers.sum(axis=1))
    return float(np.sum(losses * importance[rows]) / len(losses))


def _slope(kernel: np.ndarray, bias: np.ndarray, rows: slice, importance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    step = 1e-6
    slopes = []
    for place, values in enumerate((kernel, bias)):
        slope = np.zeros_like(values)
        for index in np.ndindex(values.shape):
            moved = [kernel.copy(), bias.copy()]
            moved[place][index] += step
            up = _loss(moved[0], moved[1], rows, importance)
            moved[place][index] -= 2 * step
            slope[index] = (up - _loss(moved[0], moved[1], rows, importance)) / (2 * step)
        slopes.append(slope)
    return slopes[0], slopes[1]


@pytest.mark.parametrize("importance", [None, IMPORTANCE])
def test_each_batch_moves_the_head_down_its_slope(importance: np.ndarray | None) -> None:
    kernel, bias = KERNEL, BIAS
    for _ in range(2):
        for rows in (slice(0, 4), slice(4, 6)):
            slopes = _slope(kernel, bias, rows, np.ones(6) if importance is None else importance)
            kernel, bias = kernel - 0.3 * slopes[0], bias - 0.3 * slopes[1]
    found = trained(FEATURES, LABELS, (KERNEL, BIAS), 0.3, 4, 2, importance)
    np.testing.assert_allclose(found[0], kernel, atol=1e-7)
    np.testing.assert_allclose(found[1], bias, atol=1e-7)
