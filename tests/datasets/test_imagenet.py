"""ImageNet weights from a file in the cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bnregress.datasets import imagenet
from bnregress.datasets.recipe import Recipe
from bnregress.datasets.store import Prepared
from bnregress.errors import FatalError, UsageError
from bnregress.machine.locations import CACHE_VARIABLE
from bnregress.planning.finetune import Finetune

RECIPE = Recipe(learning_rate=0.1, epochs=5, train=512)
FILE = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of that name, in a cache of its own."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    path = tmp_path / "weights" / FILE
    path.parent.mkdir()
    path.write_bytes(b"weights")
    return path


def test_a_file_that_is_not_the_one_of_keras_is_refused_before_any_work(weights: Path) -> None:
    with pytest.raises(
        UsageError, match=rf"{FILE} is not Keras' file of ImageNet weights: its MD5 is .*, not 4d473c1d"
    ):
        _ = Finetune(weights="imagenet").identity
    assert Finetune(weights="surrogate").identity["weights"] == "surrogate"


def test_a_file_that_is_goes_to_the_suite_and_the_plan_stays_the_same(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.md5(weights.read_bytes(), usedforsecurity=False).hexdigest()
    table = tmp_path / "imagenet.toml"
    table.write_text(f'[ResNet50]\nfile = "{FILE}"\nmd5 = "{digest}"\n', encoding="utf-8")
    monkeypatch.setattr(imagenet, "TABLE", table)
    asked, prepared = Finetune(weights="imagenet"), Prepared(name="x", path=tmp_path, sha256="0")
    with_file = asked.identity
    assert asked.request(prepared, 1, RECIPE)["imagenet_files"] == {"ResNet50": str(weights)}
    weights.unlink()
    assert asked.request(prepared, 1, RECIPE)["imagenet_files"] == {}
    assert asked.identity == with_file


def test_without_a_network_it_is_said_where_the_file_belongs(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights.unlink()
    monkeypatch.setattr(imagenet, "KERAS", tmp_path / "models")
    with pytest.raises(FatalError, match=rf"Put Keras' file {FILE} into .*weights, or give --learning-rate"):
        imagenet.resnet50_file(offline=True)


def test_a_file_that_was_downloaded_is_kept_if_it_is_the_one_of_keras(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = tmp_path / "served"
    served.mkdir()
    (served / FILE).write_bytes(b"something else")
    weights.unlink()
    monkeypatch.setattr(imagenet, "KERAS", tmp_path / "models")
    monkeypatch.setattr(imagenet, "SOURCE", f"{served.as_uri()}/")
    with pytest.raises(FatalError, match="is something else"):
        imagenet.resnet50_file(offline=False)
    assert not list(weights.parent.iterdir())
    table = tmp_path / "imagenet.toml"
    digest = hashlib.md5(b"something else", usedforsecurity=False).hexdigest()
    table.write_text(f'[ResNet50]\nfile = "{FILE}"\nmd5 = "{digest}"\n', encoding="utf-8")
    monkeypatch.setattr(imagenet, "TABLE", table)
    assert imagenet.resnet50_file(offline=False) == weights
    assert weights.read_bytes() == b"something else"
