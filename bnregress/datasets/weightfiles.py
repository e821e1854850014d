"""A person's file of Keras weights, of any of Keras' formats, as arrays by layer."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from bnregress.errors import UsageError
from bnregress.machine.atomic import aside

Layers = dict[str, list[NDArray[Any]]]

#: Keras' order of a layer's variables, whatever order a file has them in.
ORDER = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
#: Where Keras 3, and Keras 2 in its format of Keras 3, keep a model's layers.
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
FORMATS = (
    "Save the model with model.save(FILE.h5) or model.save(FILE.keras), or its weights with save_weights(FILE.h5)."
)


def read(path: Path) -> Layers:
    """Read a file of weights, or of a whole model, nested models included.

    Args:
        path: HDF5 (`.h5`) of a model or of weights, or `.keras`.

    Returns:
        the values of each layer that has any, in Keras' order of variables.

    Raises:
        UsageError: it is no such file, or does not say which layer its values are of.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                config = json.loads(archive.read("config.json"))
                content = io.BytesIO(archive.read("model.weights.h5"))
            with h5py.File(content, "r") as file:
                found = dict(_by_config(file, config))
        else:
            with h5py.File(path, "r") as file:
                found = _by_name(file.get("model_weights", file))
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} does not hold Keras weights: {error}. {FORMATS}") from error
    if not found:
        raise UsageError(f"{path} holds no weights, or does not say which layer they are of. {FORMATS}")
    return found


def store(path: Path, sha256: str, folder: Path) -> Path:
    """Write the values of a person's file as arrays `LAYER//PLACE`, which every release reads alike: the file of these.

    Args:
        path: of the person's file.
        sha256: of its content.
        folder: of the cache.

    Raises:
        UsageError: as `read`.
    """
    kept = folder / f"weights-{sha256}.npz"
    if not kept.exists():
        arrays = {f"{layer}//{place}": each for layer, own in read(path).items() for place, each in enumerate(own)}
        with aside(folder, ".npz") as temporary:
            np.savez(temporary, **arrays)  # type: ignore[arg-type]
            temporary.replace(kept)
    return kept


def _by_name(root: Any) -> Layers:
    """Files that name each variable: `conv1_conv/kernel:0`, below the group of its layer or of a nested model."""
    found: dict[str, list[tuple[str, NDArray[Any]]]] = {}
    for group in _attribute(root, "layer_names"):
        for name in _attribute(root[group], "weight_names"):
            *above, kind = name.split(":")[0].split("/")
            layer = above[-1] if above else group
            found.setdefault(layer, []).append((kind, np.asarray(root[group][name])))
    return {layer: _in_order(values) for layer, values in found.items()}


def _in_order(values: list[tuple[str, NDArray[Any]]]) -> list[NDArray[Any]]:
    known = all(kind in ORDER for kind, _ in values)
    ordered = sorted(values, key=lambda each: ORDER.index(each[0])) if known else values
    return [value for _, value in ordered]


def _attribute(group: Any, name: str) -> list[str]:
    """A list of names, which Keras splits into parts where it is long."""
    parts = [name] if name in group.attrs else [f"{name}{place}" for place in range(len(group.attrs))]
    return [
        each.decode() if isinstance(each, bytes) else str(each)
        for part in parts
        if part in group.attrs
        for each in group.attrs[part]
    ]


def _by_config(group: Any, config: Mapping[str, Any]) -> Iterator[tuple[str, list[NDArray[Any]]]]:
    """Files of Keras 3, which name groups by class and place; what the layers are called is in the model's config."""
    used: dict[str, int] = {}
    container: Any = next((group[name] for name in CONTAINERS if name in group), {})
    for layer in config["config"].get("layers", []):
        kind = _snake(layer["class_name"])
        count = used.get(kind, 0)
        used[kind] = count + 1
        place = f"{kind}_{count}" if count else kind
        if place not in container:
            continue
        own = container[place]
        yield from _by_config(own, layer)
        if own.get("vars"):
            yield layer["config"]["name"], [np.asarray(own["vars"][str(each)]) for each in range(len(own["vars"]))]


def _snake(name: str) -> str:
    """As Keras makes a group's name of a class: `BatchNormalization` to `batch_normalization`, `Conv2D` to `conv2d`."""
    plain = re.sub(r"\W+", "", name)
    plain = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", plain)
    return re.sub("([a-z])([A-Z])", r"\1_\2", plain).lower()
