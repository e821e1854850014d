"""Training curves of fine-tune runs, as Markdown and as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bnregress.reports.markdown import table
from bnregress.results.model import CellResult, Results
from bnregress.suite import status

CHECK = "accuracy-parity"
_BARS = "▁▂▃▄▅▆▇█"
#: Blue and orange of Okabe and Ito, told apart by the colour-blind too.
_TRAIN, _HELD_OUT = "#0072b2", "#d55e00"
_WIDTH, _HEIGHT, _LEFT, _TOP = 300, 180, 40, 44


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


def write_curves(results: Results, folder: Path) -> list[Path]:
    """Write `RELEASE--PATH.svg` below `folder` for each cell whose fine-tune regresses.

    It shows the cell beside a path that passes in the same release, or beside
    its own reference arm if none does.

    Raises:
        OSError: a file cannot be written.
    """
    files = []
    for cell in results.cells:
        regresses = any(check.name == CHECK and check.status == status.REGRESS for check in cell.checks)
        if not regresses or (found := curves_of(cell)) is None:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{str(cell.id).replace('/', '--')}.svg"
        file.write_text(svg([found[0], _cure(cell, results) or found[1]], chance=_chance(cell)), encoding="utf-8")
        files.append(file)
    return files


def svg(panels: Sequence[Curves], chance: float) -> str:
    """Draw curves side by side on one scale, the level of chance dashed."""
    width, height = len(panels) * (_WIDTH + _LEFT) + 20, _HEIGHT + _TOP + 50
    titles = escape(", ".join(each.title for each in panels))
    about = f'viewBox="0 0 {width} {height}" role="img" font-family="system-ui, sans-serif" font-size="11"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {about}>',
        f"<title>Accuracy in training and on held-out images: {titles}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place, panel in enumerate(panels):
        parts += _panel(panel, chance, left=_LEFT + place * (_WIDTH + _LEFT))
    for place, (name, colour) in enumerate((("fit", _TRAIN), ("held-out", _HELD_OUT), ("chance", "#666"))):
        x, y = _LEFT + place * 90, height - 12
        parts.append(f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="2"{_dash(name)}/>')
        parts.append(f'<text x="{x + 24}" y="{y}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Curves, chance: float, left: int) -> list[str]:
    bottom = _TOP + _HEIGHT
    parts = [f'<text x="{left}" y="{_TOP - 16}" font-weight="600">{escape(panel.title)}</text>']
    for level in (0.0, 0.5, 1.0):
        y = bottom - level * _HEIGHT
        parts.append(f'<path d="M{left} {y:g}h{_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:g}" text-anchor="end">{level:g}</text>')
    parts.append(f'<path d="M{left} {bottom - chance * _HEIGHT:.1f}h{_WIDTH}" stroke="#666"{_dash("chance")}/>')
    for values, colour in ((panel.accuracy, _TRAIN), (panel.held_out, _HELD_OUT)):
        step = _WIDTH / max(1, len(values) - 1)
        points = [
            f"{left + place * step:.1f},{bottom - value * _HEIGHT:.1f}"
            for place, value in enumerate(values)
            if math.isfinite(value)
        ]
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    parts.append(f'<text x="{left}" y="{bottom + 16}">epoch 1</text>')
    parts.append(f'<text x="{left + _WIDTH}" y="{bottom + 16}" text-anchor="end">{len(panel.accuracy)}</text>')
    return parts


def _dash(name: str) -> str:
    return ' stroke-dasharray="4 3"' if name == "chance" else ""


def _cure(cell: CellResult, results: Results) -> Curves | None:
    for other in results.cells:
        same = other.id.release == cell.id.release and other.id.variant == cell.id.variant
        if same and other.status == status.PASS and (found := curves_of(other)) is not None:
            return found[0]
    return None


def _chance(cell: CellResult) -> float:
    evidence = next(check.evidence for check in cell.checks if check.name == CHECK)
    chance = evidence.get("chance")
    return float(chance) if isinstance(chance, (int, float)) else 0.0


def _numbers(values: Any) -> tuple[float, ...]:
    # A record keeps what JSON has no number for as text, as "nan".
    numbers = tuple(float(value) for value in values)
    if not numbers:
        raise ValueError("no epoch")
    return numbers
