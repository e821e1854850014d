"""How to train is found from the features, whatever their scale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnregress.datasets import recipe, run_recipe, store
from bnregress.datasets.head import Head
from bnregress.datasets.recipe import Recipe
from bnregress.datasets.run_recipe import Source
from bnregress.datasets.store import Prepared
from bnregress.errors import UsageError

CHANNELS, CLASSES = 256, 10


def made(norm: float, held_out: int = 128, signal: float = 0.3) -> tuple[dict[str, Any], Any]:
    """Data whose images are their own features, positive and of that norm, as those of a trained network are."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(CLASSES, CHANNELS)) * signal

    def features(labels: np.ndarray) -> np.ndarray:
        each = np.abs(centres[labels] + 0.5 * random.normal(size=(len(labels), CHANNELS)) + 0.5)
        scaled: np.ndarray = (each * norm / np.linalg.norm(each, axis=1).mean()).astype(np.float32)
        return scaled

    train, test = np.arange(512) % CLASSES, np.arange(held_out) % CLASSES
    data = {"x_train": features(train), "y_train": train, "x_test": features(test), "y_test": test}
    return data, lambda images: images


@pytest.mark.parametrize("norm", [1, 10, 30, 100, 1000, 10_000])
def test_a_head_learns_at_the_rate_that_is_found_on_features_of_any_scale(norm: float) -> None:
    found = recipe.find(*made(norm))
    assert found.accuracy is not None
    assert found.accuracy > 0.4
    assert found.found == ("learning rate", "epochs")


def test_the_curvature_is_the_largest_eigenvalue_of_the_features_second_moments() -> None:
    features = np.random.default_rng(0).normal(size=(40, 7)) + 3
    expected = np.linalg.eigvalsh(features.T @ features / 40)[-1]
    assert recipe.curvature(features) == pytest.approx(expected)
    assert recipe.curvature(features[:5]) == pytest.approx(np.linalg.eigvalsh(features[:5].T @ features[:5] / 5)[-1])


def test_what_is_given_is_taken() -> None:
    data, features = made(10)
    given = recipe.find(data, lambda _images: pytest.fail("nothing is to be found"), 0.3, 7)
    assert (given.learning_rate, given.epochs, given.found) == (0.3, 7, ())
    assert recipe.find(data, features, learning_rate=0.02).learning_rate == 0.02
    assert recipe.find(data, features, epochs=3).epochs == 3


def test_a_head_that_learns_nothing_gets_the_most_epochs_that_are_taken_unasked() -> None:
    found = recipe.find(*made(10, signal=0.0))
    assert found.epochs == recipe.most_epochs(512) == 12
    assert recipe.EXAMPLES >= 12 * (512 + 128)


def test_features_that_are_all_zero_are_refused() -> None:
    data, _ = made(10)
    with pytest.raises(ValueError, match="all zero"):
        recipe.find(data, np.zeros_like)


def test_the_head_s_gradients_are_those_of_the_loss() -> None:
    """Against differences of the loss, dropout taken out by drawing ones."""
    random = np.random.default_rng(0)
    features, labels = random.normal(size=(6, 5)), np.array([0, 1, 2, 0, 1, 2])

    class Ones:
        def random(self, shape: tuple[int, ...], _dtype: Any) -> np.ndarray:
            return np.ones(shape, np.float32)

    def loss(weights: list[Any]) -> float:
        hidden = np.maximum(features @ weights[0] + weights[1], 0) / 0.6
        logits = hidden @ weights[2] + weights[3]
        logits -= logits.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(6), labels]))

    head = Head.untrained(5, 3, rate=1.0)
    before = [each.astype(np.float64) for each in head.weights]
    head._step(features, labels, Ones())  # type: ignore[arg-type]
    for place, weight in enumerate(before):
        for index in list(np.ndindex(weight.shape))[:40]:
            moved = [each.copy() for each in before]
            moved[place][index] += 1e-5
            slope = (loss(moved) - loss(before)) / 1e-5
            assert weight[index] - head.weights[place][index] == pytest.approx(slope, abs=2e-4)


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    return store.prepare("gratings10", tmp_path)


def test_for_gratings10_it_is_the_report_s_own_rate_and_found_once(prepared: Prepared) -> None:
    said: list[str] = []
    first, again = (
        run_recipe.find(prepared, Source(name="surrogate"), None, None, offline=True, say=said.append) for _ in range(2)
    )
    assert (
        first
        == again
        == Recipe(
            learning_rate=0.1,
            epochs=5,
            train=512,
            found=first.found,
            curvature=first.curvature,
            accuracy=first.accuracy,
        )
    )
    assert [each.partition(" ")[0] for each in said] == ["finding", "heads", "heads"]
    assert "learning rate 0.1, 5 epochs, 512 images" in said[-1]


def test_weights_of_another_network_are_refused_with_what_to_do(prepared: Prepared, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    file = tmp_path / "other.h5"
    with h5py.File(file, "w") as content:
        content.attrs["layer_names"] = ["dense"]
        content.create_group("dense").attrs["weight_names"] = ["dense/kernel:0"]
        content["dense/dense/kernel:0"] = np.ones((2, 2))
    source = Source(name=file.name, file=file, sha256="1")
    with pytest.raises(UsageError, match=r"conv1_conv is not in it.*give both --learning-rate and --epochs"):
        run_recipe.find(prepared, source, None, None, offline=True, say=lambda _text: None)
    assert run_recipe.find(prepared, source, 0.1, 5, offline=True, say=lambda _text: None).epochs == 5
