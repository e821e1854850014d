"""Tolerances, all of them, each with what was measured.

Rounding errors of n chained layers add like a random walk, so a deviation of
the outputs, relative to their scale, stays near eps * sqrt(n). The factors
leave room for other orders of summation in fused kernels.

Largest relative deviation of sound cells, and what is allowed, 20 times that at most:

| what | on the CPU | on a GPU | allowed |
|---|---|---|---|
| the two modes | 0 | 0 | none |
| features of ResNet50 against NumPy | 2.2e-6 | 2.4e-6 | 3.8e-5 |
| an image in a smaller batch | 0 | 2.0e-6 | 3.8e-5 |
| one BatchNorm against the formula | 2.2e-7 | | 2.9e-6 |
| `fit` against `evaluate` | 2.1e-7 | 0 | 4e-6 |
| losses, answers, statistics and the head in `training` | 2.1e-6 | | 2e-5 |
| features in mixed precision | 5.1e-4 | 7.2e-4 | 7.8e-3 a layer |

CPU: 173 sound ResNet50 cells of 26 releases on 2026-11-24, 300 cells in both
modes, and all 113 sound cells of 2.15.1 on 2026-11-28; `training` in 25
releases, its head in 2.15.1 and 2.21.0. GPU: an H200, 2.21.0, 85 sound cells.
A blank was not measured. The breaks that were found in releases are 0.98 away;
of the planted faults that were run on 2026-11-28 the least is 0.015 away
between `fit` and `evaluate`, 0.035 in `training`.

On a GPU the same tolerances hold, because the suite computes there with whole
float32: TF32, which TensorFlow 2.4 and newer take on compute capability 8.0 and
newer, would round each factor of a product to 11 bits (2**-11, against 2**-24),
and is turned off (`bnregress.suite.gpu.set_up`). Mixed precision has the half
precisions' own spacing below on every device.
"""

import math

#: Spacing of numbers next to 1, as relative rounding unit.
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}

#: Between the two modes of a frozen network that are computed alike, both eager or both compiled: bit-equal in 300
#: sound cells on the CPU and in 85 on an H200, mixed precision included, and in 348 cells that are frozen by the call.
BETWEEN_MODES = 0.0
#: Of losses, answers and moving statistics of the small network in `fit`, `evaluate` and `predict`, relative, and of
#: its head after steps of training (`largest` in the evidence of `training`).
TRAINED = 2e-5
#: Between the losses of `fit` and `evaluate` at learning rate 0, in float32; XLA alone rounds them otherwise.
LOSSES = 4e-6
#: Un-frozen, the modes differ by about the output's own scale; rounding explains 10**-4 of that at most.
CLEAR = 100
#: And this is clear in any precision.
CLEARLY = 0.25

FACTOR = 24
#: Of models that nobody has measured, a person's own.
UNMEASURED_FACTOR = 64
#: Of the half precisions, whose statistics and sums are kept in float32; more would hide what is to be seen.
HALF_FACTOR = 8


def relative(dtype, depth, factor=FACTOR):
    """Largest deviation, relative to the largest magnitude, that rounding explains.

    Args:
        dtype: name of the arithmetic's dtype, as "float32".
        depth: number of chained layers, at least 1.
        factor: room for other orders of summation; that of the half precisions is their own.
    """
    factor = HALF_FACTOR if dtype in ("float16", "bfloat16") else factor
    return factor * EPSILON[dtype] * math.sqrt(max(depth, 1))


def losses(dtype, depth):
    """Largest relative difference of the losses of `fit` and `evaluate` that rounding explains.

    Args:
        dtype: as of `relative`.
        depth: as of `relative`.
    """
    return LOSSES if dtype == "float32" else relative(dtype, depth)


def unmeasured(dtype, depth):
    """The same as `relative` for a model of a person's own, whose layers were never measured.

    Args:
        dtype: as of `relative`.
        depth: as of `relative`.
    """
    return relative(dtype, depth, UNMEASURED_FACTOR)


def clear(dtype, depth):
    """Smallest deviation, relative to the largest magnitude, that cannot be rounding: what a break must exceed.

    Args:
        dtype: as of `relative`.
        depth: as of `relative`.
    """
    return min(CLEAR * relative(dtype, depth), CLEARLY)
