"""Training curves of fine-tune runs, as Markdown; report.html draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bnregress.reports.markdown import table
from bnregress.results.model import CellResult

CHECK = "accuracy-parity"
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Accuracy by epoch of one arm: of `fit`, and on held-out images."""

    title: str
    accuracy: tuple[float, ...]
    held_out: tuple[float, ...]


def curves_of(cell: CellResult) -> tuple[Curves, Curves] | None:
    """Return a cell's own curves and those of its reference arm; None if it was not fine-tuned."""
    evidence = next((check.evidence for check in cell.checks if check.name == CHECK), {})
    curves: Any = evidence.get("curves")
    try:
        own, reference = (
            Curves(
                title=title,
                accuracy=_numbers(curves[arm]["accuracy"]),
                held_out=_numbers(curves[arm]["val_accuracy"]),
            )
            for arm, title in (("subject", str(cell.id)), ("reference", "head on inference features"))
        )
    except (KeyError, TypeError, ValueError):
        return None
    return own, reference


def markdown(cell: CellResult) -> str | None:
    """Return the curves as a table, a row each, with bars; None if there are none."""
    if (found := curves_of(cell)) is None:
        return None
    own, reference = found
    rows = [("`fit`", own.accuracy), ("held-out", own.held_out), (f"held-out, {reference.title}", reference.held_out)]
    epochs = [str(epoch + 1) for epoch in range(len(own.accuracy))]
    return table(
        ["accuracy by epoch", "", *epochs],
        [[name, bars(values), *(f"{value:.2f}" for value in values)] for name, values in rows],
    )


def bars(values: Iterable[float]) -> str:
    """Draw accuracies in [0, 1] as a bar each; what is not a number is a blank."""
    return "".join(
        _BARS[min(len(_BARS) - 1, max(0, int(value * len(_BARS))))] if math.isfinite(value) else " " for value in values
    )


def without_curves(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return the evidence less what is drawn instead."""
    return {name: value for name, value in evidence.items() if name != "curves"}


def _numbers(values: Any) -> tuple[float, ...]:
    # A record keeps what JSON has no number for as text, as "nan".
    numbers = tuple(float(value) for value in values)
    if not numbers:
        raise ValueError("no epoch")
    return numbers
