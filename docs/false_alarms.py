"""How often a good network fails the test `abs(training accuracy - test accuracy) <= 0.05`: the table of accuracy.md.

Both accuracies are shares of `n` images that are classified right with the
same probability 0.9; nothing is broken. Run with `python docs/false_alarms.py`.
"""

from __future__ import annotations

import numpy as np

from bnregress.suite.finetune import sequential

ACCURACY, TOLERANCE, RUNS = 0.9, 0.05, 100_000
SIZES = (32, 64, 128, 256, 1024)
#: Of a run of 200 cells, half of it for this test.
ALPHA, BETA = 2.5e-5, 1e-3


def unpaired(images: int, random: np.random.Generator) -> float:
    """Share of runs in which a difference above the tolerance comes by chance."""
    training, test = random.binomial(images, ACCURACY, (2, RUNS)) / images
    # Half a count of room: shares such as 0.95 - 0.90 are not exact.
    return float(np.mean(np.abs(training - test) > TOLERANCE + 0.5 / images / 1000))


def paired(rate: float, random: np.random.Generator, runs: int = 4000) -> tuple[float, float]:
    """Share of runs that the sequential test calls broken, and the mean number of pairs that it takes."""
    found = [sequential.decide(random.random(1000) < rate, ALPHA, BETA) for _ in range(runs)]
    broken = sum(each.outcome == sequential.BROKEN for each in found) / runs
    return broken, float(np.mean([each.pairs for each in found]))


def main() -> None:
    """Print both tables."""
    random = np.random.default_rng(0)
    print("unpaired, nothing broken: images, false alarms")
    for images in SIZES:
        print(f"  {images:5}  {unpaired(images, random):.0%}")
    print("paired and sequential: share of pairs that differ, called broken, pairs needed")
    for rate in (0.0, 0.001, 0.005, 0.2, 0.5, 0.9):
        broken, pairs = paired(rate, random)
        print(f"  {rate:5}  {broken:.2%}  {pairs:.1f}")


if __name__ == "__main__":
    main()
