"""The recipe of a run: from its data and weights, through the float64 reference, kept in the cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.datasets import imagenet, recipe, weightfiles
from bnregress.datasets.head import Features
from bnregress.datasets.numpy_networks import Reference, Weights
from bnregress.datasets.recipe import Recipe
from bnregress.datasets.store import Prepared
from bnregress.errors import UsageError
from bnregress.suite import surrogate
from bnregress.suite.finetune.preprocessing import scaling

#: Images that pass through the reference together; it keeps all that a convolution sees of them in memory.
BATCH = 64


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where weights come from: `surrogate`, `imagenet`, or a file with its SHA-256."""

    name: str
    file: Path | None = None
    sha256: str | None = None


def find(
    prepared: Prepared,
    source: Source,
    learning_rate: float | None,
    epochs: int | None,
    *,
    offline: bool,
    say: Callable[[str], None],
) -> Recipe:
    """Find what is not given; cached by the content of data and weights.

    Raises:
        UsageError: no rate fits, or the weights are not ResNet50's.
        FatalError: the weights cannot be had.
    """
    advice = "Give both --learning-rate and --epochs, and nothing needs to be found."

    def make() -> Recipe:
        if learning_rate is None or epochs is None:
            say(f"finding how to train on {prepared.name.partition('@')[0]} (seconds, once)")
        with np.load(prepared.path) as stored:
            data = {name: stored[name] for name in stored.files}
        try:
            return recipe.find(data, features(source, offline=offline, advice=advice), learning_rate, epochs)
        except ValueError as error:
            raise UsageError(f"No learning rate was found for {prepared.name}: {error}. {advice}") from error

    key = f"{prepared.sha256}/{source.sha256 or source.name}/{learning_rate}/{epochs}"
    found = recipe.cached(prepared.path.parent, key, make)
    if found.found:
        say(f"heads are trained with {found}")
    return found


def features(source: Source, *, offline: bool, advice: str) -> Callable[[NDArray[Any]], Features]:
    """What the float64 ResNet50 with these weights answers to images of [0, 255], in inference mode: a function."""
    network: list[Reference] = []

    def answer(images: NDArray[Any]) -> Features:
        if not network:
            network.append(Reference(weights=_weights(source, offline=offline, advice=advice)))
        scaled = scaling(source.name if source.file is None else str(source.file), normalised=True)(
            images.astype(np.float32)
        )
        parts = [network[0](scaled[start : start + BATCH]) for start in range(0, len(scaled), BATCH)]
        return np.concatenate(parts).astype(np.float32)

    return answer


def _weights(source: Source, *, offline: bool, advice: str) -> Weights:
    if source.name == "surrogate" and source.file is None:
        return surrogate.layer_weights
    path = source.file or imagenet.resnet50_file(offline=offline)
    layers = weightfiles.read(path)

    def of(name: str, shapes: list[tuple[int, ...]]) -> list[NDArray[Any]]:
        there = layers.get(name, [])
        if [value.shape for value in there] != shapes:
            has = f"has {[value.shape for value in there]} in place of {shapes}" if there else "is not in it"
            raise UsageError(
                f"{path} does not hold the weights of ResNet50 as Keras names its layers: {name} {has}. For another"
                f" network how to train cannot be found: {advice[0].lower()}{advice[1:]}"
            )
        return there

    return of
