"""Images in folders by class, as for `image_dataset_from_directory`: DIR/CLASS/IMAGE, or DIR/SPLIT/CLASS/IMAGE."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bnregress.datasets import arrays
from bnregress.errors import UsageError

#: What `image_dataset_from_directory` reads, and WebP.
ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
TRAINING = ("train", "training")
HELD_OUT = ("test", "val", "valid", "validation")
LAYOUT = (
    "A folder of images has one folder for each class in it, DIR/CLASS/IMAGE, or DIR/train/CLASS and DIR/test/CLASS."
)
#: Where there is one folder for all, the share of its images that are held out.
SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Images of one split: files, and the class of each."""

    files: tuple[Path, ...]
    labels: NDArray[np.int64]

    def at(self, places: NDArray[Any]) -> Listed:
        """Those at the places, in that order."""
        return Listed(files=tuple(self.files[place] for place in places), labels=self.labels[places])


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The images that are read, by split (`train`, `test`), and what a person should know of how they were chosen."""

    splits: Mapping[str, Listed]
    notes: tuple[str, ...]


def listing(folder: Path) -> Folder:
    """Choose the images to read, as many of each class as there are.

    Raises:
        UsageError: it is not laid out like that; the message says how it should be.
    """
    classes = _folders(folder)
    train, test = _named(classes, TRAINING), _named(classes, HELD_OUT)
    if train and test and not set(classes) - {*TRAINING, *HELD_OUT}:
        names = sorted(_folders(train))
        unknown = sorted(set(_folders(test)) - set(names))
        if unknown:
            raise UsageError(f"{test} has the class {unknown[0]}, which {train} lacks. Remove it, or add it there.")
        splits, notes = {"train": _images(train, names), "test": _images(test, names)}, []
    else:
        splits = _divided(_images(folder, sorted(classes)))
        notes = [f"{len(splits['test'].files)} of the images are held out, a share of each class"]
    kept = arrays.commonest(splits["train"].labels, notes)
    most = {"train": arrays.TRAIN, "test": arrays.HELD_OUT}
    chosen = {split: own.at(arrays.chosen(own.labels, kept, most[split])) for split, own in splits.items()}
    return Folder(splits=chosen, notes=tuple(notes))


def fingerprint(splits: Mapping[str, Listed]) -> str:
    """SHA-256 over the chosen files' contents, in order, with split and class of each."""
    digest = hashlib.sha256()
    for split, listed in splits.items():
        for file, label in zip(listed.files, listed.labels, strict=True):
            digest.update(f"{split}/{label}/".encode())
            digest.update(hashlib.sha256(_content(file)).digest())
    return digest.hexdigest()


def read(splits: Mapping[str, Listed], size: int = arrays.SIZE) -> dict[str, NDArray[Any]]:
    """Return `x_train y_train x_test y_test`, each image in RGB and resized to size x size.

    Raises:
        UsageError: a file is not an image; the message names it.
    """
    made: dict[str, NDArray[Any]] = {}
    for split, listed in splits.items():
        made[f"x_{split}"] = np.stack([arrays.resize(_open(file)[np.newaxis], size)[0] for file in listed.files])
        made[f"y_{split}"] = listed.labels
    return made


def _open(file: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(file) as image:
            if image.mode.startswith("I"):
                # 16 bits of grey: what PIL makes of them in RGB is clipped, not scaled.
                grey = np.asarray(image, np.float64) / 257
                return np.repeat(np.rint(np.clip(grey, 0, 255)).astype(np.uint8)[..., np.newaxis], 3, axis=2)
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UsageError(f"{file} is not an image that can be read: {error}. Remove it, or save it again.") from error


def _folders(folder: Path) -> dict[str, Path]:
    try:
        return {each.name: each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")}
    except OSError as error:
        raise UsageError(f"The data {folder} cannot be read: {error.strerror}. Give the path of a folder.") from error


def _named(folders: Mapping[str, Path], names: Sequence[str]) -> Path | None:
    return next((folders[name] for name in names if name in folders), None)


def _images(folder: Path, names: Sequence[str]) -> Listed:
    files, labels = [], []
    for label, name in enumerate(names):
        for file in sorted((folder / name).rglob("*")):
            if file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file():
                files.append(file)
                labels.append(label)
    if not files:
        raise UsageError(f"{folder} has no images in folders by class ({', '.join(ENDINGS)}). {LAYOUT}")
    return Listed(files=tuple(files), labels=np.array(labels, np.int64))


def _divided(listed: Listed) -> dict[str, Listed]:
    """Hold out a share of each class, but never all of it."""
    count = len(listed.files)
    if count < 2 * arrays.FEWEST:
        raise UsageError(
            f"There are {count} images, and {2 * arrays.FEWEST} are needed: half to train on, half held out. Give more."
        )
    share, held_out = max(SHARE, arrays.FEWEST / count), np.zeros(count, bool)
    for each in np.unique(listed.labels):
        places = _mixed(np.flatnonzero(listed.labels == each))
        held_out[places[: min(len(places) - 1, math.ceil(share * len(places)))]] = True
    return {"train": listed.at(np.flatnonzero(~held_out)), "test": listed.at(np.flatnonzero(held_out))}


def _mixed(places: NDArray[Any]) -> NDArray[Any]:
    """In another order: files that follow each other are often of one series."""
    return np.random.Generator(np.random.PCG64(0)).permutation(places)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The image {file} cannot be read: {error.strerror}. Remove it, or make it readable."
        ) from error
