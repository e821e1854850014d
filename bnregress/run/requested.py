"""What a run is asked for: its plan, made from the options and from what is found here; nothing is written yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bnregress.errors import UsageError
from bnregress.machine.fetching import Interpreters
from bnregress.machine.locations import cache_dir
from bnregress.planning.packing import take_shard
from bnregress.planning.plan import Plan, make_plan
from bnregress.run import resolving
from bnregress.run.events import Event
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.reuse import Reuse
from bnregress.run.rundir import RunDir
from bnregress.run.verdict_cache import VerdictCache


@dataclass(frozen=True, kw_only=True)
class Requested:
    """A run before its first step.

    Attributes:
        options: as they were given.
        surroundings: the catalog and the rest, with interpreters that can be fetched among those that are found.
        interpreters: fetches those.
        plan: of the shard, if it is one.
    """

    options: RunOptions
    surroundings: Surroundings
    interpreters: Interpreters
    plan: Plan

    @classmethod
    def of(cls, options: RunOptions, surroundings: Surroundings) -> Requested:
        """Make the plan.

        Raises:
            UsageError: an option is wrong.
            NothingToDoError: the plan is empty.
        """
        if options.jobs is not None and options.jobs < 1:
            raise UsageError(
                f"--jobs {options.jobs} is not a number of processes. Give 1 or more, or leave --jobs out."
            )
        interpreters = Interpreters(mode=options.interpreters, offline=options.offline)
        surroundings = resolving.sources(options, surroundings)
        resolve = resolving.resolver(offline=options.offline, fetch=interpreters.fetch)
        plan = make_plan(options, surroundings, resolve=resolve)
        if options.shard is not None:
            plan = take_shard(plan, options.shard)
        return cls(options=options, surroundings=surroundings, interpreters=interpreters, plan=plan)

    @property
    def out(self) -> Path:
        """The folder of the results."""
        return self.options.out.absolute()

    @property
    def directory(self) -> RunDir:
        """The folder of the run, in that of its results."""
        return RunDir(self.out / "run")

    def reuse(self, plan: Plan, tell: Callable[[Event], None]) -> Reuse:
        """Return the cache of verdicts for a plan that is run, or was run, in this folder."""
        passed_over = self.options.search.searches_anew
        return Reuse(
            VerdictCache(cache_dir()), plan, self.directory, tell, self.options.trials, passed_over=passed_over
        )
