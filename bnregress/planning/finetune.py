"""What a run asks of its fine-tunes, as a person said it and as a plan holds it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bnregress.errors import UsageError, nearest
from bnregress.suite.registry import FINETUNE, PROPERTIES, SUITES

if TYPE_CHECKING:
    from bnregress.datasets.recipe import Recipe
    from bnregress.datasets.store import Prepared

#: Generated, in every environment alike.
DEFAULT_DATA = "gratings10"
#: Highest probability of one false alarm or more among all fine-tuned cells of a run (Bonferroni).
FAMILY_ALPHA = 0.01
WEIGHTS = ("surrogate", "imagenet")
#: What is found for the data and the weights, in place of being asked for.
AUTO = "auto"
#: Of what a person may ask for: hours for each cell.
MOST_EPOCHS = 1000


@dataclass(frozen=True, kw_only=True)
class Finetune:
    """The wishes behind `--data`, `--weights`, `--seeds`, `--learning-rate` and `--epochs`.

    What reads data and weights is imported where it is used: the command line declares its options from this class, and
    answers without NumPy and h5py.

    Attributes:
        data: `gratings10`, `cifar10`, `tfds:NAME`, a file `.npz` or a folder of images by class.
        weights: `surrogate`, `imagenet` or a file.
        seeds: how many fine-tunes a cell gets.
        learning_rate: of SGD; the report's was 0.1. None finds one that fits the data.
        epochs: passes over the training images; None takes as many as it needs.
    """

    data: str = DEFAULT_DATA
    weights: str = WEIGHTS[0]
    seeds: int = 1
    learning_rate: float | None = None
    epochs: int | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """All that bears on a verdict, contents of files in place of their paths: JSON values for a plan's hash.

        Raises:
            UsageError: data or weights are not to be had.
        """
        from bnregress.datasets import store  # noqa: PLC0415

        name, sha256 = self.weights_file
        self._imagenet_files()
        return {
            "data": store.check_name(self.data),
            "weights": name if sha256 is None else f"{name}@{sha256}",
            "seeds": self.seeds,
            "learning_rate": self.learning_rate or AUTO,
            "epochs": self.epochs or AUTO,
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
                " surrogate, imagenet or a file of Keras weights (.h5 or .keras)."
            ) from error

    def request(self, prepared: Prepared, cells: int, recipe: Recipe) -> dict[str, Any]:
        """Return what the suite is to do, as `bnregress.suite.finetune.config.Request` reads it.

        Args:
            prepared: the arrays.
            cells: how many cells of the whole run are fine-tuned, which share the rate of false alarms.
            recipe: what the heads are trained with.

        Raises:
            UsageError: the weights cannot be read.
        """
        from bnregress.datasets import weightfiles  # noqa: PLC0415

        name, sha256 = self.weights_file
        stored = None if sha256 is None else weightfiles.store(Path(self.weights), sha256, prepared.path.parent)
        return {
            "data": str(prepared.path),
            "data_sha256": prepared.sha256,
            "data_name": prepared.name,
            "notes": list(prepared.notes),
            "weights": name if stored is None else str(stored),
            "weights_sha256": sha256,
            "arrays_sha256": None if stored is None else hashlib.sha256(stored.read_bytes()).hexdigest(),
            "weights_name": name,
            "imagenet_files": self._imagenet_files(),
            "seeds": list(range(self.seeds)),
            "alpha": FAMILY_ALPHA / max(1, cells),
            "learning_rate": recipe.learning_rate,
            "epochs": recipe.epochs,
            "train": recipe.train,
            "found": list(recipe.found),
            "curvature": recipe.curvature,
        }

    def recipe(self, prepared: Prepared, *, offline: bool, say: Callable[[str], None]) -> Recipe:
        """Return what the heads of a run are trained with, found once for the same data and weights.

        Args:
            prepared: the arrays.
            offline: nothing may be downloaded.
            say: told what takes long, and what was found.

        Raises:
            UsageError: no rate can be found for these data and weights, or the weights cannot be read.
            FatalError: ImageNet's weights cannot be had.
        """
        from bnregress.datasets import run_recipe  # noqa: PLC0415

        name, sha256 = self.weights_file
        source = run_recipe.Source(name=name, file=Path(self.weights) if sha256 else None, sha256=sha256)
        return run_recipe.find(prepared, source, self.learning_rate, self.epochs, offline=offline, say=say)

    def _imagenet_files(self) -> dict[str, str]:
        from bnregress.datasets import imagenet  # noqa: PLC0415

        # Nothing of their content bears on the plan's hash: they are Keras' own, or refused.
        return imagenet.local_files() if self.weights == "imagenet" else {}


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
                "--data, --weights, --seeds, --learning-rate and --epochs are for fine-tune runs. Add"
                f" --suite {FINETUNE}."
            )
        return None
    rate = given.learning_rate
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise UsageError(f"--learning-rate {rate} is not a learning rate. Give a number above 0, or auto.")
    if given.epochs is not None and not 0 < given.epochs <= MOST_EPOCHS:
        raise UsageError(f"--epochs {given.epochs} is not a number of epochs from 1 to {MOST_EPOCHS}.")
    # Asking for it finds what is missing.
    _ = given.identity
    return given
