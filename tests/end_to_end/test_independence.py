"""The sound network of a release is ResNet50 as the paper has it, computed apart from every framework."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bnregress.datasets.numpy_networks import Array, Reference
from bnregress.suite import probes, tolerances
from tests.end_to_end.command import Outcome
from tests.end_to_end.inside import run_inside

pytestmark = pytest.mark.end_to_end

SCRIPT = Path(__file__).with_name("features.py")
LAYERS = 175


@pytest.fixture(scope="module")
def expected() -> Array:
    return Reference()(probes.images())


@pytest.mark.parametrize("release", ["tf2.1.0", "tf2.21.0"])
def test_the_sound_network_answers_as_the_reference_in_float64(
    release: str, expected: Array, three_releases: Outcome, tmp_path: Path
) -> None:
    assert release in three_releases.results.releases
    run_inside(release, SCRIPT, tmp_path / "features.npy", folder=tmp_path)
    features = np.load(tmp_path / "features.npy")

    assert features.shape == expected.shape == (len(probes.images()), 2048)
    assert features.dtype == np.float32
    deviation = np.max(np.abs(features - expected)) / np.max(np.abs(expected))
    assert deviation <= tolerances.relative("float32", LAYERS)
