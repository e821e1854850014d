"""`bnregress bisect`: the release to blame."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from bnregress.bisecting.answer import answer
from bnregress.bisecting.interval import between
from bnregress.bisecting.oracle import Oracle, Question
from bnregress.bisecting.scripts import write_scripts
from bnregress.bisecting.search import search
from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.cells.selector import choose
from bnregress.commands.options import add_timeout
from bnregress.commands.run import OUT
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.known.cells import Names
from bnregress.judging.known.entries import load_known
from bnregress.machine.locations import cache_dir
from bnregress.planning.durations import predictor
from bnregress.releases.catalog import Release, load_catalog, read_catalog
from bnregress.releases.ondemand import with_keras_between
from bnregress.reports.bisected import print_bisection
from bnregress.reports.progress import progress_for
from bnregress.reports.screen import Screen
from bnregress.run.events import Progress
from bnregress.run.options import Surroundings
from bnregress.run.watch import Budgets
from bnregress.suite.checks import CHECKS
from bnregress.suite.registry import PROPERTIES, SUITES, checks_of

EPILOG = """\
examples:
  bnregress bisect --path tf-keras-applications --from tf2.0.0 --to tf2.3.4
  bnregress bisect --path h5 --check weights-kept --from tf2.3.4 --to tf2.15.1
  bnregress bisect --path clone --from tf2.18.1-keras3.6.0 --to tf2.18.1-keras3.10.0     Keras on one TensorFlow

Confirms both ends, then halves the releases between them: those of the catalog, patches and pre-releases too; on one
TensorFlow every final Keras that the package index has. A verdict that changes more than once can hide from that:
--verify asks every release. What was decided is kept in --out, so that the same command goes on where it was
interrupted.
Exits 0 where the verdict changes, 2 on wrong usage, 3 where both ends agree, 4 where an end could not be decided,
130 when interrupted.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "bisect",
        help="find the release in which a verdict changes",
        description="Finds the two neighbouring releases between which the verdict on a loading path changes.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--path", metavar="P", required=True, help="loading path, as h5")
    parser.add_argument("--variant", metavar="V", default=DEFAULT_VARIANT, help="variant; default: %(default)s")
    parser.add_argument("--check", metavar="C", help="the check that is meant; default: all of them")
    parser.add_argument("--from", dest="first", metavar="RELEASE", required=True, help="the older end")
    parser.add_argument("--to", dest="last", metavar="RELEASE", required=True, help="the newer end")
    parser.add_argument(
        "--suite", metavar="NAME", default=PROPERTIES, help="properties, finetune or all; default: %(default)s"
    )
    parser.add_argument("--verify", action="store_true", help="ask every release between, not as few as will do")
    parser.add_argument("--device", metavar="D", default="auto", help="auto, cpu or gpu; default: %(default)s")
    add_timeout(parser, "its release is skipped")
    parser.add_argument("--offline", action="store_true", help="install from uv's cache alone")
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help=f"where results and scripts go; default: {OUT}/bisect-PATH-FROM-to-TO"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Search, print what was found, and return what it comes to.

    Raises:
        UsageError: a name is wrong, or the two releases span no row.
    """
    question = _question(arguments)
    catalog = _catalog(arguments)
    row = [release.id for release in between(catalog, arguments.first, arguments.last)]
    out = (arguments.out or OUT / f"bisect-{question.subject}-{arguments.first}-to-{arguments.last}").absolute()
    teller = _Teller(math.ceil(math.log2(len(row))) + 2 if not arguments.verify else len(row))
    oracle = Oracle(
        question=question,
        out=out,
        known=load_known(),
        device=arguments.device,
        offline=arguments.offline,
        budgets=Budgets(cell=arguments.timeout),
        progress=teller.listen,
        surroundings=Surroundings(catalog=catalog),
    )

    def ask(place: int) -> str | None:
        teller.asks(row[place])
        reply = oracle.ask(row[place])
        teller.told(reply.verdict or f"open, {reply.reason}")
        return reply.verdict

    found = answer(question, row, search(len(row), ask, verify=arguments.verify), oracle.replies)
    scripts = write_scripts(found, out) if found.steps else []
    if arguments.format == "json":
        print(json.dumps(found.to_json() | {"scripts": [str(script) for script in scripts]}, indent=1))
    else:
        print_bisection(Screen(), found, scripts)
    return found.exit_code


def _question(arguments: argparse.Namespace) -> Question:
    names = Names.here()
    for given, known, what in (
        (arguments.path, names.paths, "path"),
        (arguments.variant, names.variants, "variant"),
        (arguments.suite, SUITES, "suite"),
        (arguments.check, checks_of(arguments.suite) if arguments.suite in SUITES else CHECKS, "check"),
    ):
        if given is not None and given not in known:
            choose([given], known, what)
            raise UsageError(f"{given} is a selector. Give the name of one {what}.")
    return Question(path=arguments.path, variant=arguments.variant, check=arguments.check, suite=arguments.suite)


def _catalog(arguments: argparse.Namespace) -> Mapping[str, Release]:
    if arguments.offline:
        return load_catalog()
    return with_keras_between(read_catalog(), arguments.first, arguments.last, cache=cache_dir())


class _Teller:
    """Says on standard error how far the search is."""

    def __init__(self, most: int) -> None:
        self._screen = Screen(stderr=True)
        self._most = most
        self._number = 0

    def asks(self, release: str) -> None:
        self._number += 1
        self._say(f"{release}, number {self._number} of about {max(self._most, self._number)} ...")

    def told(self, verdict: str) -> None:
        self._say(f"  {verdict}")

    @contextmanager
    def listen(self) -> Iterator[Progress]:
        with progress_for(self._screen, predictor()) as progress:
            yield progress

    def _say(self, line: str) -> None:
        self._screen.print(Text(line, style="dim"), soft_wrap=True)
