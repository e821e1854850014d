"""TensorFlow 1's graph mode, whose networks have no values before a session makes them."""

from __future__ import annotations

import pytest

from bnregress.errors import ExitCode
from tests.end_to_end.command import Command
from tests.end_to_end.machine import require_releases

pytestmark = pytest.mark.end_to_end

GRAPH = "tf1.15.5"


def test_a_savedmodel_keeps_its_weights_after_its_folder_is_gone_and_its_layers_freeze_for_good(
    command: Command,
) -> None:
    require_releases(GRAPH)
    ran = command.run("--select", GRAPH, "--path", "{savedmodel,clone}", out=command.root / "out")
    assert ran.exit_code == ExitCode.EXPECTED, ran.stdout
    assert ran.statuses == {f"{GRAPH}/clone": "pass", f"{GRAPH}/savedmodel": "regress"}
    (loaded,) = [cell for cell in ran.results.cells if cell.id.path == "savedmodel"]
    assert {check.name: check.status for check in loaded.checks}["weights-kept"] == "pass"
    assert [check.name for check in loaded.checks if check.status != "pass"] == ["unfreeze-control"]
