"""What to do about a regression, found among the cells that were measured in the same run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.judging.keras_range import keras_range
from bnregress.judging.measured import Measured
from bnregress.machine.local_environment import is_local
from bnregress.releases.catalog import load_catalog
from bnregress.results.model import CellResult, Results
from bnregress.suite import status
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import OWN_NETWORKS, LoadingPath

#: How many neighbouring releases the command that looks for a remedy asks for, each way.
NEIGHBOURS = 2


def fill_remedies(
    results: Results, *, order: Sequence[str] | None = None, paths: Mapping[str, LoadingPath] = PATHS
) -> Results:
    """Return the results with a remedy for every regression; other cells keep theirs.

    Args:
        results: of one run.
        order: release ids, oldest first; the catalog's by default.
        paths: the registry of loading paths.
    """
    releases = tuple(load_catalog()) if order is None else tuple(order)
    measured = Measured(results.cells)
    keras = {id_: release.keras for id_, release in results.releases.items() if release.keras}
    cells = tuple(
        dataclasses.replace(cell, remedy=remedy(cell, measured, releases, paths, keras))
        if cell.status == status.REGRESS
        else cell
        for cell in results.cells
    )
    return results.with_cells(cells)


def remedy(
    cell: CellResult,
    measured: Measured,
    order: Sequence[str],
    paths: Mapping[str, LoadingPath],
    keras: Mapping[str, str] | None = None,
) -> str | None:
    """Return one sentence on what to do about a regression, None for a cell that did not regress.

    Args:
        cell: the cell in question.
        measured: every cell of the run.
        order: release ids, oldest first.
        paths: the registry of loading paths.
        keras: the version of Keras by release; where it decides, the sentence speaks of it and not of TensorFlow.
    """
    if cell.status != status.REGRESS:
        return None
    if cell.id.path not in paths and cell.remedy:
        # A person's own model: what its inspection found to cure it, no other path can.
        return cell.remedy
    if cell.id.path in paths and paths[cell.id.path].control:
        # A cure for a control would hide that the measurement itself is in doubt.
        return "A control must pass everywhere: do not trust this release's other verdicts until you know why."
    instead = passing_instead(cell, measured, paths)
    by_keras = keras_range(cell, measured.decided[cell.id.path, cell.id.variant], keras or {}, order)
    there = None if by_keras else _nearest_passing(cell, measured, order)
    ways = []
    if instead:
        ways.append(f"go through {instead}, `{paths[instead].summary}`, which passes in the same release")
    if by_keras:
        ways.append(f"take Keras {by_keras.sound}, as in {by_keras.release}: it is {by_keras}")
    if there:
        direction = "newer" if order.index(there) > order.index(cell.id.release) else "older"
        ways.append(f"take {there}, the nearest {direction} release in which it passes")
    if ways:
        sentence = "; or ".join(ways)
        return f"{sentence[0].upper()}{sentence[1:]}."
    return _ask_further(cell, measured, order, paths) if cell.id.path in paths else None


def _candidates(cell: CellResult, paths: Mapping[str, LoadingPath]) -> list[str]:
    """Name the paths that may stand in for a cell's path, the closest relatives first."""
    if cell.id.path not in paths or paths[cell.id.path].family in OWN_NETWORKS:
        return []
    families = dict.fromkeys([paths[cell.id.path].family, "applications"])
    # A path on another network is no way to this one: the network follows the dot, as in savedmodel.resnet50.
    network = cell.id.path.partition(".")[2]
    others = [path for path in paths.values() if path.id != cell.id.path and path.id.partition(".")[2] in (network, "")]
    return [path.id for family in families for path in others if path.family == family]


def passing_instead(cell: CellResult, measured: Measured, paths: Mapping[str, LoadingPath]) -> str | None:
    """Return the path, of those nearest to the cell's own, passing in its release and variant; None if none does."""
    passing = measured.paths[cell.id.release, cell.id.variant]
    return next((path for path in _candidates(cell, paths) if path in passing), None)


def nearest_variant(cell: CellResult, measured: Measured) -> str | None:
    """Return the subject, nearest in its variant, under which the cell's path passes in the same release, or None."""
    own = set(cell.id.variant.split(","))
    passing = measured.variants[cell.id.release, cell.id.path]
    nearest = min(passing, key=lambda other: len(own ^ set(other.variant.split(","))), default=None)
    return nearest.subject if nearest else None


def _nearest_passing(cell: CellResult, measured: Measured, order: Sequence[str]) -> str | None:
    """Find the nearest newer release in which the path passes, and the nearest older one only if there is none."""
    if cell.id.release not in order:
        return None
    place = {release: index for index, release in enumerate(order)}
    here = place[cell.id.release]
    passing = [place[release] for release in measured.releases[cell.id.path, cell.id.variant] if release in place]
    newer = [index for index in passing if index > here]
    older = [index for index in passing if index < here]
    nearest = min(newer) if newer else max(older) if older else None
    return None if nearest is None else order[nearest]


def _ask_further(cell: CellResult, measured: Measured, order: Sequence[str], paths: Mapping[str, LoadingPath]) -> str:
    """Say that nothing measured passes, and which command measures what was not."""
    tried = measured.tried[cell.id.variant]
    other_paths = [path for path in _candidates(cell, paths) if (cell.id.release, path) not in tried]
    nothing = "No other path of this release and no other release passed in this run"
    if is_local(cell.id.release):
        # What there is no release of, no selector names.
        names = _glob([cell.id.path, *other_paths])
        return f"{nothing}; to look further: the same command with `--path {names}`." if other_paths else f"{nothing}."
    here = order.index(cell.id.release) if cell.id.release in order else 0
    untried = [index for index, release in enumerate(order) if (release, cell.id.path) not in tried]
    older = [order[index] for index in untried if index < here][-NEIGHBOURS:]
    newer = [order[index] for index in untried if index > here][:NEIGHBOURS]
    if not (other_paths or older or newer):
        return "Nothing passes: every other path of this release and every other release were measured in this run."
    releases, names = _glob([*older, cell.id.release, *newer]), _glob([cell.id.path, *other_paths])
    command = f"bnregress run --select {releases} --path {names}"
    if cell.id.variant != DEFAULT_VARIANT:
        command += f" --variant {cell.id.variant}"
    return f"{nothing}; to look further: `{command}`."


def _glob(names: Sequence[str]) -> str:
    """Name all of them in one argument, quoted for a shell."""
    return names[0] if len(names) == 1 else f"'{{{','.join(names)}}}'"
