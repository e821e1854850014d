"""Folders of images by class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bnregress.datasets import folders, store
from bnregress.errors import UsageError


def write(folder: Path, count: int, *, start: int = 0, mode: str = "RGB", ending: str = "png") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(start)
    for place in range(start, start + count):
        size = (9 + place % 3, 7)
        pixels = random.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
        Image.fromarray(pixels).convert(mode).save(folder / f"{place:04}.{ending}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pets"
    write(root / "cat", 100)
    write(root / "dog" / "puppies", 60, start=200, ending="jpg")
    (root / "cat" / "Thumbs.db").write_bytes(b"no image")
    (root / ".cache").mkdir()
    return root


def test_a_share_of_each_class_is_held_out(folder: Path, tmp_path: Path) -> None:
    found = folders.listing(folder)
    assert {split: np.bincount(own.labels).tolist() for split, own in found.splits.items()} == {
        "train": [60, 36],
        "test": [40, 24],
    }
    train, test = ({str(file) for file in own.files} for own in found.splits.values())
    assert not train & test
    prepared = store.prepare(str(folder), tmp_path / "cache")
    assert prepared.name.startswith("pets@")
    assert "64 of the images are held out" in prepared.notes[0]
    with np.load(prepared.path) as arrays:
        assert arrays["x_train"].shape == (96, 32, 32, 3)
        assert arrays["x_train"].dtype == np.uint8
        assert arrays["x_train"].std() > 10


def test_folders_of_their_own_for_training_and_test_are_kept_apart(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "split"
    root.mkdir()
    folder.rename(root / "train")
    write(root / "validation" / "cat", 40, start=500)
    write(root / "validation" / "dog", 40, start=600)
    found = folders.listing(root)
    assert {split: len(own.files) for split, own in found.splits.items()} == {"train": 160, "test": 80}
    assert all("validation" in str(file) for file in found.splits["test"].files)
    write(root / "validation" / "bird", 1)
    with pytest.raises(UsageError, match="has the class bird, which"):
        folders.listing(root)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_images_of_any_mode_are_read_in_rgb(tmp_path: Path, mode: str) -> None:
    file = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
    if mode == "I;16":
        Image.fromarray(np.full((4, 5), 65535, np.uint16)).save(file)
    else:
        Image.new("RGB", (5, 4), (255, 255, 255)).convert(mode).save(file)
    read = folders._open(file)
    assert read.shape == (4, 5, 3)
    assert read.min() == 255


def test_another_content_is_other_data(folder: Path) -> None:
    name = store.check_name(str(folder))
    assert store.check_name(f"{folder}/") == name
    write(folder / "cat", 1, start=3, mode="L")
    assert store.check_name(str(folder)) != name


def test_what_is_no_such_folder_is_said_with_the_layout(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no images in folders by class.*DIR/CLASS/IMAGE"):
        store.check_name(str(tmp_path / "empty"))
    write(tmp_path / "few" / "cat", 70)
    with pytest.raises(UsageError, match="There are 70 images, and 128 are needed"):
        store.check_name(str(tmp_path / "few"))
    (folder / "cat" / "0007.png").write_bytes(b"cut off")
    with pytest.raises(UsageError, match=r"0007\.png is not an image that can be read"):
        store.prepare(str(folder), tmp_path / "cache")


def test_of_many_classes_the_largest_are_listed(tmp_path: Path) -> None:
    for label in range(20):
        write(tmp_path / "many" / f"class{label:02}", 5 + label, start=100 * label)
    found = folders.listing(tmp_path / "many")
    assert len(np.unique(found.splits["train"].labels)) == 16
    assert any("of 20 classes the 16" in note for note in found.notes)
