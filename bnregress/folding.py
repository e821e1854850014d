"""Many variants of one path, told as one: `small@*`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bnregress.identifiers import DEFAULT_VARIANT, CellId

#: Variants of a path that still get a column or a line each.
FEW = 6


def fold(ids: Iterable[CellId]) -> dict[CellId, str]:
    """Return what each cell is shown under: its subject, or `PATH@*` for each of many variants of a path."""
    ids = list(ids)
    variants = Counter(path for path, variant in {(id.path, id.variant) for id in ids} if variant != DEFAULT_VARIANT)
    return {
        id: f"{id.path}@*" if id.variant != DEFAULT_VARIANT and variants[id.path] > FEW else id.subject for id in ids
    }


def few_names(subjects: Iterable[str]) -> list[str]:
    """Return the subjects in order, many variants of a path as one with their number: `small@* (61 variants)`."""
    every = list(dict.fromkeys(subjects))
    variants = Counter(subject.partition("@")[0] for subject in every if "@" in subject)
    many = {path: f"{path}@* ({number} variants)" for path, number in variants.items() if number > FEW}
    return list(
        dict.fromkeys(many.get(subject.partition("@")[0], subject) if "@" in subject else subject for subject in every)
    )
