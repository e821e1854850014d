"""Many variants of one path, told as one: `small@*`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bnregress.cells.identifiers import DEFAULT_VARIANT, CellId

#: Variants of a path that still get a column or a line each.
FEW = 6


def fold(ids: Iterable[CellId]) -> dict[CellId, str]:
    """Return what each cell is shown under: its subject, or `PATH@*` for each of many variants of a path."""
    ids = list(ids)
    many = _many(id.subject for id in ids)
    return {id: f"{id.path}@*" if id.variant != DEFAULT_VARIANT and id.path in many else id.subject for id in ids}


def few_names(subjects: Iterable[str]) -> list[str]:
    """Return the subjects in order, many variants of a path as one with their number: `small@* (61 variants)`."""
    subjects = list(subjects)
    many = _many(subjects)
    names = []
    for subject in subjects:
        path, at, _ = subject.partition("@")
        names.append(f"{path}@* ({many[path]} variants)" if at and path in many else subject)
    return list(dict.fromkeys(names))


def _many(subjects: Iterable[str]) -> dict[str, int]:
    """Return the paths that have more variants than are shown one by one, with their number."""
    variants = Counter(subject.partition("@")[0] for subject in set(subjects) if "@" in subject)
    return {path: number for path, number in variants.items() if number > FEW}
