"""What a number of runs without, or with few, failures says of the rate."""

from __future__ import annotations

from math import comb


def upper_bound(failures: int, runs: int, confidence: float = 0.95) -> float:
    """Return the largest rate of failures that the runs do not speak against (Clopper & Pearson 1934, one-sided).

    With no failure it is about 3 / runs at 95 %.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        at_most = sum(comb(runs, k) * rate**k * (1 - rate) ** (runs - k) for k in range(failures + 1))
        low, high = (rate, high) if at_most > 1 - confidence else (low, rate)
    return high
