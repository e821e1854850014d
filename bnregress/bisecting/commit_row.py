"""A row of commits as releases: the Keras of each over the locked environment of a release that it works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bnregress.bisecting.commits import PACKAGE, Commit, Repository
from bnregress.releases.catalog import Build, Catalog, Release
from bnregress.releases.dated import keras_before
from bnregress.run.unpacking import contents_sha256

#: Where in the cache the commits are taken out.
FOLDER = "commits"


@dataclass(frozen=True, kw_only=True)
class CommitRow:
    """Commits between two.

    Attributes:
        repository: the clone.
        base: the release in whose environment all of them run.
        commits: by the id of the release that stands for each, oldest first.
        catalog: the catalog's releases, and those of the commits that were taken out so far.
        folder: where commits are taken out to.
        said: what a person must know of the row.
    """

    repository: Repository
    base: Release
    commits: Mapping[str, Commit]
    catalog: dict[str, Release]
    folder: Path
    said: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The releases of the row, oldest first."""
        return tuple(self.commits)

    def take_out(self, release: str) -> None:
        """Take a commit out, and put its release into the catalog; raises UsageError if the commit has no Keras."""
        commit = self.commits[release]
        folder = self.repository.take_out(commit, self.folder)
        version = self.repository.keras_version(commit) or self.base.keras
        build = Build(
            package=PACKAGE,
            version=version,
            given=f"{self.repository.path}@{commit.sha}",
            replaced=f"{PACKAGE} {self.base.keras}",
            folder=folder,
            sha256=contents_sha256(folder),
            modules=(PACKAGE,),
        )
        self.catalog[release] = replace(
            self.base,
            id=release,
            keras=version,
            groups=frozenset(),
            note="",
            base=self.base.id,
            builds=(build,),
            other_pythons=(),
        )


def commit_row(catalog: Catalog, repository: Repository, first: str, last: str, *, cache: Path) -> CommitRow:
    """Return the commits from one to another along first parents, on one release of the catalog.

    That is the one with the newest Keras that is not newer than the newer end's, so that what it needs is there.

    Raises:
        UsageError: the repository or an end is not one, or the newer end has no Keras 3.
    """
    commits, parted = repository.between(first, last)
    base = keras_before(catalog, repository.keras_version(commits[-1]), last)
    said = f"Every commit ran in the environment of {base.id}, before whose Keras its own is put."
    return CommitRow(
        repository=repository,
        base=base,
        commits={f"{base.id}+{commit.short}": commit for commit in commits},
        catalog=dict(catalog.releases),
        folder=cache / FOLDER,
        said=(parted, said) if parted else (said,),
    )
