"""Adds to the built documentation what a nightly run found: python -m tools.pages RESULTS --earlier URL --out site.

The site is also where the results of earlier nights are kept: `runs.zip`, which the next night reads and goes on with.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from html import escape
from pathlib import Path

from bnregress.errors import UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.history import History, StoredRun
from bnregress.judging.known.entries import load_known
from bnregress.releases.catalog import load_catalog
from bnregress.reports.files import write_reports
from bnregress.reports.findings import write_findings
from bnregress.reports.history import render_history_page
from bnregress.results.file import RESULTS_FILE, load_results, write_results
from bnregress.results.finding import find_results
from bnregress.results.model import Results, timestamp
from bnregress.results.union import union

RUNS = "runs.zip"
#: The newest run of every release of the group `default`, which is not made each night.
EVERY = "every-results.json"
NIGHTS = 90
#: Bytes of the archive, and of a file in it.
MOST_BYTES, MOST_OF_ONE = 200 * 2**20, 100 * 2**20
_NAME = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}-results\.json|{re.escape(EVERY)}")
_SECONDS = 120
_PAGES = {
    "newest/report.html": "The newest verdicts: last night's, and those of the last run of every release",
    "history.html": "What changed from night to night",
    "findings.md": "From which version on each way of loading a model is safe",
    "compat.json": "The same for programs",
    "newest/results.json": "The newest results as a file",
    "newest/badge.json": "A badge, for shields.io/badges/endpoint-badge",
    RUNS: f"The results of the last {NIGHTS} nights",
}


def earlier_runs(address: str) -> dict[str, bytes]:
    """Return the files of an archive that an earlier night published; none if there was no earlier night.

    Raises:
        UsageError: it cannot be told, so that publishing now would lose what is there.
    """
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - the site's own address
            packed = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return {}
        raise UsageError(f"{address} answers {error.code}. Nothing is published, so that no night is lost.") from error
    except OSError as error:
        raise UsageError(
            f"{address} cannot be read: {error}. Nothing is published, so that no night is lost."
        ) from error
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = [entry for entry in archive.infolist() if _NAME.fullmatch(entry.filename)]
            if len(packed) > MOST_BYTES or any(entry.file_size > MOST_OF_ONE for entry in entries):
                raise UsageError(
                    f"{address} is larger than any archive of nights. Look at it before you publish again."
                )
            return {entry.filename: archive.read(entry) for entry in entries}
    except zipfile.BadZipFile as error:
        raise UsageError(
            f"{address} is no archive of nights ({error}). Look at it before you publish again."
        ) from error


def readable(files: Mapping[str, bytes], folder: Path) -> dict[str, Results]:
    """Unpack files into a folder, and return those that this version of bnregress can read; the others are named."""
    found = {}
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content)
        try:
            found[name] = load_results(path)
        except UsageError as error:
            print(f"left out of the history: {error}", file=sys.stderr)
            path.unlink()
    return found


def side_by_side(runs: Iterable[Results]) -> Results:
    """Return the cells of several runs; of a release that two of them hold, those of the run that comes first."""
    kept: list[Results] = []
    held: set[str] = set()
    for run in runs:
        kept.append(
            replace(
                run,
                releases={id: release for id, release in run.releases.items() if id not in held},
                cells=tuple(cell for cell in run.cells if cell.id.release not in held),
                undecided=tuple(id for id in run.undecided if id.release not in held),
            )
        )
        held |= {cell.id.release for cell in run.cells} | {id.release for id in run.undecided} | {*run.releases}
    return union(kept)


def publish(tonight: Sequence[Path], every: Sequence[Path], earlier: Mapping[str, bytes], out: Path) -> None:
    """Write the newest report, badge, history, compat.json and the archive into the site.

    Args:
        tonight: results of this night, one at least.
        every: results of a run of every release, if there was one this night.
        earlier: files of the archive by name.
        out: the folder of the site.

    Raises:
        UsageError: a file of this night is not results.
    """
    if not tonight:
        raise UsageError("There are no results of this night.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        night = side_by_side(map(load_results, tonight))
        stored = readable(earlier, folder)
        day = (night.started or timestamp(datetime.now(timezone.utc)))[:10]
        stored[f"{day}-results.json"] = night
        if every:
            stored[EVERY] = side_by_side(map(load_results, every))
        nights = sorted(name for name in stored if name != EVERY)[-NIGHTS:]
        for name in (*nights, *([EVERY] if EVERY in stored else [])):
            write_results(stored[name], folder / name)
        whole = side_by_side([night, *([stored[EVERY]] if EVERY in stored else [])])
        known = load_known()
        newest = assess(whole, known)
        catalog = [(release.tensorflow, release.keras) for release in load_catalog().values() if release.on_tensorflow]
        write_findings(newest, catalog, [newest.plan], out)
        write_reports(newest, out / "newest")
        write_results(newest, out / "newest" / RESULTS_FILE)
        history = History.of([StoredRun.of(folder / name, assess(stored[name], known)) for name in nights])
        (out / "history.html").write_text(render_history_page(history), encoding="utf-8")
        with zipfile.ZipFile(out / RUNS, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.glob("*.json")):
                if path.name in {*nights, EVERY}:
                    archive.write(path, path.name)
    (out / "newest" / "index.html").write_text(_index(), encoding="utf-8")


def _index() -> str:
    rows = "".join(f'<li><a href="../{address}">{escape(what)}</a></li>\n' for address, what in _PAGES.items())
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>bnregress: the newest results</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<h1>The newest results</h1>\n<ul>\n{rows}</ul>\n<p><a href="../index.html">Documentation</a></p>\n</html>\n'
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, publish, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.pages", description=__doc__)
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder of the night's artifacts")
    parser.add_argument("--earlier", required=True, metavar="URL", help=f"{RUNS} of the site as it is published now")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the built site")
    chosen = parser.parse_args(arguments)
    try:
        of_every = chosen.results / "every-report"
        every = find_results([of_every]) if of_every.is_dir() else ()
        tonight = [file for file in find_results([chosen.results]) if file not in every]
        publish(tonight, every, earlier_runs(chosen.earlier), chosen.out)
    except UsageError as error:
        print(f"tools.pages: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
