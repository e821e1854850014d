"""`bnregress plan`: what would run, what would not and why."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bnregress.catalog import load_catalog
from bnregress.commands.options import add_finetune, add_selection, finetune_of
from bnregress.durations import load_durations
from bnregress.errors import ExitCode
from bnregress.locations import cache_dir, environments_dir, size_bytes
from bnregress.plan import Plan, make_plan
from bnregress.reports.planned import Forecast, Place, print_plan
from bnregress.reports.screen import Screen
from bnregress.run.engine import default_jobs
from bnregress.run.environments import environment_path, is_sealed

EPILOG = """\
examples:
  bnregress plan
  bnregress plan --select 'tf2.{0,1}.*' --path 'tf-keras-*'
  bnregress plan --format json | jq '.releases[] | select(.unavailable)'

Exits 3 where not one of the planned releases can run here.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser(
        "plan",
        help="show what would run, what would not and why",
        description="Shows what `bnregress run` with the same options would do on this machine. Makes nothing.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_selection(parser)
    add_finetune(parser)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> ExitCode:
    """Print the plan.

    Raises:
        UsageError: a selector fits nothing.
        NothingToDoError: no cell fits all selectors.
    """
    plan = make_plan(
        select=arguments.select,
        paths=arguments.path,
        variants=arguments.variant,
        device=arguments.device,
        catalog=load_catalog(),
        asks=arguments.suite,
        finetune=finetune_of(arguments),
    )
    places = [
        Place(what="environments", path=environments_dir(), size=size_bytes(environments_dir())),
        Place(what="cache", path=cache_dir(), size=size_bytes(cache_dir())),
    ]
    forecast = forecast_of(plan, default_jobs())
    if arguments.format == "json":
        print(json.dumps(plan_as_json(plan, forecast, places), indent=1))
    else:
        print_plan(Screen(), plan, forecast, places)
    return ExitCode.EXPECTED if plan.available else ExitCode.NOTHING_TO_DO


def forecast_of(plan: Plan, jobs: int) -> Forecast:
    """Predict how long the plan takes here with so many processes; environments that are made already take no time."""
    durations = load_durations().asking(plan.suite, plan.finetune.seeds if plan.finetune else 1)
    root = environments_dir()
    ready = {release.id for release in plan.available if is_sealed(environment_path(root, release.id))}
    return Forecast(
        releases={
            release.id: durations.release_seconds(release, ready=release.id in ready, workers=1)
            for release in plan.available
        },
        total=durations.plan_seconds(plan, ready=ready, jobs=jobs),
        jobs=jobs,
        ready=frozenset(ready),
    )


def plan_as_json(plan: Plan, forecast: Forecast, places: list[Place]) -> dict[str, Any]:
    """Return the plan with its predicted seconds and the places that it uses, for programs."""
    document = plan.to_json()
    for entry, release in zip(document["releases"], plan.releases, strict=True):
        entry["predicted_seconds"] = forecast.releases.get(release.id)
        entry["environment_ready"] = release.id in forecast.ready
    document["predicted_seconds"] = forecast.total
    document["places"] = {place.what: {"path": str(place.path), "bytes": place.size} for place in places}
    return document
