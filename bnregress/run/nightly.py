"""Gives the plan of a run what resolves `nightly` with the user's own index settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from bnregress.catalog import Release
from bnregress.interpreters import Interpreter
from bnregress.locations import cache_dir
from bnregress.nightly import resolve_nightly
from bnregress.run.surroundings import installing_variables


def resolver(*, offline: bool = False) -> Callable[[Release, Interpreter, str], Release]:
    """Return the `resolve` of `bnregress.plan.make_plan`; it installs nothing, and offline asks no index."""
    variables = installing_variables(os.environ, marker="", offline=offline)
    return partial(resolve_nightly, cache=cache_dir(), environ=variables)
