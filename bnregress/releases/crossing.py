"""Loading paths from another release, `h5-from=tf2.1.0`: which pairs there are, and what their ids mean."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from bnregress.cells.identifiers import CellId
from bnregress.reading.tables import Table
from bnregress.releases.catalog import Release
from bnregress.resources import RESOURCES

PAIRS = RESOURCES / "cross-release.toml"

#: How the id of a path ends whose model another release saves; the release follows.
_SUFFIX = "-from"


@dataclass(frozen=True, order=True)
class Crossing:
    """A model that a release saves for others to load.

    Attributes:
        path: as in `h5-from`.
        release: id of the release that saves it.
    """

    path: str
    release: str

    @classmethod
    def of(cls, path: str) -> Crossing | None:
        """Read a path's id such as `h5-from=tf2.1.0`; None for one that crosses no releases."""
        base, equals, release = path.partition("=")
        return cls(base, release) if equals and base.endswith(_SUFFIX) else None

    @property
    def saving(self) -> CellId:
        """The cell, of the saving release, in which the suite saves the model."""
        return CellId(release=self.release, path=self.path)

    def __str__(self) -> str:
        return f"{self.path}={self.release}"


def is_base(path: str) -> bool:
    """Whether it takes a release to make a path of it, as `h5-from`."""
    return path.endswith(_SUFFIX)


def offered(
    catalog: Mapping[str, Release], bases: Iterable[str], spelled_out: Iterable[str] = (), pairs: Path = PAIRS
) -> dict[str, list[str]]:
    """Return the ids of the paths from another release that each release is tested on, by the release that loads.

    Args:
        catalog: releases by id, oldest first.
        bases: as `h5-from`.
        spelled_out: what the user wrote; every release is tested on an id among it that names a release of the catalog.
        pairs: the data file.
    """
    bases = list(bases)
    wanted = {Crossing.of(text) for text in spelled_out}
    extra = [
        crossing for crossing in sorted(filter(None, wanted)) if crossing.path in bases and crossing.release in catalog
    ]
    found: dict[str, list[str]] = {}
    sources = _sources(catalog, pairs)
    for release in catalog:
        ids = [str(Crossing(base, source)) for base in bases for source in sources.get(release, ())]
        ids += [str(crossing) for crossing in extra if crossing.release != release]
        found[release] = list(dict.fromkeys(ids))
    return found


def _sources(catalog: Mapping[str, Release], pairs: Path) -> dict[str, list[str]]:
    """The releases whose models each release loads by default."""
    table = Table.read(pairs, "the pairs")
    table.check_keys(("to-the-next-minor", "to-the-newest"))
    newest: dict[tuple[int, ...], str] = {}
    for release in catalog.values():
        if release.on_tensorflow and "default" in release.groups and "-keras" not in release.id:
            newest[Version(release.tensorflow).release[:2]] = release.id
    line = list(newest.values())
    found: dict[str, list[str]] = {}
    if table.entries["to-the-next-minor"]:
        for source, target in itertools.pairwise(line):
            found.setdefault(target, []).append(source)
    for source in table.texts("to-the-newest"):
        if source in catalog and line and source not in found.setdefault(line[-1], []) and source != line[-1]:
            found[line[-1]].append(source)
    return found
