"""`bnregress check`: is it me, or my TensorFlow."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from rich.text import Text

from bnregress.checking.answer import answer
from bnregress.checking.interpreter import find_inspected
from bnregress.checking.printing import print_answer
from bnregress.checking.process import inspect
from bnregress.commands.options import add_timeout
from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir
from bnregress.machine.staging import stage_suite
from bnregress.reading.text import duration, one_line
from bnregress.reports.screen import Screen
from bnregress.reports.style import LOOKS
from bnregress.run.signals import termination_interrupts

EPILOG = """\
examples:
  bnregress check                                the TensorFlow that is installed beside bnregress
  bnregress check --python .venv/bin/python      that of another environment, of any Python from 3.7
  bnregress check models:build_model --python .venv/bin/python

MODULE is looked for in the current folder first. CALLABLE takes no arguments and returns a Keras model, or a
model and a batch of inputs for it; it may also be a model itself. Without a batch, inputs are made from the
model's input specification. The model's files are not touched, and nothing is written.
Exits 0 where all is sound, 1 where something is affected, 2 on wrong usage, 3 where there is nothing to check,
4 where it could not be decided.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "check",
        help="is my own TensorFlow, or my own model, affected, and what cures it",
        description="Asks the TensorFlow of an environment, or a model of your own in it, whether frozen BatchNorm "
        "layers stay frozen.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", metavar="MODULE:CALLABLE", nargs="?", help="a model of your own")
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="interpreter or environment that has TensorFlow and numpy; default: the one that bnregress runs on",
    )
    add_timeout(parser, "nothing is decided; of each step: importing, building the model, a loading path")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Inspect, print what came out, and return what it comes to.

    Raises:
        UsageError: the interpreter or MODULE:CALLABLE is wrong.
        FatalError: it could not be decided.
    """
    inspected = find_inspected(arguments.python)
    suite, _ = stage_suite(cache_dir())
    with termination_interrupts():
        heard = inspect(
            inspected,
            suite=suite,
            target=arguments.target,
            environ=os.environ,
            listen=Listener(),
            timeout=arguments.timeout,
        )
    found = answer(heard, arguments.target)
    if arguments.format == "json":
        print(json.dumps(found.to_json(), indent=1))
    else:
        print_answer(Screen(), found)
    return found.exit_code


class Listener:
    """Says on standard error how far the inspection is."""

    def __init__(self) -> None:
        self._screen = Screen(stderr=True)

    def __call__(self, event: dict[str, Any]) -> None:
        """Print a line for an event that a waiting person wants to know of."""
        if event["event"] == "doing":
            self._say(f"{event['text']} ...")
        elif event["event"] == "path":
            done = event["answer"]
            self._say(f"{done['path']}: {LOOKS[done['status']].word}, {duration(sum(done['seconds'].values()))}")

    def _say(self, line: str) -> None:
        self._screen.print(Text(one_line(line), style="dim"), soft_wrap=True)
