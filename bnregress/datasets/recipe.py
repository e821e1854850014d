"""How fast and how long a fine-tune's head is trained: found on features that no release computes differently.

The float64 reference computes the features, and the head is trained on them in NumPy. So every release and path of a
run trains alike, and a release that computes features wrongly cannot choose the rate that hides it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.datasets.head import Features, Head, Labels
from bnregress.machine.atomic import replace_text
from bnregress.suite.finetune import sequential
from bnregress.suite.finetune.feeding import EPOCHS, VALIDATION

#: Images that a head is trained on first; more where these do not do.
TRAIN = 512
#: Highest number of images, those of validation included, that pass through the network while a head is trained.
EXAMPLES = 8000
#: Rate times curvature where the search begins: about where plain SGD on this head stops being stable.
STEP = 40.0
#: Rates that the search goes up and down at most, three to each power of ten, and how many in vain before it turns.
REACH, PATIENCE = 9, 2
#: Loss, in units of that of guessing, below which a head has learned something.
LEARNS = 0.9
#: Losses in these units that are as good as each other.
NEAR = 0.05
#: How far above chance a head must be, with a confidence, that the releases' own dropout makes no difference.
MARGIN, CONFIDENCE = 0.05, 0.9999
#: Goes into the names of cached entries; raise it when what is found changes.
VERSION = "1"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a run's heads are trained with.

    Attributes:
        learning_rate: of plain SGD.
        epochs: passes over the training images.
        train: how many images are trained on.
        found: which of these were found for the data and weights, in place of being asked for.
        curvature: largest eigenvalue of XᵀX/n of the features; None where no features were computed.
        accuracy: on held-out images, of the head in NumPy; None likewise.
    """

    learning_rate: float
    epochs: int
    train: int
    found: tuple[str, ...] = ()
    curvature: float | None = None
    accuracy: float | None = None

    def __str__(self) -> str:
        """As people read it."""
        return f"learning rate {self.learning_rate:g}, {self.epochs} epochs, {self.train} images"


def curvature(features: Features) -> float:
    """Largest eigenvalue of XᵀX/n, which sets the stable rate of SGD on a softmax head, up to a factor of its own."""
    gram = features @ features.T if len(features) < features.shape[1] else features.T @ features
    return float(np.linalg.eigvalsh(gram.astype(np.float64))[-1] / len(features))


def stable_rate(features: Features, labels: Labels, classes: int, epochs: int) -> float:
    """The rate, of 1, 2 and 5 times a power of ten, with which a head has learned the most after these epochs.

    What it has learned is told by the mean loss of the last epoch. The search begins where the curvature of the
    features says that SGD stops being stable, and goes up and down from there until it no longer helps.

    Raises:
        ValueError: no rate was found at which training does not run away, or the features are all zero, or not finite.
    """
    steepest = curvature(features) if np.isfinite(features).all() else math.nan
    if not (math.isfinite(steepest) and steepest > 0):
        raise ValueError("the features are all zero, or not finite")

    def loss(place: int) -> float:
        head = Head.untrained(features.shape[1], classes, _rate(place))
        random = np.random.Generator(np.random.PCG64(0))
        for _ in range(epochs):
            head.train(features, labels, random)
        return math.inf if head.diverged else head.loss

    start = math.floor(3 * math.log10(STEP / steepest))
    losses = {start: loss(start)}
    for way in (1, -1):
        in_vain = 0
        for place in range(start + way, start + way * (REACH + 1), way):
            best = min(losses.values())
            losses[place] = loss(place)
            in_vain = 0 if losses[place] < best else in_vain + 1
            if in_vain == PATIENCE and best < LEARNS:
                break
    place = min(losses, key=lambda each: losses[each])
    if math.isinf(losses[place]):
        raise ValueError(f"training diverges at every rate from {_rate(min(losses)):g} to {_rate(max(losses)):g}")
    # A little further from where training runs away, if little is lost by it.
    safer = losses.get(place - 1, math.inf) <= losses[place] + NEAR
    return _rate(place - 1 if safer else place)


def _rate(place: int) -> float:
    return float(f"{(1, 2, 5)[place % 3]}e{place // 3}")


def find(
    data: Mapping[str, NDArray[Any]],
    features_of: Callable[[NDArray[Any]], Features],
    learning_rate: float | None = None,
    epochs: int | None = None,
) -> Recipe:
    """Find what is not given.

    Args:
        data: `x_train y_train x_test y_test`, as prepared.
        features_of: what the network answers to images in inference mode, (n, channels).
        learning_rate: None to find one.
        epochs: None for as many as it takes.

    Raises:
        ValueError: no rate is stable.
    """
    found = tuple(name for name, given in (("learning rate", learning_rate), ("epochs", epochs)) if given is None)
    train = min(TRAIN, len(data["y_train"]))
    if learning_rate is not None and epochs is not None:
        return Recipe(learning_rate=learning_rate, epochs=epochs, train=train)
    classes = 1 + int(max(data["y_train"].max(), data["y_test"].max()))
    features = {
        split: features_of(data[f"x_{split}"][:count]) for split, count in (("train", train), ("test", VALIDATION))
    }
    rate = learning_rate or stable_rate(
        features["train"], data["y_train"][:train], classes, epochs or most_epochs(train)
    )
    most, steepest = epochs or most_epochs(train), curvature(features["train"])
    trained, accuracy, enough = _until_clear(data, features, classes, rate, epochs or EPOCHS, most)
    further = min(len(data["y_train"]), 2 * TRAIN)
    if not enough and further > train and len(data["y_test"]) >= VALIDATION:
        more = features_of(data["x_train"][train:further])
        features["train"], train = np.concatenate([features["train"], more]), further
        most = epochs or most_epochs(train)
        trained, accuracy, _ = _until_clear(data, features, classes, rate, most, most)
    return Recipe(learning_rate=rate, epochs=trained, train=train, found=found, curvature=steepest, accuracy=accuracy)


def most_epochs(train: int) -> int:
    """The most epochs that are taken unasked with so many images."""
    return max(EPOCHS, EXAMPLES // (train + VALIDATION))


def _until_clear(
    data: Mapping[str, NDArray[Any]], features: Mapping[str, Features], classes: int, rate: float, least: int, most: int
) -> tuple[int, float, bool]:
    """Train until the head is clearly above chance: epochs, accuracy, and whether it is."""
    seen, held_out = features["train"], features["test"]
    labels, wanted = data["y_train"][: len(seen)], data["y_test"][: len(held_out)]
    head, random = Head.untrained(seen.shape[1], classes, rate), np.random.Generator(np.random.PCG64(0))
    chance, accuracy, epoch, enough = float(np.bincount(wanted).max() / len(wanted)), 0.0, 0, False
    for epoch in range(1, most + 1):
        head.train(seen, labels, random)
        if epoch < least:
            continue
        right = 0 if head.diverged else int(np.sum(head.predict(held_out) == wanted))
        accuracy = right / len(wanted)
        enough = sequential.interval(right, len(wanted), CONFIDENCE)[0] > chance + MARGIN
        if enough or head.diverged:
            break
    return max(epoch, least), accuracy, enough


def cached(folder: Path, key: str, make: Callable[[], Recipe]) -> Recipe:
    """The recipe that was found for the same data, weights and wishes, or a new one, which is kept in the folder."""
    path = folder / f"recipe-{hashlib.sha256(f'{VERSION}/{key}'.encode()).hexdigest()[:16]}.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Recipe(**dict(told, found=tuple(told["found"])))
    except (OSError, ValueError, TypeError, KeyError):
        made = make()
        replace_text(path, json.dumps(asdict(made)))
        return made
