"""Gives the plan of a run what resolves releases without a lock, with the user's own index settings."""

from __future__ import annotations

import os
from collections.abc import Callable

from bnregress.machine.interpreters import Interpreter
from bnregress.machine.locations import cache_dir
from bnregress.releases.catalog import Release
from bnregress.releases.nightly import resolve_nightly
from bnregress.releases.ondemand import resolve_on_demand
from bnregress.run.surroundings import installing_variables


def resolver(*, offline: bool = False) -> Callable[[Release, Interpreter, str], Release]:
    """The `resolve` of `bnregress.planning.plan.make_plan`; it installs nothing, and offline queries no index."""
    variables = installing_variables(os.environ, marker="", offline=offline)

    def resolve(release: Release, interpreter: Interpreter, device: str) -> Release:
        if release.on_demand:
            return resolve_on_demand(release, interpreter, device, environ=variables)
        return resolve_nightly(release, interpreter, device, cache=cache_dir(), environ=variables)

    return resolve
