"""`bnregress plan`: what would run, what would not and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bnregress.checking.model_cells import plan_with_model
from bnregress.commands.brought import selection
from bnregress.commands.configuration.provenance import print_settings, settings_as_json
from bnregress.commands.declared.plan import PlanArguments
from bnregress.errors import ExitCode
from bnregress.machine.download_sizes import download_sizes
from bnregress.machine.fetching import Interpreters
from bnregress.machine.locations import cache_dir, environments_dir, size_bytes
from bnregress.machine.sealing import is_sealed
from bnregress.planning.durations import durations_of
from bnregress.planning.packing import pack
from bnregress.planning.plan import Plan, make_plan
from bnregress.planning.request import PlanRequest, PlanSources
from bnregress.releases.catalog import load_catalog
from bnregress.reports.planned import Forecast, Place, fetched, print_plan
from bnregress.reports.screen import Screen
from bnregress.reports.shards import matrix, print_shards, require_a_matrix, shards_as_json
from bnregress.results import planhash
from bnregress.run import resolving
from bnregress.run.disk import Foreseen, default_budget, environments_in, foresee
from bnregress.run.environments import place_of
from bnregress.run.options import default_jobs


def execute(arguments: PlanArguments) -> ExitCode:
    """Print the plan.

    Raises:
        UsageError: a selector fits nothing.
        NothingToDoError: no cell fits all selectors.
    """
    catalog, select = selection(arguments)
    request = PlanRequest(
        select=tuple(select),
        paths=tuple(arguments.path),
        variants=tuple(arguments.variant),
        device=arguments.device,
        suite=arguments.suite,
        finetune=arguments.finetune,
    )
    interpreters = Interpreters(mode=arguments.interpreters, offline=arguments.offline)
    sources = PlanSources(
        find=interpreters.find, absent=interpreters.absent, catalog=load_catalog() if catalog is None else catalog
    )
    plan = make_plan(request, sources, resolve=resolving.resolver())
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
    forecast = forecast_of(plan, arguments.jobs or default_jobs())
    disk = foresee(
        there,
        [place_of(root, release) for release in plan.available],
        {place_of(root, plan.release(name)) for name in forecast.ready},
        arguments.disk_budget or default_budget(root, taken),
    )
    sizes = download_sizes(fetched(plan).values())
    shown = plan if arguments.model is None else _with_model(plan)
    if arguments.format == "json":
        shards = {"shards": shards_as_json(packed)} if arguments.shards else {}
        settings = {"settings": settings_as_json(arguments.settings)}
        identity = {"hash": planhash.with_model(plan.hash, arguments.model) if arguments.model else plan.hash}
        print(json.dumps(plan_as_json(shown, forecast, places, disk, sizes) | identity | shards | settings, indent=1))
    else:
        print_plan(Screen(), shown, forecast, places, disk, sizes)
        if arguments.shards:
            print_shards(Screen(), packed, arguments.shards)
        print_settings(Screen(), arguments.settings)
    return ExitCode.EXPECTED if plan.available else ExitCode.NOTHING_TO_DO


def _with_model(plan: Plan) -> Plan:
    """Return the plan as it is shown with your own model; shards are packed without it, as `run` packs them."""
    releases = (replace(release, cells=plan_with_model(release.cells)) for release in plan.releases)
    return replace(plan, releases=tuple(releases))


def forecast_of(plan: Plan, jobs: int) -> Forecast:
    """Predict how long the plan takes here with so many processes; environments that are made already take no time."""
    durations = durations_of(plan)
    root = environments_dir()
    ready = {release.id for release in plan.available if is_sealed(place_of(root, release))}
    return Forecast(
        releases={
            release.id: durations.release_seconds(release, ready=release.id in ready, workers=1)
            for release in plan.available
        },
        total=durations.plan_seconds(plan, ready=ready, jobs=jobs),
        jobs=jobs,
        ready=frozenset(ready),
    )


def plan_as_json(
    plan: Plan, forecast: Forecast, places: list[Place], disk: Foreseen, sizes: Mapping[str, int]
) -> dict[str, Any]:
    """Return the plan with its predicted seconds and the places that it uses, for programs."""
    document = plan.to_json()
    for entry, release in zip(document["releases"], plan.releases, strict=True):
        entry["predicted_seconds"] = forecast.releases.get(release.id)
        entry["environment_ready"] = release.id in forecast.ready
    document["predicted_seconds"] = forecast.total
    document["downloads"] = [
        {"python": version, "address": address, "bytes": sizes.get(address)}
        for version, address in fetched(plan).items()
    ]
    document["places"] = {place.what: {"path": str(place.path), "bytes": place.size} for place in places}
    document["disk"] = {
        "budget_bytes": disk.budget,
        "needed_bytes": disk.needed,
        "made": [path.name for path in disk.made],
        "removed": [path.name for path in disk.removed],
        "kept": [path.name for path in disk.kept],
    }
    return document
