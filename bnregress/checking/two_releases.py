"""A person's own model in two releases, layer by layer: frozen or not, it must normalise alike before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bnregress.checking.model_cells import CHECK, PATH
from bnregress.reading.text import count
from bnregress.results.model import CellResult, Results
from bnregress.suite import status
from bnregress.suite.inspection import verdicts
from bnregress.suite.wording import listed

#: Statuses of a cell whose layers were all measured.
_MEASURED = frozenset({status.PASS, status.NOT_APPLICABLE})
_WORDS = {verdicts.OWN: "in inference mode", verdicts.BATCH: "with the batch's statistics"}


def compare_model(results: Results, before: str, after: str) -> Results:
    """Return the results with the cells of `own-model` as the comparison of their layers has them.

    A model that nothing is wrong with in either release is still no safe upgrade if a
    layer of it trains in inference mode in one and with the batch's statistics in the
    other. What regresses or is undecided by itself stays so.

    Args:
        results: with the cells of `own-model`.
        before: id of a release.
        after: id of the release that takes its place.
    """
    cells = {cell.id.release: cell for cell in results.cells if cell.id.path == PATH}
    older, newer = cells.get(before), cells.get(after)
    if older is None or newer is None or not {older.status, newer.status} <= _MEASURED:
        return results
    changed, unseen = _differences(_layers(older), _layers(newer))
    if changed:
        older, newer = (
            _judged(older, status.PASS, None),
            _judged(newer, status.REGRESS, _broken(changed, before, after)),
        )
    elif unseen:
        newer = _judged(newer, status.INCONCLUSIVE, f"not compared with {before}: {unseen}")
    judged = {cell.id: cell for cell in (older, newer)}
    return results.with_cells(judged.get(cell.id, cell) for cell in results.cells)


def _layers(cell: CellResult) -> list[Mapping[str, Any]]:
    layers = [layer for check in cell.checks for layer in check.evidence.get("layers", ())]
    return [layer for layer in layers if layer["evidence"].get("training_statistics")]


def _differences(
    older: Sequence[Mapping[str, Any]], newer: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[str, str, str]], str | None]:
    """Return (name, statistics before, statistics after) of each layer that changed, and why others are not known."""
    if len(older) != len(newer):
        return [], f"{len(older)} BatchNorm layers before, {len(newer)} after"
    # Keras numbers the names that it makes up within a process, so layers correspond by their order.
    pairs = [(layer["name"], _statistics(layer), _statistics(other)) for layer, other in zip(older, newer, strict=True)]
    unseen = [name for name, *sides in pairs if verdicts.UNSEEN in sides]
    changed = [pair for pair in pairs if pair[1] != pair[2] and verdicts.UNSEEN not in pair]
    return changed, f"what {listed(unseen)} normalises with in training could not be seen" if unseen else None


def _statistics(layer: Mapping[str, Any]) -> str:
    """Return what a layer follows in training; one whose statistics move follows the batch, whatever it gives."""
    evidence = layer["evidence"]
    moves = any(name.startswith("moving_") for name in evidence["moved_by_training"] or ())
    return verdicts.BATCH if moves else str(evidence["training_statistics"])


def _broken(changed: Sequence[tuple[str, str, str]], before: str, after: str) -> str:
    _, was, is_now = changed[0]
    layers = f"{count(len(changed), 'BatchNorm layer')} ({listed([name for name, *_ in changed])})"
    trains = "trains" if len(changed) == 1 else "train"
    return f"{layers} {trains} {_WORDS[was]} in {before} and {_WORDS[is_now]} in {after}"


def _judged(cell: CellResult, word: str, reason: str | None) -> CellResult:
    reason = reason or cell.reason
    checks = tuple(
        replace(check, status=word, reason=reason) if check.name == CHECK else check for check in cell.checks
    )
    return replace(cell, status=word, reason=reason, checks=checks)
