"""The report's own experiment on real releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.errors import ExitCode
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

BROKEN = "tf2.1.0/tf-keras-applications"


def test_high_accuracy_in_training_and_chance_at_test_time_where_frozen_batchnorm_is_broken(command: Command) -> None:
    require_releases("tf2.1.0", "tf2.15.1")
    out = command.root / "out"
    outcome = command.run(
        "--suite",
        "finetune",
        "--select",
        "tf2.1.0/tf-keras-applications{,-layers}",
        "--select",
        "tf2.15.1/tf-keras-applications",
        out=out,
    )
    # A regression that is known.
    assert outcome.exit_code == ExitCode.EXPECTED, outcome.progress
    statuses = outcome.statuses
    assert statuses.pop(BROKEN) == "regress"
    assert set(statuses.values()) == {"pass"}, outcome.told("tf2.1.0")

    cells = {str(cell.id): cell.checks[0].evidence for cell in outcome.results.cells}
    broken = cells.pop(BROKEN)
    assert broken["accuracy"]["fit"] > 0.9
    assert broken["accuracy"]["validation"] < 0.2
    assert broken["accuracy"]["evaluate_train"] < 0.2
    assert broken["accuracy"]["reference_validation"] > 0.95
    assert len({evidence["data"]["sha256"] for evidence in cells.values()} | {broken["data"]["sha256"]}) == 1
    for id, evidence in cells.items():
        assert evidence["paired"]["all_discordant"] == 0, id
        # On a sound CPU release both arms are the same arithmetic on the same batches.
        assert evidence["curves"]["subject"]["val_accuracy"] == evidence["curves"]["reference"]["val_accuracy"], id
        assert evidence["accuracy"]["validation"] > 0.95, id
    assert "held-out, head on inference features" in (out / "summary.md").read_text(encoding="utf-8")


def test_real_images_decide_too(command: Command) -> None:
    """Fashion-MNIST: features of a scale far from gratings10's, at which 0.1 diverges (data/README.md)."""
    require_releases("tf2.1.0", "tf2.15.1")
    outcome = command.run(
        "--suite", "finetune", "--data", str(Path(__file__).parent / "data" / "fashion_mnist.npz"),
        "--select", "tf2.1.0/tf-keras-applications{,-layers}", "--select", "tf2.15.1/tf-keras-applications",
        out=command.root / "out",
    )  # fmt: skip
    statuses = outcome.statuses
    assert statuses.pop(BROKEN) == "regress", outcome.told("tf2.1.0")
    assert set(statuses.values()) == {"pass"}, outcome.told("tf2.15.1")
    recipes = [cell.checks[0].evidence["recipe"] for cell in outcome.results.cells]
    assert all(recipe == recipes[0] for recipe in recipes)
    assert recipes[0]["found"] == ["learning rate", "epochs"]
    assert 1e-4 < recipes[0]["learning_rate"] < 0.02
