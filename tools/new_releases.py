"""Adds the releases that the index has and the catalog lacks, runs them, and writes what a pull request of them holds.

`python -m tools.new_releases FOLDER`, in a clone: rows and locks are written to the clone, and copied to FOLDER/files;
FOLDER/body.md has the run and the regressions that are new. Exits 0, 3 if the catalog lacks nothing, 4 if nothing could
be added.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bnregress.errors import ExitCode, FatalError
from bnregress.releases.additions import Addition, Missing, add_keras, add_release, missing
from bnregress.releases.catalog import CATALOG, read_catalog
from bnregress.releases.locking import write_locks

ROOT = Path(__file__).resolve().parents[1]
#: Releases that one pull request adds; the next run finds the rest.
MOST = 3


def main(arguments: Sequence[str]) -> int:
    """Propose; the exit code says whether there is something to propose."""
    folder = Path(arguments[0])
    lacking = missing(read_catalog())
    if not lacking:
        print("The catalog lacks nothing.")
        return ExitCode.NOTHING_TO_DO
    return propose(lacking[:MOST], folder, add=add, lock=lock, run=run)


def propose(
    lacking: Sequence[Missing],
    folder: Path,
    *,
    add: Callable[[Missing], Addition],
    lock: Callable[[Sequence[str]], Sequence[str]],
    run: Callable[[Sequence[str], Path], str],
    catalog: Path = CATALOG,
) -> int:
    """Add what is lacking and write the proposal.

    Args:
        lacking: versions to add.
        folder: where the proposal goes.
        add: writes a row and its locks.
        lock: makes the other locks of the releases, and returns what could not be made.
        run: runs the releases, with a folder for the results, and returns Markdown about them.
        catalog: the file; the locks lie beside it.
    """
    before = _contents(catalog)
    tried = {each: _tried(add, each) for each in lacking}
    added = [addition.release.id for addition in tried.values() if isinstance(addition, Addition)]
    failed = [f"{each.package} {each.version}: {said}" for each, said in tried.items() if isinstance(said, str)]
    if not added:
        print("\n".join(failed), file=sys.stderr)
        return ExitCode.UNDECIDED
    failed += lock(added)
    report = run(added, folder / "results")
    for path, content in _contents(catalog).items():
        if before.get(path) != content:
            copy = folder / "files" / "bnregress" / "resources" / path.relative_to(catalog.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    notes = "".join(f"\n- {' '.join(each.split())}" for each in failed)
    body = f"The package index has {', '.join(added)}, which the catalog lacked.\n\n{report}{notes}\n"
    (folder / "body.md").write_text(body, encoding="utf-8")
    return ExitCode.EXPECTED


def _tried(add: Callable[[Missing], Addition], lacking: Missing) -> Addition | str:
    try:
        return add(lacking)
    except FatalError as error:
        return f"could not be added: {error}"


def add(lacking: Missing) -> Addition:
    """Write the row and the locks for the CPU of one version."""
    return add_keras(lacking.version) if lacking.package == "keras" else add_release(lacking.version)


def lock(ids: Sequence[str]) -> Sequence[str]:
    """Make the locks for the GPU."""
    return write_locks(read_catalog(), ids)


def run(ids: Sequence[str], out: Path) -> str:
    """Run the releases, and return what the gate says and which entries the known regressions would get."""
    select = [argument for id_ in ids for argument in ("--select", id_)]
    ran = _bnregress("run", *select, "--out", str(out))
    if not (out / "results.json").is_file():
        return f"The run broke off with exit code {ran.returncode}; its log says why."
    gate = _bnregress("gate", str(out / "results.json"), "--format", "markdown").stdout
    known = _bnregress("known", "--update", str(out / "results.json")).stdout
    proposed = f"\n\nProposed for `known.toml`:\n\n~~~diff\n{known}~~~" if known.strip() else ""
    return f"{gate}{proposed}"


def _bnregress(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bnregress", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)


def _contents(catalog: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (catalog, *(catalog.parent / "locks").glob("*.txt"))}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
