"""Results of as many cells as wanted: those of a real run, again and again under the names of a plain run's cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from bnregress.cells.identifiers import CellId
from bnregress.results.file import load_results
from bnregress.results.model import CellResult, Results
from bnregress.suite.paths import PATHS
from bnregress.suite.status import REGRESS
from bnregress.suite.variants import default_names

SAMPLE = Path(__file__).parents[1] / "reports" / "sample" / "results.json"
#: What a plain run tests of each release.
SUBJECTS = tuple(
    (path.id, name) for path in PATHS.values() if path.group == "default" for name in default_names(path.id)
)


def grown(cells: int, *, started: str = "2026-11-01T00:00:00Z") -> Results:
    """Return results of so many cells.

    Args:
        cells: of the results; releases are made up as they are needed.
        started: when the run began, as results.json has it.
    """
    real = load_results(SAMPLE)
    made = tuple(islice(_cells(real), cells))
    release = next(iter(real.releases.values()))
    releases = dict.fromkeys(dict.fromkeys(cell.id.release for cell in made), release)
    return replace(real, cells=made, releases=releases, undecided=(), complete=True, shard=None, started=started)


def _cells(real: Results) -> Iterator[CellResult]:
    # In a plain run about one cell in nine regresses, and those are the largest.
    sound = [cell for cell in real.cells if cell.status != REGRESS]
    contents = cycle([*real.cells, *sound])
    for number in range(1_000_000):
        for path, variant in SUBJECTS:
            id = CellId(release=f"tf2.{number}.0", path=path, variant=variant)
            yield replace(next(contents), id=id, known=None, drift=None)
