"""Tolerances, all of them: from the arithmetic's precision and the depth of the network.

Rounding errors of n chained layers add like a random walk, so a deviation of
the outputs, relative to their scale, stays near eps * sqrt(n). The factor 64
leaves room for other orders of summation in fused kernels. Measured on CPU,
every sound release gives exactly 0.0, and the breaks are 10**5 times the
tolerance or more.
"""

import math

#: Spacing of numbers next to 1, as relative rounding unit.
EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}

FACTOR = 64


def relative(dtype, depth):
    """Largest deviation, relative to the largest magnitude, that rounding explains.

    Args:
        dtype: name of the arithmetic's dtype, as "float32".
        depth: number of chained layers, at least 1.
    """
    return FACTOR * EPSILON[dtype] * math.sqrt(max(depth, 1))
