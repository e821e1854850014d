"""From which TensorFlow and which Keras each way of loading a model is safe: compatibility data, from results alone.

Which releases there are besides, the catalog says; what was not measured is named, with the neighbours that bound it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from packaging.version import InvalidVersion, Version

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.results.model import CellResult, ReleaseResult, Results
from bnregress.suite import status
from bnregress.suite.paths import PATHS

SCHEMA_NAME = "bnregress/compat/1"
TENSORFLOW, KERAS = "tensorflow", "keras"
AXES = (TENSORFLOW, KERAS)

#: A release, and its cell; None if it was planned and not decided.
_Measured = tuple[str, CellResult | None]
_UNKNOWN = "unknown"
#: What a cell's status means for whoever wants to use the path; all else leaves it unknown.
_MEANINGS = {status.PASS: "safe", status.REGRESS: "broken", status.NOT_APPLICABLE: "absent"}
#: Of several cells of one version, the first of these that occurs.
_GRAVEST = ("broken", _UNKNOWN, "safe", "absent")


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Versions in a row that break a path, and what was measured in the newest of them.

    Attributes:
        first, last: as measured, both included.
        checks: the names of those that regress.
        reason, remedy, source: as listed if the regression is a known one, else as measured.
        evidence: id of the cell.
    """

    first: str
    last: str
    checks: tuple[str, ...]
    reason: str
    remedy: str | None
    source: str | None
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Versions that were not measured, between two that were and that differ."""

    versions: tuple[str, ...]
    after: str
    before: str


@dataclass(frozen=True, kw_only=True)
class Support:
    """What the versions of one package mean for a path, the oldest first.

    Attributes:
        safe_from: the oldest version from which on every measured one that has the path passes; None if none.
        safe_to: the newest that passes.
        broken: what breaks, the oldest first.
        undecided: versions that were run without a verdict.
        absent: versions without the path, as pairs of the first and the last in a row.
        gaps: what was not measured, beside a change.
        measured: how many versions have a verdict.
    """

    safe_from: str | None
    safe_to: str | None
    broken: tuple[Broken, ...]
    undecided: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]
    gaps: tuple[Gap, ...]
    measured: int


@dataclass(frozen=True, kw_only=True)
class Compatibility:
    """Support by path, by variant (or `*` for all that were run), and by package.

    `measured` and `not_measured` are versions by package, the oldest first.
    """

    measured: Mapping[str, tuple[str, ...]]
    not_measured: Mapping[str, tuple[str, ...]]
    paths: Mapping[str, Mapping[str, Mapping[str, Support]]]


def is_apart(release: str) -> bool:
    """Whether a release's Keras was chosen apart from its TensorFlow."""
    return "-keras" in release or release.startswith("keras")


def compatibility(results: Results, catalog: Iterable[tuple[str, str]]) -> Compatibility:
    """Return what results say of each path.

    Args:
        results: compared with the known regressions or not.
        catalog: TensorFlow and Keras version of every release that there is, measured or not.
    """
    listed = list(catalog)
    axes = [
        _Axis(TENSORFLOW, results, _tensorflow, [tensorflow for tensorflow, _ in listed]),
        _Axis(KERAS, results, _keras, [keras for _, keras in listed if _is_keras3(keras)]),
    ]
    by_path: dict[str, dict[str, list[_Measured]]] = {}
    decided = [(cell.id, cell) for cell in results.cells]
    for id, cell in [*decided, *((id, None) for id in results.undecided)]:
        by_path.setdefault(id.path, {}).setdefault(id.variant, []).append((id.release, cell))
    paths = {}
    for path in sorted(by_path, key=_registered):
        variants = by_path[path]
        if len(variants) > 1:
            every = [cell for cells in variants.values() for cell in cells]
            variants = {"*": every, **variants}
        paths[path] = {name: {axis.name: axis.support(cells) for axis in axes} for name, cells in variants.items()}
    return Compatibility(
        measured={axis.name: tuple(axis.versions) for axis in axes},
        not_measured={axis.name: tuple(axis.others) for axis in axes},
        paths=paths,
    )


def _registered(path: str) -> tuple[bool, int, str]:
    """Order as the registry does, controls last."""
    known = list(PATHS)
    return path in PATHS and PATHS[path].control, known.index(path) if path in PATHS else len(known), path


def _tensorflow(id: str, release: ReleaseResult) -> str | None:
    """The TensorFlow whose own Keras was measured; None if Keras was chosen apart."""
    version = release.tensorflow
    return None if version is None or is_apart(id) or _version(version) is None else version


def _keras(_id: str, release: ReleaseResult) -> str | None:
    """The Keras 3 on TensorFlow; what came before is part of TensorFlow and has its version."""
    return release.keras if release.engine is None and _is_keras3(release.keras) else None


def _is_keras3(version: str) -> bool:
    found = _version(version)
    return found is not None and found >= Version("3.0.0")


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except (InvalidVersion, TypeError):
        # `2.2.4-tf`, the Keras of TensorFlow 2.1, is none.
        return None


