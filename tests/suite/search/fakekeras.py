"""A BatchNormalization in NumPy with the face of Keras', sound or broken in one way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

Array = Any


class Tensor:
    """What a layer answers, or a variable of it."""

    def __init__(self, value: Array) -> None:
        self.value = np.asarray(value, dtype=np.float32)

    def numpy(self) -> Array:
        return self.value

    def assign(self, value: Array) -> None:
        self.value = np.array(value, dtype=np.float32)


class BatchNormalization:
    """Sound unless `fault` names what is broken."""

    fault = ""

    def __init__(self, axis: int, momentum: float, epsilon: float, scale: bool, center: bool) -> None:
        self.axis, self.momentum, self.epsilon = axis, momentum, epsilon
        self.scale, self.center, self.trainable = scale, center, True
        self.built = False

    def __call__(self, x: Array, training: bool) -> Tensor:
        axis = self.axis % x.ndim
        others = tuple(place for place in range(x.ndim) if place != axis)
        if not self.built:
            ones, zeros = np.ones(x.shape[axis]), np.zeros(x.shape[axis])
            self.gamma = Tensor(ones) if self.scale else None
            self.beta = Tensor(zeros) if self.center else None
            self.moving_mean, self.moving_variance = Tensor(zeros), Tensor(ones)
            self.built = True
        mean, variance = self.moving_mean.value, self.moving_variance.value
        batch = x.mean(others, dtype=np.float64), x.var(others, dtype=np.float64)
        follows = training and (self.trainable or self.fault == "v1" or (self.fault == "alone" and len(x) == 1))
        if follows or (self.fault == "pair" and training and len(x) == 2):
            mean, variance = batch
        if training and (self.trainable or self.fault == "drift"):
            keep = 1 - self.momentum if self.fault == "momentum" and self.trainable else self.momentum
            self.moving_mean.assign(self.moving_mean.value * keep + batch[0] * (1 - keep))
            self.moving_variance.assign(self.moving_variance.value * keep + batch[1] * (1 - keep))
        along = [x.shape[axis] if place == axis else 1 for place in range(x.ndim)]
        wide = [np.reshape(np.float64(value), along) for value in (mean, variance)]
        root = np.sqrt(wide[1]) + self.epsilon if self.fault == "epsilon" else np.sqrt(wide[1] + self.epsilon)
        found = (np.float64(x) - wide[0]) / root
        if self.gamma is not None:
            found = found * self.gamma.value.reshape(along)
        if self.beta is not None and not (self.fault == "beta" and training):
            found = found + self.beta.value.reshape(along)
        if self.fault == "order" and len(x) > 1:
            found[0] = found[-1]
        if self.fault == "leak":
            found = found + 0.01 * x.max()
        return Tensor(found)

    @property
    def weights(self) -> list[Tensor]:
        every = [self.gamma, self.beta, self.moving_mean, self.moving_variance]
        return [variable for variable in every if variable is not None]


def tensorflow(fault: str = "") -> Any:
    """A `tensorflow` module whose BatchNormalization has a fault, or none."""
    layer = type("BatchNormalization", (BatchNormalization,), {"fault": fault})
    return SimpleNamespace(keras=SimpleNamespace(layers=SimpleNamespace(BatchNormalization=layer)))
