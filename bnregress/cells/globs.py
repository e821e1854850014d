"""Names many cells in few selectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os.path import commonprefix

from bnregress.cells.identifiers import DEFAULT_VARIANT, CellId


def selectors(cells: Iterable[CellId]) -> list[tuple[str, tuple[CellId, ...]]]:
    """Return selectors that fit just these cells, each with the cells that it fits, in order of first appearance.

    Releases that share their paths are named together: `tf2.{0.0,1.0}/{h5,json}`.
    """
    held: dict[tuple[str, str], list[CellId]] = {}
    for cell in dict.fromkeys(cells):
        held.setdefault((cell.variant, cell.release), []).append(cell)
    alike: dict[tuple[str, tuple[str, ...]], list[CellId]] = {}
    for (variant, _), group in held.items():
        alike.setdefault((variant, tuple(cell.path for cell in group)), []).extend(group)
    return [
        (_selector(list(dict.fromkeys(cell.release for cell in group)), paths, variant), tuple(group))
        for (variant, paths), group in alike.items()
    ]


def _selector(releases: Sequence[str], paths: Sequence[str], variant: str) -> str:
    end = "" if variant == DEFAULT_VARIANT else f"@{variant}"
    return f"{joined(releases)}/{joined(paths)}{end}"


def joined(names: Sequence[str]) -> str:
    """Return one selector for all the names, what they begin with said once: `tf2.{0.0,1.0}`."""
    if len(names) == 1:
        return names[0]
    start = commonprefix(list(names))  # noqa: RUF071 - names, not paths
    start = start[: max(start.rfind("."), start.rfind("-")) + 1]
    return f"{start}{{{','.join(name.removeprefix(start) for name in names)}}}"
