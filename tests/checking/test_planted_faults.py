"""The faults of `nox -s power` that can be in a model: `check` tells each from a sound model, as `run` does."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.checking.conftest import ROOT, release_python

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize("release", ["tf2.15.1", "tf2.21.0"])
def test_every_fault_that_can_be_in_a_model_is_found_and_a_sound_one_is_sound(release: str) -> None:
    variables = {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    finished = subprocess.run(
        [release_python(release), "-m", "tests.checking.planted"],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    exits = {line["fault"]: line["exit"] for line in map(json.loads, finished.stdout.splitlines())}
    assert exits.pop(None) == 0
    assert len(exits) >= 34
    assert {fault for fault, code in exits.items() if code != 1} == set()
