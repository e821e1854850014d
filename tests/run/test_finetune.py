"""What a run of the engine asks of fine-tunes, on fakes: nox, uv, pytest and the data's cache are real."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from bnregress.errors import ExitCode, FatalError, UsageError
from bnregress.planning.finetune import FAMILY_ALPHA, Finetune
from bnregress.run.events import DataPrepared
from bnregress.run.options import RunOptions
from tests.run.conftest import World, by_subject, run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "mine.npz"
    images = np.random.default_rng(0).integers(0, 256, (90, 8, 8), dtype=np.uint8)
    np.savez(file, x_train=images, y_train=np.arange(90) % 3, x_test=images, y_test=np.arange(90) % 3)
    return file


def options(world: World, data: Path, suite: str = "finetune", seeds: int = 2, *, resume: bool = False) -> RunOptions:
    return RunOptions(
        out=world.out,
        select=("tf9.9.9",),
        paths=("sound", "also-sound"),
        jobs=1,
        suite=suite,
        finetune=Finetune(data=str(data), seeds=seeds),
        resume=resume,
    )


def test_every_cell_is_asked_the_same_of_the_same_arrays(shared_world: World, data: Path) -> None:
    results, code = run(options(shared_world, data), surroundings=shared_world.surroundings())
    assert code == ExitCode.EXPECTED
    cells = by_subject(results)
    assert set(cells) == {"sound", "also-sound"}
    for cell in cells.values():
        (check,) = cell.checks
        assert check.name == "accuracy-parity"
        file = Path(check.evidence["data"])
        assert check.evidence["data_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
        assert check.evidence["seeds"] == [0, 1]
        assert check.evidence["alpha"] == FAMILY_ALPHA / 2
    assert cells["sound"].checks[0].evidence == cells["also-sound"].checks[0].evidence


def test_all_asks_the_properties_too(shared_world: World, data: Path) -> None:
    results, _ = run(options(shared_world, data, suite="all"), surroundings=shared_world.surroundings())
    for cell in results.cells:
        assert [check.name for check in cell.checks] == ["accuracy-parity", "mode-parity"]


def test_resuming_with_other_seeds_is_refused_and_says_what_changed(shared_world: World, data: Path) -> None:
    run(options(shared_world, data), surroundings=shared_world.surroundings())
    with pytest.raises(UsageError, match=r"it asked for the suite finetune \(.*seeds 2.*seeds 3"):
        run(options(shared_world, data, seeds=3, resume=True), surroundings=shared_world.surroundings())


def test_data_that_cannot_be_had_end_the_run_before_any_release(
    world: World, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.write_bytes(b"broken")
    told: list[object] = []
    with pytest.raises(UsageError, match=r"not an \.npz file of plain arrays"):
        run(options(world, data), told.append, world.surroundings())
    assert not told
    assert not world.environments.exists()

    def unreachable(*_arguments: object, **_options: object) -> None:
        raise FatalError("The data set cifar10 could not be downloaded: there is no network to download it from.")

    monkeypatch.setattr("bnregress.datasets.store.read_tfds", unreachable)
    asked = RunOptions(out=world.out, select=("tf9.9.9",), suite="finetune", finetune=Finetune(data="cifar10"))
    with pytest.raises(FatalError, match="no network"):
        run(asked, told.append, world.surroundings())
    assert not any(not isinstance(event, DataPrepared) for event in told)
