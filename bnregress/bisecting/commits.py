"""The commits of a person's clone between two, and the Keras of each, which is taken out of it with `git archive`.

Nothing is written into the clone: its work tree, index and references stay as they are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bnregress.errors import UsageError
from bnregress.reading.strict import printable
from bnregress.reading.text import one_line

#: What is taken out of each commit.
PACKAGE = "keras"
#: Where the version stands, today and in the first of Keras 3.
_VERSIONS = ("keras/src/version.py", "keras/version.py")


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit; `sha` has all of its digits."""

    sha: str
    day: str
    subject: str

    @property
    def short(self) -> str:
        """Its first twelve digits, as in the id of its release."""
        return self.sha[:12]


@dataclass(frozen=True)
class Repository:
    """A clone, with a work tree or bare.

    Args:
        path: its folder.
    """

    path: Path

    def __post_init__(self) -> None:
        """Refuse what is no folder."""
        if not self.path.is_dir():
            raise UsageError(f"{printable(self.path)} is not a folder. Give --repository the folder of a clone.")

    def between(self, first: str, last: str) -> tuple[tuple[Commit, ...], str | None]:
        """Return the commits from one to another along first parents, oldest first, and what is to be said of them.

        If the newer end does not come from the older one along first parents, the row begins where the two part.

        Raises:
            UsageError: this is no clone, there is no such commit, or the older one is not older.
        """
        old, new = self._resolve(first), self._resolve(last)
        base = self._git("merge-base", old, new).strip()
        if base == new:
            raise UsageError(f"{first} is not older than {last} in {printable(self.path)}. Give the older with --from.")
        row = self._log("--first-parent", "--reverse", f"{base}..{new}")
        said = None
        if base != old:
            said = (
                f"{first} is not on the way to {last}: the search begins at {base[:12]}, where the two part."
                f" What was changed on the branch of {first} alone is not searched."
            )
        return tuple(self._log("--max-count=1", base) + row), said

    def _log(self, *arguments: str) -> list[Commit]:
        told = (line.split("\0", 2) for line in self._git("log", "--format=%H%x00%cs%x00%s", *arguments).splitlines())
        return [Commit(sha=sha, day=day, subject=one_line(subject)) for sha, day, subject in told]

    def files(self, commit: Commit) -> tuple[str, ...]:
        """Return the files that a commit changed against its first parent, by name."""
        told = self._git("diff", "--name-only", "-z", "--no-ext-diff", f"{commit.sha}^1", commit.sha)
        return tuple(printable(name) for name in told.split("\0") if name)

    def keras_version(self, commit: Commit) -> str | None:
        """Return the version that the commit's Keras says it is; None if it does not."""
        for file in _VERSIONS:
            finished = self._run("show", f"{commit.sha}:{file}")
            for line in finished.stdout.decode(errors="replace").splitlines() if finished.returncode == 0 else ():
                name, _, value = line.partition("=")
                if name.strip() == "__version__":
                    return value.strip().strip("\"'")
        return None

    def take_out(self, commit: Commit, root: Path) -> Path:
        """Put the Keras of a commit into a folder below `root`, unless it is there already, and return that.

        Raises:
            UsageError: the commit has no package of that name.
        """
        folder = root / commit.sha
        if folder.is_dir():
            return folder
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".taking-", dir=root) as temporary:
            archive, whole = Path(temporary) / "archive.tar", Path(temporary) / "whole"
            finished = self._run("archive", "--format=tar", f"--output={archive}", commit.sha, "--", PACKAGE)
            if finished.returncode != 0:
                said = one_line(finished.stderr.decode(errors="replace"))
                if "pathspec" in said:
                    said = f"it has no folder {PACKAGE}"
                raise UsageError(
                    f"{commit.short} cannot be taken out of {printable(self.path)}: {said}."
                    " Give a whole clone of Keras with --repository."
                )
            _extract(archive, whole)
            try:
                whole.rename(folder)
            except OSError:
                # Another search was as fast.
                shutil.rmtree(whole)
        return folder

    def _resolve(self, name: str) -> str:
        finished = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        sha = finished.stdout.decode().strip()
        if finished.returncode != 0 or not sha:
            said = one_line(finished.stderr.decode(errors="replace"))
            raise UsageError(
                f"{printable(self.path)} has no commit {printable(name)}{f' ({said})' if said else ''}."
                " Give a tag, a branch or a commit of the clone; `git fetch --tags` brings more."
            )
        return sha

    def _git(self, *arguments: str) -> str:
        finished = self._run(*arguments)
        if finished.returncode != 0:
            said = one_line(finished.stderr.decode(errors="replace"))
            raise UsageError(f"git {arguments[0]} failed in {printable(self.path)}: {said}")
        return finished.stdout.decode(errors="replace")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # Neither another clone's variables nor the clone's own hooks and helpers take part, and no lock is taken.
        variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        variables |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}
        command = ["git", "-C", str(self.path), "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]
        try:
            return subprocess.run([*command, *arguments], env=variables, capture_output=True, check=False)
        except OSError as error:
            raise UsageError(
                f"git cannot be started ({error.strerror}). Install it, or leave --repository out."
            ) from error


def _extract(archive: Path, folder: Path) -> None:
    """Write the plain files of an archive; links and whatever leads out of the folder are left out."""
    with tarfile.open(archive) as content:
        for member in content:
            parts = PurePosixPath(member.name).parts
            source = content.extractfile(member) if member.isfile() else None
            if source is None or parts[:1] != (PACKAGE,) or ".." in parts:
                continue
            place = folder.joinpath(*parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            with source, place.open("wb") as target:
                shutil.copyfileobj(source, target)
