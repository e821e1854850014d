"""Several runs side by side, as that of TensorFlow's releases and that of Keras' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bnregress.errors import UsageError
from bnregress.results.model import Results, earliest_start


def union(runs: Sequence[Results]) -> Results:
    """Return the cells of all runs as those of the first, for what is read across runs.

    Raises:
        UsageError: two runs hold the same cell, or a release that was installed differently.
    """
    first = runs[0]
    if len(runs) == 1:
        return first
    releases, cells, undecided = dict(first.releases), list(first.cells), list(first.undecided)
    held = {*(cell.id for cell in cells), *undecided}
    for run in runs[1:]:
        for id, release in run.releases.items():
            if releases.setdefault(id, release).lock_sha256 != release.lock_sha256:
                raise UsageError(f"Two of the runs installed {id} from different locks. Give results of one version.")
        for cell_id in (*(cell.id for cell in run.cells), *run.undecided):
            if cell_id in held:
                raise UsageError(f"Two of the runs hold the cell {cell_id}. Leave one of them out.")
            held.add(cell_id)
        cells += run.cells
        undecided += run.undecided
    return replace(
        first,
        releases=releases,
        cells=tuple(cells),
        undecided=tuple(undecided),
        complete=all(run.complete for run in runs),
        started=earliest_start(runs),
        shard=None,
        places=None,
    )
