"""`bnregress run`: decides the planned cells and reports them."""

from __future__ import annotations

import argparse
from pathlib import Path

from bnregress.commands.options import add_selection, positive_int, positive_seconds
from bnregress.durations import load_durations
from bnregress.errors import ExitCode, UsageError, nearest
from bnregress.identifiers import CellId
from bnregress.locations import cache_dir
from bnregress.reports.progress import progress_for
from bnregress.reports.screen import Screen
from bnregress.reports.summary import write_summary
from bnregress.reports.terminal import print_report
from bnregress.run import engine
from bnregress.run.searching import SearchOptions
from bnregress.run.watch import Budgets

OUT = Path("bnregress-results")
SUITES = ("properties", "finetune", "all")

EPILOG = """\
examples:
  bnregress run
  bnregress run --select 'tf2.{0,1}.*' --path 'tf-keras-*'
  bnregress run --resume                         go on after Ctrl-C, decided cells are kept

Writes results.json and summary.md to the folder of --out, logs to its run/logs.
Exits 0 where nothing regressed, 1 on a regression, 2 on wrong usage, 3 where nothing could be done,
4 where something could not be decided, 130 when interrupted.
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
    how = parser.add_argument_group("how to run it")
    how.add_argument("--suite", metavar="NAME", default="properties", help="what to decide; default: properties")
    how.add_argument("--jobs", metavar="N", type=positive_int, help="processes at work; default: one for each CPU")
    how.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=positive_seconds,
        default=Budgets().cell,
        help="time budget of a cell, after which it is ended and is an error; default: %(default)g",
    )
    how.add_argument(
        "--explore",
        metavar="MINUTES",
        type=positive_seconds,
        help="search so long in each release beyond the fixed probes, and remember failing examples",
    )
    how.add_argument("--search-seed", metavar="N", type=int, help="take the examples of an earlier search again")
    how.add_argument("--offline", action="store_true", help="install from uv's cache alone")
    how.add_argument("--resume", action="store_true", help="keep the cells that an interrupted run in --out decided")
    how.add_argument("--out", metavar="DIR", type=Path, default=OUT, help="where results go; default: %(default)s")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Run the plan, write and print what came out, and return what it comes to.

    Raises:
        UsageError: something on the command line is wrong; nothing was started.
        NothingToDoError: no cell fits all selectors.
    """
    _require_suite(arguments.suite)
    out = arguments.out.absolute()
    options = engine.RunOptions(
        out=out,
        select=tuple(arguments.select),
        paths=tuple(arguments.path),
        variants=tuple(arguments.variant),
        device=arguments.device,
        jobs=arguments.jobs,
        offline=arguments.offline,
        resume=arguments.resume,
        budgets=Budgets(cell=arguments.timeout + 120 * (arguments.explore or 0)),
        search=SearchOptions(explore=arguments.explore, seed=arguments.search_seed, database=cache_dir() / "examples"),
    )
    with progress_for(Screen(stderr=True), _predicted_seconds) as progress:
        results, code = engine.run(options, progress)
    summary = out / "summary.md"
    write_summary(results, summary)
    files = [out / "results.json", summary, out / "run" / "logs"]
    print_report(Screen(), results, files=files)
    return code


def _require_suite(name: str) -> None:
    if name not in SUITES:
        raise UsageError(f"{name!r} is not a suite.{nearest(name, SUITES)} Leave --suite out, or write properties.")
    if name != "properties":
        raise UsageError(f"The suite {name} is not built yet. Leave --suite out, or write --suite properties.")


def _predicted_seconds(cell: CellId) -> float:
    return load_durations().cell_seconds(cell.release, cell.path)
