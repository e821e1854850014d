"""`bnregress plan`: what would run, what would not and why."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bnregress.commands.configuration.printing import print_settings, settings_as_json
from bnregress.commands.options import add_disk_budget, add_finetune, add_selection, finetune_of, positive_int
from bnregress.errors import ExitCode
from bnregress.machine.locations import cache_dir, environments_dir, size_bytes
from bnregress.planning.durations import durations_of
from bnregress.planning.packing import pack
from bnregress.planning.plan import Plan, make_plan
from bnregress.releases.catalog import load_catalog
from bnregress.reports.planned import Forecast, Place, print_plan
from bnregress.reports.screen import Screen
from bnregress.reports.shards import matrix, print_shards, require_a_matrix, shards_as_json
from bnregress.run import resolving
from bnregress.run.disk import Foreseen, default_budget, environments_in, foresee
from bnregress.run.engine import default_jobs
from bnregress.run.environments import environment_path, is_sealed

EPILOG = """\
examples:
  bnregress plan
  bnregress plan --select 'tf2.{0,1}.*' --path 'tf-keras-*'
  bnregress plan --format json | jq '.releases[] | select(.unavailable)'
  bnregress plan --shards 8 --format github      a matrix of jobs, each of which runs --shard I/N

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
    add_disk_budget(parser)
    parser.add_argument(
        "--shards",
        metavar="N",
        type=positive_int,
        help="show how to part it into at most N runs of about the same time",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json", "github"),
        default="table",
        help="default: table; github is the matrix of a workflow, a job for each shard",
    )
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
        resolve=resolving.resolver(),
        asks=arguments.suite,
        finetune=finetune_of(arguments),
    )
    if arguments.format == "github":
        require_a_matrix(arguments.shards or 1)
    packed = pack(plan, max(1, min(arguments.shards or 1, len(plan.cells))))
    if arguments.format == "github":
        print(matrix(packed))
        # Where the shards run there may be other interpreters than here.
        return ExitCode.EXPECTED
    root = environments_dir()
    there = environments_in(root)
    taken = sum(each.size for each in there)
    places = [
        Place(what="environments", path=root, size=taken),
        Place(what="cache", path=cache_dir(), size=size_bytes(cache_dir())),
    ]
    jobs = next((setting.value for setting in arguments.settings if setting.option.name == "jobs"), default_jobs())
    forecast = forecast_of(plan, jobs)
    disk = foresee(
        there,
        [environment_path(root, release.id, release.device) for release in plan.available],
        {environment_path(root, name, plan.release(name).device) for name in forecast.ready},
        arguments.disk_budget or default_budget(root, taken),
    )
    if arguments.format == "json":
        shards = {"shards": shards_as_json(packed)} if arguments.shards else {}
        settings = {"settings": settings_as_json(arguments.settings)}
        print(json.dumps(plan_as_json(plan, forecast, places, disk) | shards | settings, indent=1))
    else:
        print_plan(Screen(), plan, forecast, places, disk)
        if arguments.shards:
            print_shards(Screen(), packed, arguments.shards)
        print_settings(Screen(), arguments.settings)
    return ExitCode.EXPECTED if plan.available else ExitCode.NOTHING_TO_DO


def forecast_of(plan: Plan, jobs: int) -> Forecast:
    """Predict how long the plan takes here with so many processes; environments that are made already take no time."""
    durations = durations_of(plan)
    root = environments_dir()
    ready = {release.id for release in plan.available if is_sealed(environment_path(root, release.id, release.device))}
    return Forecast(
        releases={
            release.id: durations.release_seconds(release, ready=release.id in ready, workers=1)
            for release in plan.available
        },
        total=durations.plan_seconds(plan, ready=ready, jobs=jobs),
        jobs=jobs,
        ready=frozenset(ready),
    )


def plan_as_json(plan: Plan, forecast: Forecast, places: list[Place], disk: Foreseen) -> dict[str, Any]:
    """Return the plan with its predicted seconds and the places that it uses, for programs."""
    document = plan.to_json()
    for entry, release in zip(document["releases"], plan.releases, strict=True):
        entry["predicted_seconds"] = forecast.releases.get(release.id)
        entry["environment_ready"] = release.id in forecast.ready
    document["predicted_seconds"] = forecast.total
    document["places"] = {place.what: {"path": str(place.path), "bytes": place.size} for place in places}
    document["disk"] = {
        "budget_bytes": disk.budget,
        "made": [path.name for path in disk.made],
        "removed": [path.name for path in disk.removed],
        "kept": [path.name for path in disk.kept],
    }
    return document
