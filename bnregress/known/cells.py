"""Selectors of known regressions: globs with braces over `RELEASE/PATH` and `RELEASE/PATH@VARIANT`, part by part."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product

from bnregress.catalog import load_catalog
from bnregress.errors import UsageError, nearest
from bnregress.identifiers import DEFAULT_VARIANT, CellId
from bnregress.selector import expand_braces, shorten
from bnregress.variants import every_name, is_variant


@dataclass(frozen=True, kw_only=True)
class Names:
    """Every release, path and variant that a cell can be made of."""

    releases: Collection[str]
    paths: Collection[str]
    variants: Collection[str]

    @classmethod
    def here(cls) -> Names:
        """The names of this package's catalog and suite."""
        from bnregress.suite.paths import PATHS  # noqa: PLC0415 - it need not be read where nothing is held against it

        return cls(releases=load_catalog(), paths=PATHS, variants=every_name(PATHS))


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
        return (
            fnmatchcase(cell.release, self.release)
            and fnmatchcase(cell.path, self.path)
            and fnmatchcase(cell.variant, self.variant)
        )

    def found(self, names: Names) -> Iterator[frozenset[str]]:
        """Yield the releases, the paths and the variants that fit.

        Raises:
            UsageError: a part fits no name; says the nearest ones.
        """
        parts = (
            ("release", self.release, names.releases),
            ("loading path", self.path, names.paths),
            ("variant", self.variant, names.variants),
        )
        for what, glob, known in parts:
            fitting = frozenset(name for name in known if fnmatchcase(name, glob))
            if what == "variant" and is_variant(glob):
                fitting |= {glob}
            if not fitting:
                raise UsageError(f"no {what} is named {shorten(glob)}.{nearest(glob.strip('*'), known)}")
            yield fitting


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

    def require(self, names: Names) -> None:
        """Raise UsageError unless every glob fits a cell that there is."""
        for glob in self.globs:
            list(glob.found(names))

    def meets(self, other: CellSelector, names: Names) -> bool:
        """Whether a cell fits both selectors, of which each fits cells that there are."""
        return any(
            all(mine & theirs for mine, theirs in zip(ours.found(names), others.found(names), strict=True))
            for ours, others in product(self.globs, other.globs)
        )
