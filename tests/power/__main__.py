"""`nox -s power`: plant each fault in real releases, run the ordinary suite, and tell what it caught."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path

from rich.console import Console

from bnregress import __version__
from bnregress.errors import FatalError
from bnregress.machine.devices import CPU, DEVICES
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import PROPERTIES, checks_of
from tests.faults import FAULTS
from tests.faults.registry import DIRECT, USAGE
from tests.mutants.page import kept
from tests.power import finetune
from tests.power.images import KINDS
from tests.power.judge import Outcome, judge
from tests.power.page import render_page
from tests.power.place import Place
from tests.power.release import run_trials
from tests.power.soundness import Soundness, broken_paths, judge_soundness
from tests.power.tables import print_outcomes, print_removals, print_soundness
from tests.power.trials import RESNET50, SMALL, Answer, Trial, plan_trials

#: One with Keras 2 whose json and h5 are broken by themselves, the last with Keras 2, the newest.
RELEASES = ("tf2.1.0", "tf2.15.1", "tf2.21.0")


def measure(place: Place, trials: Sequence[Trial], keep: Path | None = None) -> tuple[list[Outcome], Soundness]:
    """Run the trials in a place and judge them; `keep` is a folder for the raw answers."""
    sys.stderr.write(f"{place.release.id} on the {place.device.upper()}: {len(trials)} trials\n")
    return judge_all(place.release.id, run_trials(place, trials, keep))


def judge_all(release: str, answers: Sequence[Answer]) -> tuple[list[Outcome], Soundness]:
    """Judge what came back, in the order of its trials."""
    broken = broken_paths(answers)
    outcomes = [
        judge(trial, {each.path: each for each in group}, broken, release)
        for trial, group in groupby(answers, key=lambda each: each.trial)
        if trial.fault is not None
    ]
    return outcomes, judge_soundness(release, answers)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="nox -s power --", description=__doc__)
    parser.add_argument("--release", action="append", metavar="ID", help=f"default: {', '.join(RELEASES)}")
    parser.add_argument("--environment", metavar="PATH", help="an environment of your own, in place of releases")
    parser.add_argument("--device", choices=DEVICES, default=CPU, help="default: %(default)s")
    parser.add_argument("--fault", action="append", metavar="GLOB", help="default: every fault")
    parser.add_argument("--network", action="append", choices=(SMALL, RESNET50), help="default: both")
    parser.add_argument(
        "--suite", choices=("properties", "finetune"), default="properties", help="default: %(default)s"
    )
    parser.add_argument(
        "--seeds", type=int, metavar="N", help="runs of the unbroken suite a release (20), or fine-tunes a release (30)"
    )
    parser.add_argument("--images", action="append", choices=tuple(KINDS), help="of fine-tunes; default: every kind")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the raw answers there")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write a page of what was measured, docs/power.md")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="releases side by side")
    options = parser.parse_args(arguments)
    if options.suite == "finetune" and (unknown := set(options.release or ()) - set(finetune.EXPECTED)):
        parser.error(
            f"what to expect in {', '.join(sorted(unknown))} is not known; there are {', '.join(finetune.EXPECTED)}"
        )
    if options.environment is not None and options.release:
        parser.error("--environment takes the place of --release; give one of them")
    if options.suite == "finetune" and (options.environment is not None or options.device != CPU):
        parser.error("--suite finetune measures releases on the CPU alone; leave out --environment and --device")
    globs = options.fault or ["*"]
    options.faults = [fault for name, fault in FAULTS.items() if any(fnmatchcase(name, glob) for glob in globs)]
    if not options.faults:
        parser.error(f"no fault is named {' or '.join(globs)}; there are {', '.join(FAULTS)}")
    return options


def _how_measured() -> str:
    day, machine = f"{datetime.now(timezone.utc):%Y-%m-%d}", f"{platform.platform()} with {os.cpu_count()} CPUs"
    return (
        f"Measured on {day} by bnregress {__version__} on {machine}; seconds are those of building the paths of the"
        " fault and of all checks on them."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; return 1 for a fault not caught or not attributed rightly, and for a false alarm.

    4 if trials were lost, 3 without a GPU where one is wanted.
    """
    options = parse(arguments)
    try:
        if options.suite == "finetune":
            return finetune.run(options.release, options.images, options.seeds or 30, options.jobs, options.keep)
        return _properties(options)
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _properties(options: argparse.Namespace) -> int:
    """Plant the faults, and tell what became of them."""
    trials = plan_trials(
        options.faults, 20 if options.seeds is None else options.seeds, options.network or (SMALL, RESNET50)
    )
    releases = (None,) if options.environment is not None else options.release or RELEASES
    places = [Place.of(release, options.environment, options.device) for release in releases]
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        measured = list(pool.map(lambda place: measure(place, trials, options.keep), places))
    order = {name: place for place, name in enumerate(FAULTS)}
    outcomes = [outcome for found, _ in measured for outcome in found]
    outcomes.sort(key=lambda outcome: (order[str(outcome.trial.fault)], outcome.trial.network))
    sound = [each for _, each in measured]
    console = Console(width=max(150, Console().width))
    print_outcomes(console, outcomes)
    checks = {name: check for id in (DIRECT, *USAGE) for name, check in checks_of(PROPERTIES, PATHS.get(id)).items()}
    print_removals(console, outcomes, checks)
    print_soundness(console, sound)
    if options.out is not None:
        before = options.out.read_text(encoding="utf-8") if options.out.exists() else ""
        page = render_page(outcomes, sound, checks, _how_measured())
        options.out.write_text(kept(before, page), encoding="utf-8")
    asked = [outcome for outcome in outcomes if outcome.unasked is None]
    right, caught = sum(each.right for each in asked), sum(each.caught for each in asked)
    console.print(f"{caught} of {len(asked)} caught, {right} of them attributed correctly.")
    return int(right < len(asked) or any(each.alarms or each.leaks for each in sound))


if __name__ == "__main__":
    raise SystemExit(main())
