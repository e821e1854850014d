"""Files of Keras weights, in each of the layouts that Keras writes."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from bnregress.datasets import weightfiles
from bnregress.errors import UsageError
from bnregress.suite.finetune import trained_weights

KERNEL, BIAS = np.arange(6.0).reshape(1, 1, 2, 3), np.arange(3.0)
NORMS = {name: np.full(3, place) for place, name in enumerate(("gamma", "beta", "moving_mean", "moving_variance"))}


def named(group: Any, layers: dict[str, dict[str, np.ndarray]]) -> None:
    """As Keras 1 to 3 write HDF5: layer_names, weight_names, a dataset for each."""
    group.attrs["layer_names"] = [name.encode() for name in layers]
    for layer, values in layers.items():
        own = group.create_group(layer)
        own.attrs["weight_names"] = [f"{name}:0".encode() for name in values]
        for name, value in values.items():
            own.create_dataset(f"{name}:0", data=value)


def plain(layers: dict[str, list[np.ndarray]]) -> dict[str, list[list[Any]]]:
    return {layer: [value.tolist() for value in values] for layer, values in layers.items()}


EXPECTED = {
    "conv1_conv": [KERNEL.tolist(), BIAS.tolist()],
    "conv1_bn": [value.tolist() for value in NORMS.values()],
}


@pytest.mark.parametrize("whole", [False, True], ids=["weights", "model"])
def test_layers_are_told_by_name_in_keras_order(tmp_path: Path, whole: bool) -> None:
    backwards = dict(reversed(list(NORMS.items())))
    layers = {
        "conv1_conv": {"conv1_conv/kernel": KERNEL, "conv1_conv/bias": BIAS},
        "conv1_bn": {f"conv1_bn/{name}": value for name, value in backwards.items()},
    }
    file = tmp_path / "weights.h5"
    with h5py.File(file, "w") as content:
        named(content.create_group("model_weights") if whole else content, layers)
    assert plain(weightfiles.read(file)) == EXPECTED


def test_layers_of_a_nested_model_are_told_from_their_variables(tmp_path: Path) -> None:
    inner = {"conv1_conv/kernel": KERNEL, "conv1_conv/bias": BIAS} | {
        f"conv1_bn/{name}": value for name, value in NORMS.items()
    }
    file = tmp_path / "model.h5"
    with h5py.File(file, "w") as content:
        named(content, {"resnet50": inner, "predictions": {"predictions/kernel": BIAS}})
    found = plain(weightfiles.read(file))
    assert found.pop("predictions") == [BIAS.tolist()]
    assert found == EXPECTED


@pytest.mark.parametrize("container", weightfiles.CONTAINERS)
def test_the_format_of_keras_3_is_told_by_the_model_s_config(tmp_path: Path, container: str) -> None:
    kinds = [("InputLayer", "input"), ("Conv2D", "other"), ("Conv2D", "conv1_conv"), ("BatchNormalization", "conv1_bn")]
    layers = [{"class_name": kind, "config": {"name": name}} for kind, name in kinds]
    model = {"class_name": "Functional", "config": {"name": "resnet50", "layers": layers}}
    outer = {"class_name": "Sequential", "config": {"name": "all", "layers": [model]}}
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        inside = file.create_group(f"{container}/functional/{container}")
        places: dict[str, list[np.ndarray]] = {
            "conv2d": [BIAS],
            "conv2d_1": [KERNEL, BIAS],
            "batch_normalization": list(NORMS.values()),
        }
        for place, values in places.items():
            for number, value in enumerate(values):
                inside.create_dataset(f"{place}/vars/{number}", data=value)
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(outer))
        archive.writestr("model.weights.h5", content.getvalue())
    found = plain(weightfiles.read(path))
    assert found.pop("other") == [BIAS.tolist()]
    assert found == EXPECTED


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04 cut"])
def test_what_is_no_file_of_weights_is_refused_with_how_to_make_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.h5"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"weights\.h5 does not hold Keras weights.*model\.save"):
        weightfiles.read(path)


def test_the_suite_reads_what_the_host_wrote_and_no_other_file(tmp_path: Path) -> None:
    file = tmp_path / "weights.h5"
    with h5py.File(file, "w") as content:
        named(content, {"conv1_conv": {"conv1_conv/kernel": KERNEL, "conv1_conv/bias": BIAS}})
    stored = weightfiles.store(file, "abc", tmp_path)
    assert plain(trained_weights.read_file(str(stored), None)) == {"conv1_conv": EXPECTED["conv1_conv"]}
    with pytest.raises(trained_weights.WeightsError, match="has changed since the run was planned"):
        trained_weights.read_file(str(stored), "0" * 64)
