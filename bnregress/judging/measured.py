"""Which cells of a run were tried and which of them passed, found without going through all of them each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bnregress.cells.identifiers import CellId
from bnregress.results.model import CellResult
from bnregress.suite import status


class Measured:
    """The cells of a run by what is looked for.

    Attributes:
        tried: release and path of each cell, in any variant, by the variant that it was tried in.
        paths: paths that pass, by release and variant.
        releases: releases in which it passes, by path and variant.
        variants: ids that pass, by release and path.
        decided: whether it passes or regresses by release, by path and variant.
    """

    def __init__(self, cells: Iterable[CellResult]) -> None:
        """Sort the cells once."""
        self.tried: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.paths: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.releases: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.variants: dict[tuple[str, str], list[CellId]] = defaultdict(list)
        self.decided: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for cell in cells:
            name = cell.id
            self.tried[name.variant].add((name.release, name.path))
            if cell.status in (status.PASS, status.REGRESS):
                self.decided[name.path, name.variant][name.release] = cell.status
            if cell.status == status.PASS:
                self.paths[name.release, name.variant].add(name.path)
                self.releases[name.path, name.variant].append(name.release)
                self.variants[name.release, name.path].append(name)
