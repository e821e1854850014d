"""`nox -s mutants`: change the framework's own deciding code, one place at a time; count what the suite notices."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from rich.console import Console

from bnregress import __version__
from bnregress.cells.identifiers import CellId
from bnregress.errors import FatalError
from bnregress.judging.known.entries import find_entry, load_known
from bnregress.releases.catalog import Release, load_catalog
from bnregress.run.environment_variables import testing_variables
from bnregress.suite.registry import DEFAULT_GROUP
from tests.mutants.page import put, section
from tests.mutants.reach import Reach, row
from tests.mutants.report import SURVIVED, UNDECIDED, Result, diff_of, print_results, write_results
from tests.mutants.targets import AREAS, Candidate, candidates
from tests.power.place import require_environment, stage


def releases(catalog: Iterable[Release]) -> dict[str, int]:
    """The newest release of each major version of Keras that plain runs take, and that version, from Keras 2 on."""
    newest = {}
    for each in sorted(catalog, key=lambda release: release.sort_key):
        if each.on_tensorflow and not each.is_floating and DEFAULT_GROUP in each.groups:
            newest[int(each.keras.partition(".")[0])] = each.id
    return {id_: major for major, id_ in newest.items() if major > 1}


RELEASES = releases(load_catalog().values())
#: Files of the tests that go into the environment beside the suite.
STAGED = ("mutants/__init__.py", "mutants/inside.py", "mutants/patching.py", "mutants/witness/*.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is not in the folder of results yet, and print all that is."""
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        with ThreadPoolExecutor(max_workers=options.jobs) as pool:
            found = list(pool.map(lambda release: measure(release, options), options.release or RELEASES))
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    results = [each for of_release in found for each in of_release]
    write_results(options.out / "mutants.json", results)
    print_results(Console(width=max(120, Console().width)), results)
    if options.page is not None:
        page = options.page.read_text(encoding="utf-8")
        options.page.write_text(put(page, section(results, _how_measured(options))), encoding="utf-8")
    return 0


def _how_measured(options: argparse.Namespace) -> str:
    sample = (
        "every mutant"
        if options.all
        else f"at most {options.sample} mutants of each area, drawn by seed {options.seed}"
    )
    quick = " Of most areas the small network's cells alone were tried." if options.quick else ""
    return f"Measured on {datetime.now(timezone.utc):%Y-%m-%d} by bnregress {__version__}: {sample}.{quick}"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="nox -s mutants --", description=__doc__)
    parser.add_argument("--release", action="append", choices=tuple(RELEASES), help="default: both")
    parser.add_argument("--area", action="append", choices=AREAS, help="default: every area")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the sample; default: %(default)s")
    parser.add_argument(
        "--sample", type=int, default=10, metavar="N", help="mutants of each area and release; default: %(default)s"
    )
    parser.add_argument("--all", action="store_true", help="every mutant instead of a sample")
    parser.add_argument("--quick", action="store_true", help="try the small network's cells alone, of most areas")
    parser.add_argument("--retry", action="store_true", help="run those again that survived or were undecided")
    parser.add_argument(
        "--out", type=Path, default=Path("mutants-results"), metavar="DIR",
        help="results, read again by the next run; default: %(default)s",
    )  # fmt: skip
    parser.add_argument("--report", action="store_true", help="decide nothing; tell of what is decided already")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write what was measured into docs/power.md")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="releases side by side; default: %(default)s")
    return parser.parse_args(arguments)


