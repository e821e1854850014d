"""Gives the plan of a run what resolves releases without a lock, with the user's own index settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from bnregress.machine.fetching import FetchError, Interpreters
from bnregress.machine.interpreters import Interpreter, find_interpreter
from bnregress.machine.locations import cache_dir
from bnregress.releases.catalog import Release
from bnregress.releases.nightly import UnresolvedError, resolve_nightly
from bnregress.releases.ondemand import resolve_on_demand
from bnregress.run.environment_variables import installing_variables
from bnregress.run.options import RunOptions, Surroundings


def sources(options: RunOptions, surroundings: Surroundings) -> Surroundings:
    """Return the surroundings with interpreters that can be fetched beside those of the machine, unless they are given.

    Tests give a `find` of their own, which is kept.
    """
    if surroundings.find is not find_interpreter:
        return surroundings
    interpreters = Interpreters(mode=options.interpreters, offline=options.offline)
    return replace(surroundings, find=interpreters.find, absent=interpreters.absent)


def resolver(
    *, offline: bool = False, fetch: Callable[[Interpreter], Interpreter] | None = None
) -> Callable[[Release, Interpreter, str], Release]:
    """The `resolve` of `bnregress.planning.plan.make_plan`; it installs no package, and offline queries no index.

    Args:
        offline: resolve from what is kept.
        fetch: fetches an interpreter that is not there yet; by default the release is left to be resolved by a run.
    """
    variables = installing_variables(os.environ, marker="", offline=offline)

    def resolve(release: Release, interpreter: Interpreter, device: str) -> Release:
        if interpreter.download and fetch is None:
            raise UnresolvedError(
                f"{release.id} is resolved when it runs, on CPython {interpreter.version}, which is fetched then.",
                f"Run it with `--select {release.id}`.",
            )
        try:
            interpreter = fetch(interpreter) if fetch else interpreter
        except FetchError as error:
            raise UnresolvedError(str(error), error.remedy) from error
        if release.on_demand:
            return resolve_on_demand(release, interpreter, device, environ=variables)
        return resolve_nightly(release, interpreter, device, cache=cache_dir(), environ=variables)

    return resolve
