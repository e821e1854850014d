"""Reads a data set of tensorflow-datasets into arrays: `python -m bnregress.datasets.tfds_arrays NAME DIR OUT`.

Runs in the environment of the data alone. Ends with 0 and the file OUT, or
with 1 and the reason as the last line of stderr.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import numpy as np

#: Images read of each split: enough for any choice of 512 balanced ones, and never a whole large set in memory.
MOST = 5000
#: Classes that are read of a set with more of them, the first ones.
CLASSES = 16


#: Words of what urllib3 says again and again, for minutes, if there is no network.
NO_NETWORK = ("Failed to resolve", "Network is unreachable", "Failed to establish a new connection")


class NoImageClassificationError(Exception):
    """The data set is not one of images with one class each."""


def read(name: str, folder: str) -> dict[str, Any]:
    """Prepare the data set below `folder`, unless it is there, and return its arrays."""
    import tensorflow_datasets as tfds  # noqa: PLC0415 - the host reads this module without it

    if name == "gratings10":
        from bnregress.datasets.tfds_gratings10 import Gratings10  # noqa: PLC0415

        builder = Gratings10(data_dir=folder)
    else:
        builder = tfds.builder(name, data_dir=folder)
    supervised = builder.info.supervised_keys
    if not supervised or len(supervised) != 2:
        raise NoImageClassificationError("it has no labels for its images")
    images, labels = supervised
    if not isinstance(builder.info.features[images], tfds.features.Image) or not isinstance(
        builder.info.features[labels], tfds.features.ClassLabel
    ):
        raise NoImageClassificationError("it is not one of images with one class each")
    builder.download_and_prepare()
    few = builder.info.features[labels].num_classes <= CLASSES
    held_out = next((split for split in ("test", "validation") if split in builder.info.splits), None)
    splits = ("train", held_out) if held_out else ("train[:80%]", "train[80%:]")
    arrays: dict[str, Any] = {}
    for own, split in zip(("train", "test"), splits, strict=True):
        examples = builder.as_dataset(split=split, as_supervised=True)
        # Of many classes a head would see too little of each in so few images.
        wanted = examples if few else examples.filter(lambda _image, label: label < CLASSES)
        rows = list(wanted.take(MOST).as_numpy_iterator())
        arrays[f"x_{own}"] = np.stack([_fitting(image, rows[0][0].shape) for image, _ in rows])
        arrays[f"y_{own}"] = np.array([label for _, label in rows], dtype=np.int64)
    return arrays


def _fitting(image: Any, shape: tuple[int, ...]) -> Any:
    """Crop or pad nothing: images of different sizes are brought to the size of the first."""
    if image.shape == shape:
        return image
    from bnregress.datasets.arrays import resize_to  # noqa: PLC0415

    return resize_to(image, shape[0], shape[1])


def _give_up_without_network(record: logging.LogRecord) -> bool:
    if any(words in record.getMessage() for words in NO_NETWORK):
        raise ConnectionError("there is no network to download it from")
    return True


def main(arguments: list[str]) -> int:
    """Write the arrays of one data set."""
    name, folder, out = arguments
    logging.getLogger("urllib3.connectionpool").addFilter(_give_up_without_network)
    try:
        arrays = read(name, folder)
    except Exception as error:  # noqa: BLE001 - tensorflow-datasets raises of every kind, and the host explains
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    np.savez(out, **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