def measure(release: str, options: argparse.Namespace) -> list[Result]:
    """Decide the sample's mutants of a release; return all results that are known of them."""
    python = require_environment(release) / "bin" / "python"
    source = _source(python)
    every = list(candidates(source, RELEASES[release]))
    reach = _reached(release, python, every, options)
    chosen = choose(every, reach, options.area or AREAS, None if options.all else options.sample, options.seed)
    answers = options.out / f"{release}.jsonl"
    told = read_answers(answers)
    left = [
        each
        for each in chosen
        if each.id not in told or (options.retry and told[each.id]["verdict"] in (SURVIVED, UNDECIDED))
    ]
    sys.stderr.write(f"{release}: {len(every)} mutants, {len(chosen)} chosen, {len(left)} to decide\n")
    if left and not options.report:
        rows = [row(each, reach) for each in left]
        known = regressing(release, reach.planned)
        run_inside(python, {"mutants": rows, "known": known, "reference": _reference(release, options)}, answers)
        told = read_answers(answers)
    return [
        Result(release=release, candidate=each, answer=told[each.id], diff=diff_of(source, each))
        for each in chosen
        if each.id in told
    ]


def choose(
    every: Sequence[Candidate], reach: Reach, areas: Sequence[str], count: int | None, seed: int
) -> list[Candidate]:
    """Take a sample of each area from the mutants whose lines the witness runs, in an order drawn by the seed."""
    chosen = []
    for area in areas:
        of_area = [each for each in every if each.area == area and reach.parts(each)]
        random.Random(f"{seed}/{area}").shuffle(of_area)
        chosen += of_area[:count]
    return chosen


def read_answers(file: Path) -> dict[str, dict[str, Any]]:
    """What earlier runs left: the last answer of each mutant by its id."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    return {row["id"]: row for row in map(json.loads, lines)}


def planned(release: str) -> list[str]:
    """Cells of a plain run, as `PATH` or `PATH@VARIANT`, without those whose process needs other variables."""
    command = [sys.executable, "-m", "bnregress", "plan", "--select", release, "--format", "json"]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    cells = [str(cell).partition("/")[2] for cell in told["releases"][0]["cells"]]
    return [cell for cell in cells if "mode=" not in cell and cell not in ("tf-keras-legacy", "tf-keras-package")]


def regressing(release: str, cells: Iterable[str]) -> dict[str, list[str]]:
    """Checks that are listed as known to regress, by cell: a mutant has not killed these."""
    entries = load_known()
    listed = {cell: find_entry(entries, CellId.parse(f"{release}/{cell}")) for cell in cells}
    return {cell: list(entry.checks) for cell, entry in listed.items() if entry is not None}


def run_inside(python: Path, request: dict[str, Any], answers: Path) -> None:
    """Give a request to `tests.mutants.inside` in a release's environment."""
    with tempfile.TemporaryDirectory(prefix="bnregress-mutants-") as scratch:
        home, asked = Path(scratch, "home"), Path(scratch, "request.json")
        home.mkdir()
        asked.write_text(json.dumps(request), encoding="utf-8")
        suite, tests = stage(Path(scratch), STAGED)
        variables = testing_variables(os.environ, home=home, suite=suite, device="cpu", engine="tensorflow")
        variables["PYTHONPATH"] = os.pathsep.join(map(str, (suite, tests)))
        variables["TMPDIR"] = scratch
        command = [str(python), "-m", "tests.mutants.inside", str(asked), str(answers.resolve())]
        subprocess.run(command, cwd=home, env=variables, check=True)


def _reached(release: str, python: Path, every: Sequence[Candidate], options: argparse.Namespace) -> Reach:
    """What the witness runs without a mutant, looked at once for a folder of results."""
    file = Path(options.out, f"{release}.reached.json")
    if not file.exists():
        files = sorted({each.file for each in every})
        run_inside(python, {"reach": files, "reference": _reference(release, options)}, file)
    return Reach(json.loads(file.read_text(encoding="utf-8")), planned(release), quick=options.quick)


def _reference(release: str, options: argparse.Namespace) -> str:
    return str(Path(options.out, f"{release}.reference.pickle").resolve())


def _source(python: Path) -> Path:
    """The folder `keras/src` of an environment."""
    found = sorted((python.parent.parent / "lib").glob("python3*/site-packages/keras/src"))
    if not found:
        raise SystemExit(f"{python} has no Keras with sources to mutate.")
    return found[0]


if __name__ == "__main__":
    raise SystemExit(main())
