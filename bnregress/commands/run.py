"""`bnregress run`: decides the planned cells and reports them."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from bnregress.cells.shard import Shard
from bnregress.commands.options import (
    add_disk_budget,
    add_expectations,
    add_finetune,
    add_selection,
    add_timeout,
    finetune_of,
    positive_int,
    positive_minutes,
)
from bnregress.errors import ExitCode
from bnregress.judging.assessment import assess
from bnregress.judging.known.entries import find_entry, load_known
from bnregress.machine.locations import cache_dir
from bnregress.planning.durations import predictor
from bnregress.reports.curves import write_curves
from bnregress.reports.files import write_reports
from bnregress.reports.progress import progress_for
from bnregress.reports.screen import Screen
from bnregress.reports.terminal import print_report
from bnregress.results.file import write_results
from bnregress.results.merging import FILE
from bnregress.results.model import exit_code
from bnregress.run import engine
from bnregress.run.options import RunOptions
from bnregress.run.searching import SearchOptions
from bnregress.run.watch import Budgets

OUT = Path("bnregress-results")

EPILOG = """\
examples:
  bnregress run
  bnregress run --select 'tf2.{0,1}.*' --path 'tf-keras-*'
  bnregress run --resume                         go on after Ctrl-C, decided cells are kept

Writes results.json, report.html, summary.md, junit.xml and badge.json to the folder of --out, logs to its run/logs.
Exits 0 where nothing regressed but what is known to, 1 on a regression, 2 on wrong usage, 3 where nothing could
be done, 4 where something could not be decided, 130 when interrupted.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "run",
        help="decide which releases and loading paths break a frozen BatchNorm",
        description="Installs the selected releases of TensorFlow, an environment each, and decides the cells in them.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_selection(parser)
    add_finetune(parser)
    how = parser.add_argument_group("how to run it")
    how.add_argument("--jobs", metavar="N", type=positive_int, help="processes at work; default: one for each CPU")
    add_timeout(how, "it is ended and is an error")
    add_disk_budget(how)
    how.add_argument(
        "--shard", metavar="I/N", type=Shard.parse, help="run the I-th of N parts alone; `bnregress report` merges them"
    )
    how.add_argument(
        "--explore",
        metavar="MINUTES",
        type=positive_minutes,
        help="search so long in each release beyond the fixed probes, and remember failing examples",
    )
    how.add_argument("--search-seed", metavar="N", type=int, help="take the examples of an earlier search again")
    how.add_argument("--offline", action="store_true", help="install from uv's cache alone")
    how.add_argument("--fresh", action="store_true", help="run cells again that earlier runs decided just the same")
    how.add_argument("--resume", action="store_true", help="keep the cells that an interrupted run in --out decided")
    how.add_argument("--out", metavar="DIR", type=Path, default=OUT, help="where results go; default: %(default)s")
    add_expectations(parser)
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Run the plan, write and print what came out, and return what it comes to.

    Raises:
        UsageError: something on the command line is wrong; nothing was started.
        NothingToDoError: no cell fits all selectors.
    """
    out = arguments.out.absolute()
    known = load_known(arguments.known)
    options = RunOptions(
        out=out,
        select=tuple(arguments.select),
        paths=tuple(arguments.path),
        variants=tuple(arguments.variant),
        device=arguments.device,
        jobs=arguments.jobs,
        offline=arguments.offline,
        resume=arguments.resume,
        shard=arguments.shard,
        fresh=arguments.fresh,
        budgets=Budgets(cell=arguments.timeout + 120 * (arguments.explore or 0)),
        search=SearchOptions(explore=arguments.explore, seed=arguments.search_seed, database=cache_dir() / "examples"),
        disk_budget=arguments.disk_budget,
        suite=arguments.suite,
        finetune=finetune_of(arguments),
    )
    listed, predicted = partial(find_entry, known), predictor(options.suite, options.finetune.seeds)
    with progress_for(Screen(stderr=True), predicted, listed=listed) as progress:
        measured, interrupted = engine.run(options, progress)
    results = assess(measured, known)
    write_results(results, out / FILE)
    written = write_reports(results, out)
    drawn = write_curves(results, out / "curves")
    files = [out / FILE, *written, *([out / "curves"] if drawn else []), out / "run" / "logs"]
    print_report(Screen(), results, files=files)
    return ExitCode.INTERRUPTED if interrupted else exit_code(results, arguments.fail_on)
