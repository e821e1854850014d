"""Seeded numbers that are the same bit for bit on every machine and NumPy release.

NumPy promises the raw stream of its bit generators for good, not what its
distributions make of it (NEP 19), so the draws here are made from raw bits
with exactly rounded operations only.
"""

import zlib

import numpy as np


def uniform(name, shape):
    """Draw from the interval [-1, 1), seeded by a name.

    Args:
        name: any text; the same name and shape give the same numbers.
        shape: tuple of int.

    Returns:
        float32 array of the shape; each value is a multiple of 2**-23, so that
        float32 holds it exactly.
    """
    size = int(np.prod(shape, dtype=np.int64))
    raw = np.random.PCG64(zlib.crc32(name.encode())).random_raw((size + 1) // 2)
    halves = np.ascontiguousarray(raw, dtype="<u8").view("<u4")[:size]
    # In place: ResNet50 is 24 million numbers.
    halves >>= np.uint32(8)
    centred = halves.view("<i4")
    centred -= np.int32(1 << 23)
    drawn = centred.astype(np.float32)
    drawn *= np.float32(2.0**-23)
    return drawn.reshape(shape)