class _Axis:
    """The versions of one package."""

    def __init__(
        self,
        name: str,
        results: Results,
        version_of: Callable[[str, ReleaseResult], str | None],
        catalog: Sequence[str],
    ) -> None:
        self.name = name
        self.version = {
            id: version for id, release in results.releases.items() if (version := version_of(id, release)) is not None
        }
        self.versions = sorted(set(self.version.values()), key=Version)
        every = [version for version in set(catalog) if _version(version) is not None]
        self.others = sorted((version for version in every if version not in self.versions), key=Version)

    def support(self, cells: Sequence[_Measured]) -> Support:
        held: dict[str, list[CellResult | None]] = {}
        for release, cell in cells:
            if release in self.version:
                held.setdefault(self.version[release], []).append(cell)
        row = [(version, _meaning(held[version])) for version in self.versions if version in held]
        runs = [(meaning, [version for version, _ in some]) for meaning, some in groupby(row, key=lambda each: each[1])]
        present = [(meaning, versions) for meaning, versions in runs if meaning != "absent"]
        # From the newest back, as long as what has the path passes; a version without it ends nothing.
        safe: list[str] = []
        for meaning, versions in reversed(present):
            if meaning != "safe":
                break
            safe = [*versions, *safe]
        return Support(
            safe_from=safe[0] if safe else None,
            safe_to=safe[-1] if safe else None,
            broken=tuple(_broken(versions, held) for meaning, versions in runs if meaning == "broken"),
            undecided=tuple(version for version, meaning in row if meaning == _UNKNOWN),
            absent=tuple((versions[0], versions[-1]) for meaning, versions in runs if meaning == "absent"),
            gaps=tuple(self._gaps(runs, held)),
            measured=sum(len(versions) for meaning, versions in present if meaning != _UNKNOWN),
        )

    def _gaps(self, runs: Sequence[tuple[str, Sequence[str]]], held: Collection[str]) -> Iterable[Gap]:
        # What other paths were measured in, and not this one, counts too.
        others = sorted({*self.others, *(version for version in self.versions if version not in held)}, key=Version)
        for (_, before), (_, after) in pairwise(runs):
            first, last = before[-1], after[0]
            between = [version for version in others if Version(first) < Version(version) < Version(last)]
            if between:
                yield Gap(versions=tuple(between), after=first, before=last)


def _meaning(cells: Iterable[CellResult | None]) -> str:
    found = {_MEANINGS.get(cell.status, _UNKNOWN) if cell else _UNKNOWN for cell in cells}
    return next(meaning for meaning in _GRAVEST if meaning in found)


def _broken(versions: Sequence[str], held: Mapping[str, Sequence[CellResult | None]]) -> Broken:
    cells = [cell for version in versions for cell in held[version] if cell and cell.status == status.REGRESS]
    newest = cells[-1]
    known = newest.known if newest.as_known else None
    return Broken(
        first=versions[0],
        last=versions[-1],
        checks=tuple(
            dict.fromkeys(check.name for cell in cells for check in cell.checks if check.status == status.REGRESS)
        ),
        reason=known.reason if known else newest.reason,
        remedy=known.remedy if known else newest.remedy,
        source=known.source if known else None,
        evidence=str(newest.id),
    )


def to_json(found: Compatibility, results: Results, plans: Sequence[str] = ()) -> dict[str, Any]:
    """Return compat.json; a reason, remedy and source that several paths share stand once, in `causes`."""
    causes: dict[tuple[str, str | None, str | None], int] = {}

    def support(some: Support) -> dict[str, Any]:
        value: dict[str, Any] = {"safe_from": some.safe_from, "safe_to": some.safe_to, "measured": some.measured}
        if some.broken:
            value["broken"] = [
                {
                    "versions": [each.first, each.last],
                    "checks": list(each.checks),
                    "cause": causes.setdefault((each.reason, each.remedy, each.source), len(causes)),
                    "evidence": each.evidence,
                }
                for each in some.broken
            ]
        if some.undecided:
            value["undecided"] = list(some.undecided)
        if some.absent:
            value["absent"] = [list(pair) for pair in some.absent]
        if some.gaps:
            value["not_measured"] = [
                {"versions": list(gap.versions), "after": gap.after, "before": gap.before} for gap in some.gaps
            ]
        return value

    paths = {
        path: {
            "summary": PATHS[path].summary if path in PATHS else "",
            "variants": {
                name: {
                    axis: support(some) for axis, some in axes.items() if some.measured or some.undecided or some.absent
                }
                for name, axes in variants.items()
            },
        }
        for path, variants in found.paths.items()
    }
    return {
        "schema": SCHEMA_NAME,
        "bnregress": results.bnregress,
        "plans": list(plans) or [results.plan],
        "measured_at": results.started,
        "measured": {axis: list(versions) for axis, versions in found.measured.items()},
        "not_measured": {axis: list(versions) for axis, versions in found.not_measured.items()},
        "causes": [{"reason": reason, "remedy": remedy, "source": source} for reason, remedy, source in causes],
        "paths": paths,
    }


def main_variant(variants: Mapping[str, Mapping[str, Support]]) -> Mapping[str, Support]:
    """Return the support of a path as a whole: of all its variants, or of the only one."""
    return variants.get("*") or variants.get(DEFAULT_VARIANT) or next(iter(variants.values()))
