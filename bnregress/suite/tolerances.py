"""Tolerances, all of them: from the arithmetic's precision and the depth of the network.

Rounding errors of n chained layers add like a random walk, so a deviation of
the outputs, relative to their scale, stays near eps * sqrt(n). The factor 64
leaves room for other orders of summation in fused kernels.

Measured on 2026-11-24 on one CPU, over the 173 sound ResNet50 cells of 26
releases, each decided once: the features are at most 1.9e-6 of their scale
away from the float64 reference, where 1.0e-4 is allowed, a BatchNorm alone at
most 2.2e-7, where 7.6e-6 is. The breaks that were found are 0.98 away.

On a GPU the same tolerances hold, because the suite computes there with whole
float32: TF32, which TensorFlow 2.4 and newer take on compute capability 8.0 and
newer, would round each factor of a product to 11 bits (2**-11, against 2**-24),
and is turned off (`bnregress.suite.gpu.set_up`). Mixed precision has the half
precisions' own spacing below on every device. Measured on an H200, 2.21.0, 85 sound cells: at most 2.4e-6 where
1.0e-4 is allowed, and 7.2e-4 where 7.8e-3 is in mixed precision.
"""

import math

#: Spacing of numbers next to 1, as relative rounding unit.
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}

#: Between the two modes of a frozen network that are computed alike, both eager or both compiled: bit-equal in 300
#: sound cells on the CPU and in 85 on an H200, mixed precision included, and in 348 cells that are frozen by the call.
BETWEEN_MODES = 0.0
#: Of losses, answers and moving statistics of the small network in `fit`, `evaluate` and `predict`, relative. The
#: largest in 25 releases on the CPU on 2026-11-28 was 1.13e-6, in 2.8.4 (`largest` in the evidence of `training`).
TRAINED = 2e-5
#: Un-frozen, the modes differ by about the output's own scale; rounding explains 10**-4 of that at most.
CLEAR = 100
#: And this is clear in any precision.
CLEARLY = 0.25

FACTOR = 64
#: Of the half precisions, whose statistics and sums are kept in float32; 64 would hide what is to be seen.
HALF_FACTOR = 8


def relative(dtype, depth):
    """Largest deviation, relative to the largest magnitude, that rounding explains.

    Args:
        dtype: name of the arithmetic's dtype, as "float32".
        depth: number of chained layers, at least 1.
    """
    factor = HALF_FACTOR if dtype in ("float16", "bfloat16") else FACTOR
    return factor * EPSILON[dtype] * math.sqrt(max(depth, 1))


def clear(dtype, depth):
    """Smallest deviation, relative to the largest magnitude, that cannot be rounding: what a break must exceed.

    Args:
        dtype: as of `relative`.
        depth: as of `relative`.
    """
    return min(CLEAR * relative(dtype, depth), CLEARLY)
