"""Prepared data in the cache."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from bnregress.datasets import store, tfds_environment
from bnregress.errors import FatalError, UsageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.npz"
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (100, 8, 8, 3), dtype=np.uint8)
    np.savez(path, x_train=images, y_train=np.arange(100) % 3, x_test=images, y_test=np.arange(100) % 3)
    return path


def test_the_same_data_are_the_same_file_named_by_its_content(tmp_path: Path, file: Path) -> None:
    first, again = (store.prepare(str(file), tmp_path / cache) for cache in ("one", "two"))
    assert first.sha256 == again.sha256 == first.path.stem
    assert first.path != again.path
    assert np.load(first.path)["x_train"].shape == (100, 32, 32, 3)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"broken"), lambda path: path.unlink()])
def test_a_damaged_cache_file_is_made_anew(tmp_path: Path, file: Path, damage: object) -> None:
    first = store.prepare(str(file), tmp_path / "cache")
    damage(first.path)  # type: ignore[operator]
    said: list[str] = []
    again = store.prepare(str(file), tmp_path / "cache", say=said.append)
    assert again == first
    assert np.load(again.path)["y_train"].shape == (100,)
    assert "damaged or gone" in said[0]


def test_a_file_that_was_changed_is_other_data(tmp_path: Path, file: Path) -> None:
    first, name = store.prepare(str(file), tmp_path / "cache"), store.check_name(str(file))
    with np.load(file) as arrays:
        np.savez(file, **{key: arrays[key][:90] for key in arrays.files})
    assert store.check_name(str(file)) != name
    assert store.prepare(str(file), tmp_path / "cache").sha256 != first.sha256


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_a_file_that_holds_no_arrays_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"mine\.npz is not an \.npz file of plain arrays"):
        store.prepare(str(path), tmp_path / "cache")


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=np.array([{}], dtype=object))
    with pytest.raises(UsageError, match="plain arrays"):
        store.prepare(str(path), tmp_path / "cache")


@pytest.mark.parametrize("data", ["gratings", "tfds:", "cifar-10"])
def test_a_word_that_is_no_data_is_refused_with_what_there_is(data: str) -> None:
    with pytest.raises(UsageError, match=r"is not data.*gratings10, cifar10, tfds:NAME, a file"):
        store.check_name(data)


def test_a_full_disk_is_said_in_words_and_leaves_nothing_behind(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(target: Path, **_arrays: object) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(FatalError, match="There is no room for the data"):
        store.prepare(str(file), tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.npz"))


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ("ConnectionError: there is no network to download it from", FatalError, "could not be downloaded"),
        ("DatasetNotFoundError: Dataset mnits not found. - a - b", UsageError, "has no data set 'some'"),
        ("NoImageClassificationError: it has no labels for its images", UsageError, "it has no labels"),
        ("OSError: [Errno 28] No space left on device", FatalError, "no room"),
        ("KeyError: 'x'", FatalError, "could not be prepared: KeyError"),
    ],
)
def test_what_tensorflow_datasets_says_is_explained(said: str, error: type[FatalError], words: str) -> None:
    explained = tfds_environment.explain("some", said, offline=False)
    assert type(explained) is error
    assert words in str(explained)
