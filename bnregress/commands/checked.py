"""Inspects the environment that `bnregress check` was given and prints what came out."""

from __future__ import annotations

import json
import os
from typing import Any

from rich.text import Text

from bnregress.checking.diagnosis import diagnose
from bnregress.checking.inspector import inspect
from bnregress.checking.interpreter import Inspected
from bnregress.checking.on_device import on_device
from bnregress.checking.printing import print_diagnosis
from bnregress.commands.declared.check import CheckArguments
from bnregress.errors import ExitCode, FatalError
from bnregress.machine.locations import cache_dir
from bnregress.machine.staging import stage_suite
from bnregress.reading.text import duration, one_line
from bnregress.reports.screen import Screen
from bnregress.reports.style import LOOKS
from bnregress.run.signals import termination_interrupts


def check(arguments: CheckArguments, inspected: Inspected) -> ExitCode:
    """Inspect, print what came out, and return what it comes to.

    Raises:
        UsageError: MODULE:CALLABLE is wrong.
        FatalError: it could not be decided.
    """
    suite, _ = stage_suite(cache_dir())
    with termination_interrupts(), on_device(arguments.device, _say) as variables:
        heard = inspect(
            inspected,
            suite=suite,
            target=arguments.target,
            environ=os.environ,
            listen=Listener(),
            timeout=arguments.timeout,
            quick=arguments.quick,
            variables=variables,
        )
    if (changed := inspected.why_changed()) is not None:
        raise FatalError(f"Could not decide: {changed} while it was inspected. Find what changes it, then check again.")
    found = diagnose(heard, arguments.target, quick=arguments.quick)
    if arguments.format == "json":
        print(json.dumps(found.to_json(), indent=1))
    else:
        print_diagnosis(Screen(), found)
    return found.exit_code


def _say(line: str) -> None:
    Screen(stderr=True).print(Text(one_line(line), style="dim"), soft_wrap=True)


class Listener:
    """Says on standard error how far the inspection is."""

    def __call__(self, event: dict[str, Any]) -> None:
        """Print a line for an event that a waiting person wants to know of."""
        if event["event"] == "doing":
            _say(f"{event['text']} ...")
        elif event["event"] == "path":
            done = event["answer"]
            _say(f"{done['path']}: {LOOKS[done['status']].word}, {duration(sum(done['seconds'].values()))}")
