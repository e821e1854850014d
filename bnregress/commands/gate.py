"""`bnregress gate`: may I go on, and may I upgrade."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from bnregress.cells.selector import choose
from bnregress.checking.model_cells import with_model
from bnregress.commands.options import add_expectations, positive_int
from bnregress.commands.run import OUT
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.gate.answer import Answer
from bnregress.judging.gate.expected import judge
from bnregress.judging.gate.upgrade import judge_upgrade
from bnregress.judging.known.entries import Entry, load_known
from bnregress.machine.locations import cache_dir
from bnregress.machine.staging import stage_suite
from bnregress.planning.durations import predictor
from bnregress.reading.text import one_line
from bnregress.releases.catalog import load_catalog
from bnregress.reports.gate import answer_as_markdown, github_annotations, print_answer
from bnregress.reports.progress import progress_for
from bnregress.reports.screen import Screen
from bnregress.results.file import load_results, write_results
from bnregress.results.merging import FILE
from bnregress.results.model import Results
from bnregress.run import engine
from bnregress.run.options import RunOptions
from bnregress.suite.registry import PROPERTIES

EPILOG = """\
examples:
  bnregress gate bnregress-results/results.json                    does anything regress that is not known
  bnregress gate bnregress-results/results.json --fail-on drift    nor may a known regression be fixed or missing
  bnregress gate --from tf2.15.1 --to tf2.21.0                     what an upgrade changes; runs both releases
  bnregress gate --from tf2.0.0 --to tf2.15.1 --path 'tf-keras-*'
  bnregress gate --from tf2.0.0 --to tf2.15.1 results.json         the same, from results that hold both
  bnregress gate --from tf2.0.0 --to tf2.15.1 --model models:build_model --path vgg16      and your own model

Answers in the first line: safe, unsafe or cannot tell. A run writes results.json to the folder of --out.
Exits 0 where it is safe, 1 where it is not (see --fail-on), 2 on wrong usage, 3 where nothing could be done,
4 where something could not be decided, 130 when interrupted.
"""

FORMATS = ("text", "json", "markdown", "github")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "gate",
        help="may I go on: nothing new regresses, or an upgrade breaks nothing",
        description="Answers from results whether anything regresses that is not known to, or what changes between"
        " two releases.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", metavar="RESULTS", nargs="?", type=Path, help="results.json of a run")
    parser.add_argument("--from", dest="before", metavar="RELEASE", help="the release to upgrade from")
    parser.add_argument("--to", dest="after", metavar="RELEASE", help="the release to upgrade to")
    parser.add_argument("--path", metavar="G", action="append", default=[], help="loading paths; default: all")
    parser.add_argument("--variant", metavar="G", action="append", default=[], help="variants; default: default")
    how = parser.add_argument_group("how to run the two releases, where no RESULTS are given")
    how.add_argument("--suite", metavar="NAME", help="properties, finetune or all; default: properties")
    how.add_argument("--device", metavar="D", help="auto, cpu or gpu; default: auto")
    how.add_argument("--jobs", metavar="N", type=positive_int, help="processes at work; default: one for each CPU")
    how.add_argument("--offline", action="store_true", help="install from uv's cache alone")
    how.add_argument(
        "--model",
        metavar="MODULE:CALLABLE",
        help="a model of your own, looked for in the current folder first, which becomes one more path, own-model",
    )
    how.add_argument("--out", metavar="DIR", type=Path, help=f"where results go; default: {OUT}/FROM-to-TO")
    add_expectations(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Run what is needed, print the answer, and return what it comes to.

    Raises:
        UsageError: the command line or a file is wrong.
        NothingToDoError: there is no cell to run.
    """
    _require(arguments)
    known = load_known(arguments.known)
    if arguments.results is None:
        results, interrupted = _measure(arguments, known)
        if interrupted:
            return ExitCode.INTERRUPTED
    else:
        results = _chosen(assess(load_results(arguments.results), known), arguments)
    answer = (
        judge(results, arguments.fail_on)
        if arguments.before is None
        else judge_upgrade(results, arguments.before, arguments.after, arguments.fail_on)
    )
    _print(answer, arguments.format)
    return answer.exit_code


def _require(arguments: argparse.Namespace) -> None:
    if (arguments.before is None) != (arguments.after is None):
        raise UsageError("An upgrade has two ends. Give both --from and --to.")
    if arguments.results is None and arguments.before is None:
        raise UsageError(
            "There is nothing to judge. Give the results.json of a run, or an upgrade with --from and --to."
        )
    if arguments.before is not None and arguments.before == arguments.after:
        raise UsageError(f"--from and --to are both {arguments.before}. Give two releases.")
    if arguments.results is not None:
        running = ("suite", "device", "jobs", "offline", "model", "out")
        given = [f"--{name}" for name in running if getattr(arguments, name)]
        if given:
            raise UsageError(f"{', '.join(given)}: nothing is run where RESULTS are given. Leave one or the other out.")
    if arguments.results is None:
        catalog = load_catalog()
        for release in (arguments.before, arguments.after):
            if release not in catalog:
                choose([release], catalog, "release")
                raise UsageError(f"{release} is a selector. Give the id of one release, as tf2.15.1.")


def _measure(arguments: argparse.Namespace, known: tuple[Entry, ...]) -> engine.Measured:
    out = arguments.out or OUT / f"{arguments.before}-to-{arguments.after}"
    options = RunOptions(
        out=out.absolute(),
        select=(arguments.before, arguments.after),
        paths=tuple(arguments.path),
        variants=tuple(arguments.variant),
        suite=arguments.suite or PROPERTIES,
        device=arguments.device or "auto",
        jobs=arguments.jobs,
        offline=arguments.offline,
    )
    screen = Screen(stderr=True)
    with progress_for(screen, predictor(options.suite)) as progress:
        results, interrupted = engine.run(options, progress)
    if arguments.model is not None and not interrupted:
        suite, _ = stage_suite(cache_dir())
        results = with_model(results, arguments.model, suite=suite, say=lambda line: _say(screen, line))
    results = assess(results, known)
    write_results(results, options.out / FILE)
    return engine.Measured(results, interrupted)


def _say(screen: Screen, line: str) -> None:
    screen.print(Text(one_line(line), style="dim"), soft_wrap=True)


def _chosen(results: Results, arguments: argparse.Namespace) -> Results:
    """Keep the cells that --path and --variant choose; without --variant every one that the results hold."""
    ids = [*(cell.id for cell in results.cells), *results.undecided]
    for patterns, what in ((arguments.path, "path"), (arguments.variant, "variant")):
        if patterns:
            names = list(dict.fromkeys(str(getattr(id, what)) for id in ids))
            allowed = set(choose(patterns, names, what))
            ids = [id for id in ids if getattr(id, what) in allowed]
    kept = set(ids)
    return replace(
        results,
        cells=tuple(cell for cell in results.cells if cell.id in kept),
        undecided=tuple(id for id in results.undecided if id in kept),
    )


def _print(answer: Answer, format: str) -> None:
    if format == "json":
        print(json.dumps(answer.to_json(), indent=1))
    elif format == "markdown":
        print(answer_as_markdown(answer), end="")
    elif format == "github":
        print(f"{answer.word}: {answer.sentence}")
        for line in github_annotations(answer):
            print(line)
    else:
        print_answer(Screen(), answer)
