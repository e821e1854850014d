"""The arrays that the host prepared, the same for every release."""

import hashlib
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

NAMES = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Data:
    """Images to train on and images held out.

    Attributes:
        x_train: float32 array (n, height, width, 3), scaled as `inputs` scales.
        y_train: int64 array (n,), classes from 0 on.
        x_test: float32 array (m, height, width, 3).
        y_test: int64 array (m,).
        classes: how many classes there are.
    """

    x_train: Any
    y_train: Any
    x_test: Any
    y_test: Any
    classes: int

    def chance(self, count=None):
        """Accuracy of always naming the class that is commonest among the first held-out images."""
        labels = self.y_test[:count]
        return float(np.max(np.bincount(labels, minlength=self.classes)) / len(labels))

    def first(self, train, held_out):
        """The first images of both."""
        few = {name: getattr(self, name)[: train if name.endswith("train") else held_out] for name in NAMES}
        return Data(classes=self.classes, **few)

    def one_hot(self, labels):
        """float32 array (n, classes)."""
        return np.eye(self.classes, dtype=np.float32)[labels]


def load(request, scale):
    """Read the arrays and scale the images.

    Args:
        request: `bnregress.suite.finetune.config.Request`.
        scale: takes and returns float32 images.

    Raises:
        ValueError: the file is not the one that the host prepared.
        OSError: it cannot be read.
    """
    with open(request.data, "rb") as stream:
        found = hashlib.sha256(stream.read()).hexdigest()
    if found != request.data_sha256:
        raise ValueError(
            "{} has changed since the run was planned: its SHA-256 is {}, not {}. Start the run again".format(
                os.path.basename(request.data), found[:12], request.data_sha256[:12]
            )
        )
    with np.load(request.data) as stored:
        arrays = {name: stored[name] for name in NAMES}
    labels = {name: arrays[name].astype(np.int64) for name in ("y_train", "y_test")}
    images = {name: scale(arrays[name].astype(np.float32)) for name in ("x_train", "x_test")}
    return Data(classes=int(max(labels["y_train"].max(), labels["y_test"].max())) + 1, **images, **labels)
