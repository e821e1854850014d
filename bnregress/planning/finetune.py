"""What a run asks of its fine-tunes, as a person said it and as a plan holds it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bnregress.datasets import imagenet, store
from bnregress.errors import UsageError, nearest
from bnregress.suite.registry import FINETUNE, PROPERTIES, SUITES

#: Highest probability of one false alarm or more among all fine-tuned cells of a run (Bonferroni).
FAMILY_ALPHA = 0.01
WEIGHTS = ("surrogate", "imagenet")


@dataclass(frozen=True, kw_only=True)
class Finetune:
    """The wishes behind `--data`, `--weights`, `--seeds` and `--learning-rate`.

    Attributes:
        data: `gratings10`, `cifar10`, `tfds:NAME` or a file `.npz`.
        weights: `surrogate`, `imagenet` or a file.
        seeds: how many fine-tunes a cell gets.
        learning_rate: of SGD; the report's was 0.1.
    """

    data: str = store.DEFAULT
    weights: str = WEIGHTS[0]
    seeds: int = 1
    learning_rate: float = 0.1

    @property
    def identity(self) -> dict[str, Any]:
        """All that bears on a verdict, contents of files in place of their paths: JSON values for a plan's hash.

        Raises:
            UsageError: data or weights are not to be had.
        """
        name, sha256 = self.weights_file
        self._imagenet_files()
        return {
            "data": store.check_name(self.data),
            "weights": name if sha256 is None else f"{name}@{sha256}",
            "seeds": self.seeds,
            "learning_rate": self.learning_rate,
        }

    @property
    def weights_file(self) -> tuple[str, str | None]:
        """Name of the weights, and the hash of their file; None if they are no file.

        Raises:
            UsageError: there is no such file.
        """
        if self.weights in WEIGHTS:
            return self.weights, None
        path = Path(self.weights)
        try:
            with path.open("rb") as stream:
                return path.name, hashlib.file_digest(stream, "sha256").hexdigest() if hasattr(
                    hashlib, "file_digest"
                ) else hashlib.sha256(stream.read()).hexdigest()
        except OSError as error:
            raise UsageError(
                f"The weights {self.weights} cannot be read: {error.strerror}.{nearest(self.weights, WEIGHTS)} Write"
                " surrogate, imagenet or a file of Keras weights (HDF5)."
            ) from error

    def request(self, prepared: store.Prepared, cells: int) -> dict[str, Any]:
        """Return what the suite is to do, as `bnregress.suite.finetune.request.Request` reads it.

        Args:
            prepared: the arrays.
            cells: how many cells of the whole run are fine-tuned, which share the rate of false alarms.
        """
        name, sha256 = self.weights_file
        return {
            "data": str(prepared.path),
            "data_sha256": prepared.sha256,
            "data_name": prepared.name,
            "weights": name if sha256 is None else str(Path(self.weights).absolute()),
            "weights_sha256": sha256,
            "weights_name": name,
            "imagenet_files": self._imagenet_files(),
            "seeds": list(range(self.seeds)),
            "alpha": FAMILY_ALPHA / max(1, cells),
            "learning_rate": self.learning_rate,
        }

    def _imagenet_files(self) -> dict[str, str]:
        # Nothing of their content bears on the plan's hash: they are Keras' own, or refused.
        return imagenet.local_files() if self.weights == "imagenet" else {}

    def to_json(self) -> dict[str, Any]:
        """JSON values; `from_json` gives an equal one."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finetune:
        """Read what `to_json` wrote; TypeError if it is something else."""
        return cls(**value)


def wanted(suite: str, given: Finetune) -> Finetune | None:
    """Return what a run of that suite fine-tunes with, None if it does not.

    Raises:
        UsageError: there is no such suite, or a wish cannot be met; said before any work is begun.
    """
    if suite not in SUITES:
        raise UsageError(f"{suite!r} is not a suite.{nearest(suite, SUITES)} Write {', '.join(SUITES)}.")
    if suite == PROPERTIES:
        if given != Finetune():
            raise UsageError(
                f"--data, --weights, --seeds and --learning-rate are for fine-tune runs. Add --suite {FINETUNE}."
            )
        return None
    if not (math.isfinite(given.learning_rate) and given.learning_rate > 0):
        raise UsageError(f"--learning-rate {given.learning_rate} is not a learning rate. Give a number above 0.")
    # Asking for it finds what is missing.
    _ = given.identity
    return given
