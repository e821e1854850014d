"""The head of a fine-tune in NumPy: the suite's own recipe, on features that no release computes differently."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.suite.finetune.feeding import BATCH
from bnregress.suite.finetune.head_training import DROPOUT, HIDDEN, initial_weights

Features = NDArray[np.floating[Any]]
Labels = NDArray[np.int64]


@dataclass
class Head:
    """Dense 256 relu, dropout, Dense softmax, trained by plain SGD on categorical cross-entropy.

    Attributes:
        weights: kernel and bias of the hidden layer, then of the last one: float32.
        loss: mean of the last epoch, in units of the loss of guessing.
        diverged: whether its weights are numbers no more.
    """

    weights: list[Any]
    rate: float
    loss: float = 1.0
    diverged: bool = False

    @classmethod
    def untrained(cls, channels: int, classes: int, rate: float, seed: int = 0) -> Head:
        """The head as the suite begins with it: `channels` features, `classes` answers."""
        shapes = [(channels, HIDDEN), (HIDDEN,), (HIDDEN, classes), (classes,)]
        return cls(weights=[each.copy() for each in initial_weights(shapes, seed)], rate=rate)

    def train(self, features: Features, labels: Labels, random: np.random.Generator) -> None:
        """Train for one epoch, batch after batch in the order given; nothing where it has diverged."""
        classes = len(self.weights[3])
        total = 0.0
        for start in range(0, len(labels), BATCH):
            if self.diverged:
                return
            seen, wanted = features[start : start + BATCH], labels[start : start + BATCH]
            with np.errstate(over="ignore", invalid="ignore"):
                total += self._step(seen, wanted, random)
            self.diverged = not (math.isfinite(total) and all(np.isfinite(each).all() for each in self.weights))
        self.loss = total / len(labels) / math.log(classes)

    def _step(self, seen: Features, wanted: Labels, random: np.random.Generator) -> float:
        hidden_kernel, hidden_bias, kernel, bias = self.weights
        before = seen @ hidden_kernel + hidden_bias
        kept = (random.random(before.shape, np.float32) >= DROPOUT) / np.float32(1 - DROPOUT)
        hidden = np.maximum(before, 0) * kept
        logits = hidden @ kernel + bias
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(axis=1, keepdims=True)
        rows = np.arange(len(wanted))
        loss = float(-np.log(np.maximum(shares[rows, wanted], 1e-7)).sum())
        shares[rows, wanted] -= 1
        upper = shares / np.float32(len(wanted))
        lower = (upper @ kernel.T) * kept * (before > 0)
        gradients = (seen.T @ lower, lower.sum(0), hidden.T @ upper, upper.sum(0))
        for place, gradient in enumerate(gradients):
            self.weights[place] -= np.float32(self.rate) * gradient
        return loss

    def predict(self, features: Features) -> Labels:
        """Classes that the head names, dropout off: int array (n,)."""
        hidden_kernel, hidden_bias, kernel, bias = self.weights
        named: Labels = np.argmax(np.maximum(features @ hidden_kernel + hidden_bias, 0) @ kernel + bias, axis=1)
        return named
