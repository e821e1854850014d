"""Selectors of known regressions: globs with braces over `RELEASE/PATH` and `RELEASE/PATH@VARIANT`, part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from typing import NamedTuple

from bnregress.cells.identifiers import DEFAULT_VARIANT, CellId
from bnregress.cells.selector import expand_braces, shorten
from bnregress.cells.variants import every_name, is_variant
from bnregress.errors import UsageError, nearest
from bnregress.machine.local_environment import LOCAL, is_local
from bnregress.releases.catalog import load_catalog


@dataclass(frozen=True, kw_only=True)
class Names:
    """Every release, path and variant that a cell can be made of."""

    releases: Collection[str]
    paths: Collection[str]
    variants: Collection[str]

    @classmethod
    def here(cls) -> Names:
        """The names of this package's catalog and suite."""
        from bnregress.suite.paths import PATHS  # noqa: PLC0415 - it need not be read if nothing is compared with it

        return cls(releases=load_catalog(), paths=PATHS, variants=every_name(PATHS))


class Block(NamedTuple):
    """Every cell that is made of one of these releases, one of these paths and one of these variants."""

    releases: frozenset[str]
    paths: frozenset[str]
    variants: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CellGlob:
    """One glob of a selector, cut at its slash and its @; without @ it means the default variant alone."""

    release: str
    path: str
    variant: str

    @classmethod
    def parse(cls, text: str) -> CellGlob:
        """Read one glob.

        Raises:
            UsageError: it has no release and path.
        """
        release, slash, subject = text.partition("/")
        path, at, variant = subject.partition("@")
        if not (release and slash and path) or "/" in subject or (at and not variant):
            raise UsageError(f"{shorten(text)} selects no cells. Write RELEASE/PATH or RELEASE/PATH@VARIANT.")
        return cls(release=release, path=path, variant=variant or DEFAULT_VARIANT)

    def matches(self, cell: CellId) -> bool:
        """Whether the cell fits, each part of it to its own part of the glob."""
        # What is known of releases was not measured in a person's own environment: only who names it means it.
        return (
            is_local(cell.release) <= (LOCAL in self.release)
            and fnmatchcase(cell.release, self.release)
            and fnmatchcase(cell.path, self.path)
            and fnmatchcase(cell.variant, self.variant)
        )

    def block(self, names: Names) -> Block:
        """Return the cells that fit.

        Raises:
            UsageError: a part fits no name; says the nearest ones.
        """
        return Block(
            releases=_fitting("release", self.release, names.releases),
            paths=_fitting("loading path", self.path, names.paths),
            variants=_fitting("variant", self.variant, names.variants),
        )


@dataclass(frozen=True, kw_only=True)
class CellSelector:
    """A selector as it is written, and the globs that its braces stand for."""

    text: str
    globs: tuple[CellGlob, ...]

    @classmethod
    def parse(cls, text: str) -> CellSelector:
        """Read a selector; raises UsageError where it, or an alternative in its braces, is none."""
        return cls(text=text, globs=tuple(map(CellGlob.parse, expand_braces(text))))

    def matches(self, cell: CellId) -> bool:
        """Whether any of the globs fits."""
        return any(glob.matches(cell) for glob in self.globs)

    def blocks(self, names: Names) -> list[Block]:
        """Return the cells of each glob; raises UsageError where a glob fits none."""
        return [glob.block(names) for glob in self.globs]


def overlap(some: Iterable[Block], others: Collection[Block]) -> bool:
    """Whether a cell is in a block of either kind."""
    return any(
        all(mine & theirs for mine, theirs in zip(one, other, strict=True)) for one, other in product(some, others)
    )


def _fitting(what: str, glob: str, known: Collection[str]) -> frozenset[str]:
    fitting = frozenset(name for name in known if fnmatchcase(name, glob))
    if (what == "variant" and is_variant(glob)) or (what == "release" and LOCAL in glob):
        fitting |= {glob}
    if not fitting:
        raise UsageError(f"no {what} is named {shorten(glob)}.{nearest(glob.strip('*'), known)}")
    return fitting
