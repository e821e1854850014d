"""From anybody's image arrays to those that every release is given: checked, chosen, resized, in RGB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnregress.datasets import pixel_range
from bnregress.errors import UsageError

NAMES = ("x_train", "y_train", "x_test", "y_test")
#: How many images a fine-tune may train on and hold out; more cost time and decide nothing better.
TRAIN, HELD_OUT = 1024, 512
#: Below this a head cannot be judged: one batch to train on, and the pairs that settle a sound cell.
FEWEST = 64
#: Classes of a fine-tune, so that a head sees enough of each; of more, those with the most images are taken.
CLASSES = 16
#: More labels than any set of images has that a head is trained on: they are something else.
MOST_CLASSES = 1000
#: Share of the held-out images from which on one class counts as common.
COMMON = 0.5
SIZE = 32

Images = NDArray[Any]
Labels = NDArray[np.int64]


def prepare(
    arrays: Mapping[str, NDArray[Any]], name: str, size: int = SIZE
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Make a fine-tune's arrays.

    Args:
        arrays: `x_train y_train x_test y_test`: images (n, height, width), (n, height, width, 1, 3 or 4), as whole
            numbers of 0 to 255 or floats of [0, 1], [-1, 1] or [0, 255], all of one range; labels as whole numbers (n,)
            or (n, 1), or one-hot (n, classes).
        name: of the data, for messages.
        size: height and width that images are resized to.

    Returns:
        the arrays, and what a person should know of how they were read, a sentence each. Of the arrays at most 1024 and
        512 images of 16 classes, float32 (n, size, size, 3) in [0, 255] or uint8 if they were so and fit, and labels
        int64 (n,) from 0 on, classes in equal number as far as they go.

    Raises:
        UsageError: something is missing or cannot be used; the message names the array.
    """
    missing = [each for each in NAMES if each not in arrays]
    if missing:
        raise UsageError(
            f"{name} has no {', '.join(missing)}. It needs x_train, y_train, x_test and y_test; it has"
            f" {', '.join(sorted(arrays)) or 'nothing'}."
        )
    notes: list[str] = []
    labels = {split: _labels(arrays[f"y_{split}"], f"{name}: y_{split}") for split in ("train", "test")}
    for split, own in labels.items():
        given = arrays[f"x_{split}"]
        _check_images(given, f"{name}: x_{split}")
        if len(given) != len(own):
            raise UsageError(f"{name}: x_{split} has {len(given)} images, y_{split} {len(own)} labels.")
    classes = _classes(labels, name, notes)
    taken = {split: chosen(labels[split], classes, most) for split, most in (("train", TRAIN), ("test", HELD_OUT))}
    for split, places in taken.items():
        if len(places) < FEWEST:
            raise UsageError(
                f"{name}: x_{split} has {len(places)} images, but at least {FEWEST} are needed. Give more."
            )
    pixels = pixel_range.pixels(
        {split: np.asarray(arrays[f"x_{split}"])[own] for split, own in taken.items()}, name, notes
    )
    prepared: dict[str, NDArray[Any]] = {}
    for split, places in taken.items():
        prepared[f"x_{split}"] = resize(_rgb(pixels[split]), size)
        prepared[f"y_{split}"] = np.searchsorted(classes, labels[split][places]).astype(np.int64)
    _tell(prepared, notes)
    return prepared, tuple(notes)


def commonest(labels: Labels, notes: list[str]) -> Labels:
    """The classes that are trained on, in order; `notes` gets a sentence where these are not all."""
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) <= CLASSES:
        return classes
    notes.append(f"of {len(classes)} classes the {CLASSES} with the most images to train on are taken")
    return np.sort(classes[np.argsort(-counts, kind="stable")[:CLASSES]])


def _classes(labels: Mapping[str, Labels], name: str, notes: list[str]) -> Labels:
    classes = np.unique(labels["train"])
    if len(classes) < 2:
        raise UsageError(f"{name}: y_train has one class only, so there is nothing to learn. Give two or more.")
    if len(classes) > MOST_CLASSES:
        raise UsageError(
            f"{name}: y_train has {len(classes)} classes, but at most {MOST_CLASSES} are supported. Are these"
            " classes? Give one for each image, the same for images of the same kind."
        )
    unseen = np.setdiff1d(labels["test"], classes)
    if unseen.size:
        raise UsageError(f"{name}: y_test has {_listed(unseen)}, which y_train lacks. Remove those images.")
    return commonest(labels["train"], notes)


