"""A person's own model beside what a run measured, for the commands that take `--model`."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from bnregress.checking.model_cells import with_model
from bnregress.machine.locations import cache_dir
from bnregress.machine.staging import stage_suite
from bnregress.reading.text import one_line
from bnregress.releases.catalog import Release
from bnregress.reports.screen import Screen
from bnregress.run.engine import Measured


def with_own_model(
    measured: Measured, target: str | None, timeout: float, catalog: Mapping[str, Release] | None = None
) -> Measured:
    """Return what was measured with the cell `own-model` in each release; as it is if there is no model.

    Args:
        measured: of a run that made the releases' environments here.
        target: `MODULE:CALLABLE`.
        timeout: seconds that each step of the model may take.
        catalog: the releases of the run, environments that a person brings among them.
    """
    if target is None:
        return measured
    screen = Screen(stderr=True)

    def say(line: str) -> None:
        screen.print(Text(one_line(line), style="dim"), soft_wrap=True)

    suite, _ = stage_suite(cache_dir())
    brought = {id: release.local for id, release in (catalog or {}).items() if release.local is not None}
    return with_model(measured, target, suite=suite, say=say, timeout=timeout, brought=brought)
