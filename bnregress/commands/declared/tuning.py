"""Options that several commands share: what a fine-tune is made of."""

from __future__ import annotations

from dataclasses import dataclass

from bnregress.commands.configuration.kinds import AmountOr, Count, Text
from bnregress.commands.configuration.option import Arguments, Group, option
from bnregress.planning.finetune import AUTO as FOUND
from bnregress.planning.finetune import Finetune

TUNED = Group("fine-tune runs", "with --suite finetune or all")


@dataclass(frozen=True, kw_only=True)
class Tuning(Arguments):
    """What a fine-tune is made of."""

    group = TUNED

    data: str = option(
        Text(),
        metavar="D",
        help="images of fine-tune runs: gratings10 (generated), cifar10, tfds:NAME, FILE.npz with x_train y_train"
        " x_test y_test, or a folder with a folder of images for each class",
        default=Finetune.data,
        configured=True,
    )
    weights: str = option(
        Text(),
        metavar="W",
        help="weights of fine-tune runs: surrogate, imagenet (a download), or a FILE of Keras weights (.h5 or .keras)",
        default=Finetune.weights,
        configured=True,
    )
    seeds: int = option(
        Count(),
        metavar="N",
        help="fine-tunes of each cell, judged together",
        default=Finetune.seeds,
        configured=True,
    )
    learning_rate: float | None = option(
        AmountOr(FOUND),
        metavar="RATE",
        help="learning rate of plain SGD in fine-tune runs; 0.1 is the original report's",
        default=Finetune.learning_rate,
        otherwise="auto, which finds one that fits the data and the weights",
        configured=True,
    )
    epochs: int | None = option(
        Count(),
        metavar="N",
        help="epochs of fine-tune runs",
        default=Finetune.epochs,
        otherwise="from 5 on as many as a head needs to be clearly above chance, up to 8,000 images in all",
        configured=True,
    )

    @property
    def finetune(self) -> Finetune:
        """All of them together."""
        return Finetune(
            data=self.data,
            weights=self.weights,
            seeds=self.seeds,
            learning_rate=self.learning_rate,
            epochs=self.epochs,
        )