def chosen(labels: Labels, classes: Labels, most: int) -> NDArray[np.int64]:
    """Places of at most `most` images of the classes, as many of each as there are, in an order that mixes them."""
    places = np.flatnonzero(np.isin(labels, classes))
    return places[_balanced(labels[places], most)]


def _tell(prepared: Mapping[str, NDArray[Any]], notes: list[str]) -> None:
    """Note what makes accuracy on the held-out images mean something else than one might think."""
    held_out = prepared["y_test"]
    common = float(np.bincount(held_out).max() / len(held_out))
    if common > COMMON + 0.1:
        notes.append(f"{common:.0%} of the held-out images are of one class, and a head must do better than naming it")
    seen = {image.tobytes() for image in prepared["x_train"]}
    again = sum(image.tobytes() in seen for image in prepared["x_test"])
    if again:
        notes.append(f"{again} of {len(held_out)} held-out images are among those trained on too")


def resize(images: Images, size: int) -> Images:
    """Resize to size x size, linearly, each new pixel from all the old ones that it covers; uint8 stays uint8."""
    return resize_to(images, size, size)


def resize_to(images: Images, height: int, width: int) -> Images:
    """Resize images (n, h, w, channels), or one image (h, w, channels), likewise."""
    if images.ndim == 3:
        alone: Images = resize_to(images[np.newaxis], height, width)[0]
        return alone
    if images.shape[1:3] == (height, width):
        return images
    rows, columns = _resampling(images.shape[1], height), _resampling(images.shape[2], width)
    resized: Images = np.einsum("ih,nhwc,jw->nijc", rows, images.astype(np.float32), columns, optimize=True)
    final: Images = np.rint(resized).astype(np.uint8) if images.dtype == np.uint8 else resized.astype(np.float32)
    return final


def _resampling(old: int, new: int) -> NDArray[np.float32]:
    """Weights (new, old) of a triangle filter, as wide as the step where the image shrinks; rows sum to 1."""
    step = old / new
    centres = (np.arange(new) + 0.5) * step - 0.5
    distance = np.abs(np.arange(old)[np.newaxis] - centres[:, np.newaxis]) / max(step, 1.0)
    weights = np.maximum(1 - distance, 0)
    shares: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _labels(given: NDArray[Any], what: str) -> Labels:
    labels = np.asarray(given)
    if labels.ndim == 2 and labels.shape[1] > 1:
        if labels.dtype == object or not np.array_equal(np.sort(labels, axis=1)[:, -2:].astype(float), _hot(labels)):
            raise UsageError(f"{what} has the shape {labels.shape} and is not one-hot. Give one class per image.")
        labels = labels.argmax(axis=1)
    labels = labels.reshape(len(labels)) if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.ndim != 1 or not len(labels):
        raise UsageError(f"{what} has the shape {labels.shape}. Give one class per image, as whole numbers.")
    whole = labels.dtype.kind in "iub" or (
        labels.dtype.kind == "f" and np.isfinite(labels).all() and np.all(labels == np.rint(labels))
    )
    if not whole:
        raise UsageError(f"{what} holds {labels.dtype} values that are not classes. Give whole numbers.")
    return labels.astype(np.int64)


def _hot(labels: NDArray[Any]) -> NDArray[np.float64]:
    return np.tile([0.0, 1.0], (len(labels), 1))


def _check_images(given: NDArray[Any], what: str) -> None:
    shape = np.shape(given)
    if len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3, 4):
        raise UsageError(f"{what} has the shape {shape}: channels come last. Turn it with numpy.moveaxis(x, 1, 3).")
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3, 4)) or min(shape, default=0) < 1:
        raise UsageError(f"{what} has the shape {shape}. Images are (n, height, width) or (n, height, width, 1 or 3).")
    if given.dtype.kind not in "buif":
        raise UsageError(f"{what} holds {given.dtype} values. Images are uint8 or float.")


def _rgb(images: Images) -> Images:
    images = images[..., np.newaxis] if images.ndim == 3 else images
    return np.repeat(images, 3, axis=3) if images.shape[3] == 1 else images[..., :3]


def _balanced(labels: Labels, most: int) -> NDArray[np.int64]:
    """Places of at most `most` images, class after class in turn, in an order that mixes the classes."""
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(labels))
    mixed = labels[order]
    turn = np.zeros(len(labels), np.int64)
    for each in np.unique(mixed):
        places = np.flatnonzero(mixed == each)
        turn[places] = np.arange(len(places))
    return order[np.argsort(turn, kind="stable")[:most]]


def _listed(values: Labels) -> str:
    names = ", ".join(str(value) for value in values[:5])
    return f"class {names}" if len(values) == 1 else f"classes {names}{' and more' if len(values) > 5 else ''}"
