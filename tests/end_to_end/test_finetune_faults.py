"""What goes wrong with a fine-tune is said in words, and two runs of one cell say the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from bnregress.datasets.arrays import FEWEST
from bnregress.datasets.gratings import gratings
from bnregress.errors import ExitCode
from bnregress.machine.locations import environments_dir
from bnregress.run.environments import environment_path
from bnregress.run.rundir import RunDir
from bnregress.suite.record_files import RecordPaths
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases, wait_until

pytestmark = pytest.mark.end_to_end

RELEASE = "tf2.15.1"
PATH = "tf-keras-applications"

#: Found for ResNet50's weights alone.
TAUGHT = ("--learning-rate", "0.01", "--epochs", "5")

#: A file of Keras weights of another network, or of ResNet50 with the surrogate's, saved by Keras itself.
SAVING = """
import sys
import tensorflow as tf
network = getattr(tf.keras.applications, sys.argv[1])(
    weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3)
)
network.save_weights(sys.argv[2])
"""


@pytest.fixture
def few(tmp_path: Path) -> str:
    """As few images as a fine-tune takes."""
    (x_train, y_train), (x_test, y_test) = gratings(2 * FEWEST, "train"), gratings(FEWEST, "test")
    np.savez(tmp_path / "few.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return str(tmp_path / "few.npz")


def arguments(few: str, *more: str, release: str = RELEASE) -> tuple[str, ...]:
    return ("--suite", "finetune", "--select", release, "--data", few, "--jobs", "1", *more)


@pytest.mark.parametrize("release", ["tf2.1.0", "tf2.15.1", "tf2.21.0"])
def test_training_is_the_same_to_the_last_bit_in_two_runs(command: Command, few: str, release: str) -> None:
    require_releases(release)
    outcomes = [
        command.run(*arguments(few, "--path", PATH, "--fresh", release=release), out=command.root / name)
        for name in ("first", "second")
    ]
    first, second = (outcome.results.cells[0].checks[0] for outcome in outcomes)
    assert first.evidence["curves"]["subject"]["loss"][0] > 0, outcomes[0].told(release)
    assert first.evidence == second.evidence
    assert (first.status, first.reason) == (second.status, second.reason)


def test_a_learning_rate_that_diverges_is_inconclusive(command: Command, few: str) -> None:
    require_releases(RELEASE)
    outcome = command.run(*arguments(few, "--path", PATH, "--learning-rate", "1e6"), out=command.root / "out")
    (cell,) = outcome.results.cells
    assert outcome.exit_code == ExitCode.UNDECIDED, outcome.told(RELEASE)
    assert cell.status == "inconclusive"
    assert "at learning rate 1e+06 training diverges" in cell.reason


def save_weights(command: Command, application: str, file: Path) -> None:
    python = environment_path(environments_dir(), RELEASE) / "bin" / "python"
    # The environment is made by a run, where it is not there yet.
    command.run("--select", RELEASE, "--path", "vgg16", out=command.root / "ready")
    subprocess.run([python, "-c", SAVING, application, file], check=True, capture_output=True, env=command.environ)


def test_weights_of_another_architecture_are_inconclusive_and_those_of_the_same_are_trained_on(
    command: Command, few: str
) -> None:
    require_releases(RELEASE)
    told = {}
    for application in ("VGG16", "ResNet50"):
        file = command.root / f"{application}.h5"
        save_weights(command, application, file)
        outcome = command.run(
            *arguments(few, "--path", PATH, "--weights", str(file), *TAUGHT), out=command.root / application
        )
        (told[application],) = outcome.results.cells
    assert told["VGG16"].status == "inconclusive"
    assert "of another architecture: they have nothing for the layer conv1_conv" in told["VGG16"].reason
    trained = told["ResNet50"].checks[0].evidence
    assert trained["weights"]["name"] == "ResNet50.h5"
    assert trained["paired"]["all_discordant"] == 0
    assert trained["accuracy"]["inference_mode"] == trained["accuracy"]["training_mode"]


@pytest.mark.usefixtures("interruptible")
def test_a_killed_run_goes_on_without_fine_tuning_a_cell_again(command: Command, few: str) -> None:
    require_releases(RELEASE)
    out, paths = command.root / "out", (PATH, "clone", "json")
    asked = arguments(few, *(word for path in paths for word in ("--path", path)))
    process = command.start(*asked, out=out)
    records = RecordPaths(RunDir(out / "run").records(RELEASE))
    there = [records.record(path) for path in paths]
    wait_until(lambda: process.poll() is not None or any(file.exists() for file in there), "a cell is decided")
    command.kill()
    command.finish(process, out=out)
    kept = {file: file.stat().st_mtime_ns for file in there if file.exists()}
    assert 0 < len(kept) < len(paths)

    resumed = command.run(*asked, "--resume", out=out)
    assert resumed.exit_code == ExitCode.EXPECTED, resumed.told(RELEASE)
    assert set(resumed.statuses.values()) == {"pass"}
    assert {file: file.stat().st_mtime_ns for file in kept} == kept


def test_a_network_whose_weights_were_swapped_on_the_way_is_left_to_the_check_of_weights(
    command: Command, few: str
) -> None:
    require_releases("tf2.21.0")
    paths = ("--path", "weights-{h5,v3}.nested")
    outcome = command.run(*arguments(few, *paths, release="tf2.21.0"), out=command.root / "out")
    assert outcome.statuses == {
        "tf2.21.0/weights-h5.nested": "not-applicable",
        "tf2.21.0/weights-v3.nested": "pass",
    }, outcome.told("tf2.21.0")
    (swapped,) = [cell for cell in outcome.results.cells if cell.id.path == "weights-h5.nested"]
    assert "not finite, so no head learns, with variables that are not those that were saved" in swapped.reason
