"""A data set that tensorflow-datasets has prepared already is read without a network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bnregress.datasets import store, tfds_environment
from bnregress.datasets.gratings import SPLITS, gratings
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

#: Lets the builder of cifar10 itself write its folder, from images that stand for the downloaded ones.
PREPARING = """
import sys
import numpy as np
import tensorflow_datasets as tfds

def examples(count):
    for place in range(count):
        label = place % 10
        image = np.full((32, 32, 3), 20 * label + place % 7, np.uint8)
        yield str(place), {"id": str(place), "image": image, "label": label}

builder = tfds.builder("cifar10", data_dir=sys.argv[1])
type(builder)._split_generators = lambda self, manager: {"train": examples(640), "test": examples(160)}
builder.download_and_prepare()
"""


def test_cifar10_is_read_from_a_prepared_folder(tmp_path: Path) -> None:
    require_releases("tf2.16.2")
    folder = tmp_path / "data"
    folder.mkdir()
    python = tfds_environment._environment(folder, offline=False, say=lambda _text: None, env=dict(os.environ))
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(
        [python, "-c", PREPARING, folder / "tfds"], check=True, capture_output=True, env=variables, cwd=tmp_path
    )
    prepared = store.prepare("cifar10", tmp_path, offline=True)
    assert prepared.name == "cifar10"
    with np.load(prepared.path) as arrays:
        assert arrays["x_train"].shape == (640, 32, 32, 3)
        assert arrays["x_test"].shape == (160, 32, 32, 3)
        assert arrays["x_train"].dtype == np.uint8
        # Image and label belong together: the pixels tell which image it was.
        assert np.array_equal(arrays["x_train"][:, 0, 0, 0] // 20, arrays["y_train"])


def test_the_builder_of_gratings10_gives_the_images_that_are_generated_here(tmp_path: Path) -> None:
    require_releases("tf2.16.2")
    folder = tmp_path / "data"
    folder.mkdir()
    read = tfds_environment.read_tfds(
        "gratings10", tmp_path, offline=False, say=lambda _text: None, env=dict(os.environ)
    )
    for split, count in SPLITS.items():
        images, labels = gratings(count, split)
        expected = {(image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)}
        found = {(i.tobytes(), int(n)) for i, n in zip(read[f"x_{split}"], read[f"y_{split}"], strict=True)}
        assert found == expected
