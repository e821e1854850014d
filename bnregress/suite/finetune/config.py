"""What a fine-tune run is to do: data, weights, seeds and the rate of false alarms."""

from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple


@dataclass(frozen=True)
class Request:
    """One run's wishes, the same for each of its cells.

    Attributes:
        data: file of the arrays `x_train y_train x_test y_test`, as the host prepared it.
        data_sha256: hash of that file, which the suite checks.
        data_name: as the person requested it, for the record.
        weights: `surrogate`, `imagenet` or a file of arrays by layer, which the host made of a person's weights.
        weights_sha256: hash of the person's own file, for the record; None for the others.
        arrays_sha256: hash of the file of arrays, which the suite checks; None for the others.
        weights_name: as the person requested it, for the record.
        imagenet_files: Keras' own files of ImageNet weights by application, those that need no download.
        seeds: a fine-tune each.
        alpha: highest probability of a false alarm on this cell; the run's, shared out over its cells.
        learning_rate: of plain SGD.
        epochs: passes over the training images.
        train: how many of the training images are trained on.
        found: which of these the host found for the data and weights, in place of being asked for.
        curvature: of the features that they were found on, largest eigenvalue of XᵀX/n; None if they were given.
        notes: what a person should know of how the data were read.
    """

    data: str
    data_sha256: str
    data_name: str = "gratings10"
    weights: str = "surrogate"
    weights_sha256: Optional[str] = None
    arrays_sha256: Optional[str] = None
    weights_name: str = "surrogate"
    imagenet_files: Mapping[str, str] = field(default_factory=dict)
    seeds: Tuple[int, ...] = (0,)
    alpha: float = 5e-5
    learning_rate: float = 0.1
    epochs: int = 5
    train: int = 512
    found: Tuple[str, ...] = ()
    curvature: Optional[float] = None
    notes: Tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value):
        """Read what the host wrote.

        Raises:
            TypeError: it is something else.
        """
        lists = {name: tuple(value[name]) for name in ("seeds", "found", "notes") if name in value}
        return cls(**dict(value, **lists))
