"""What the suite compiles is traced once: of ResNet50 each trace costs a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.command import Outcome
from tests.end_to_end.conftest import THREE_RELEASES
from tests.end_to_end.inside import run_inside

pytestmark = pytest.mark.end_to_end

SCRIPT = Path(__file__).with_name("traces.py")


@pytest.mark.parametrize("release", THREE_RELEASES)
def test_the_first_step_of_fit_is_traced_once(release: str, three_releases: Outcome, tmp_path: Path) -> None:
    assert release in three_releases.results.releases
    assert run_inside(release, SCRIPT, folder=tmp_path).strip() == "1"
