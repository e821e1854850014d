"""gratings10 for tensorflow-datasets; needs that package, and runs in the environment of the data alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from bnregress.datasets.gratings import CLASSES, SIZE, SPLITS, gratings


class Gratings10(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc]
    """Ten classes of gratings, generated: nothing is downloaded."""

    VERSION = tfds.core.Version("1.1.0")

    def _info(self) -> Any:
        features = tfds.features.FeaturesDict(
            {
                "image": tfds.features.Image(shape=(SIZE, SIZE, 3)),
                "label": tfds.features.ClassLabel(num_classes=CLASSES),
            }
        )
        return tfds.core.DatasetInfo(builder=self, features=features, supervised_keys=("image", "label"))

    def _split_generators(self, _download: Any) -> dict[str, Any]:
        return {split: self._generate_examples(split) for split in SPLITS}

    def _generate_examples(self, split: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for place, (image, label) in enumerate(zip(*gratings(SPLITS[split], split), strict=True)):
            yield place, {"image": image, "label": int(label)}
