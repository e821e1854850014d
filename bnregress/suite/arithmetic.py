"""The formula of batch normalisation, and how far one array is from another."""

import numpy as np


def relative_deviation(found, expected):
    """Largest difference, relative to the largest magnitude expected; infinite where a value is not finite.

    Args:
        found: array.
        expected: array of the same shape.

    Returns:
        float, 0.0 for equal arrays.
    """
    difference = np.abs(np.asarray(found, dtype=np.float64) - np.asarray(expected, dtype=np.float64))
    largest = float(np.max(difference)) if difference.size else 0.0
    if not np.isfinite(largest):
        return float("inf")
    scale = float(np.max(np.abs(expected))) if difference.size else 0.0
    return largest / scale if scale else (0.0 if largest == 0.0 else float("inf"))


def normalised(images, gamma, beta, mean, variance, *, epsilon):
    """Batch normalisation with given statistics in float64 (Ioffe & Szegedy 2015, algorithm 2).

    Args:
        images: array (..., channels).
        gamma: array (channels,), as are beta, mean and variance.
        beta: see gamma.
        mean: see gamma.
        variance: see gamma.
        epsilon: float.

    Returns:
        float64 array (..., channels).
    """
    gamma, beta, mean, variance = (np.asarray(each, dtype=np.float64) for each in (gamma, beta, mean, variance))
    return (np.asarray(images, dtype=np.float64) - mean) / np.sqrt(variance + epsilon) * gamma + beta


def identical(one, other):
    """Whether two arrays are the same bit for bit: dtype, shape, the sign of a zero and the bits of a NaN included."""
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
