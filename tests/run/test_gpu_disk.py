"""Environments with CUDA in them need more room."""

from __future__ import annotations

from pathlib import Path

from bnregress.run.disk import ENVIRONMENT_BYTES, Environment, foresee, room_for
from bnregress.run.environments import environment_path


def test_an_environment_for_the_gpu_is_another_folder_and_is_given_more_room() -> None:
    cpu, gpu = (environment_path(Path("e"), "tf2.1.0", device) for device in ("cpu", "gpu"))

    assert (cpu.name, gpu.name) == ("regress-tf2-1-0", "regress-tf2-1-0-gpu")
    assert room_for(cpu) < ENVIRONMENT_BYTES < room_for(gpu)


def test_what_is_foreseen_counts_that_room() -> None:
    old = Environment(path=Path("e/regress-tf2-0-0"), size=ENVIRONMENT_BYTES, used=1.0)
    budget = 2 * ENVIRONMENT_BYTES

    assert not foresee([old], [environment_path(Path("e"), "tf2.1.0")], (), budget).removed
    assert foresee([old], [environment_path(Path("e"), "tf2.1.0", "gpu")], (), budget).removed == (old.path,)
