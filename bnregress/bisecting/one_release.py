"""Tests one cell in one release, by a run of its own that is kept and used again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.errors import UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.known.drift import Unexpected
from bnregress.judging.known.entries import Entry
from bnregress.machine.devices import DEFAULT_DEVICE
from bnregress.machine.fetching import AUTO
from bnregress.planning.plan import PlannedRelease, make_plan
from bnregress.results.file import RESULTS_FILE, load_results, write_results
from bnregress.results.model import CellResult, ReleaseResult
from bnregress.run import engine, resolving
from bnregress.run.budgets import Budgets
from bnregress.run.events import Progress, silent
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.trials import Trials
from bnregress.suite import status
from bnregress.suite.registry import PROPERTIES

#: The release refuses the path, and no such refusal is listed: nothing that a run would count, but a way to differ.
REFUSED = "refused"
#: What a verdict can be; every other status leaves it open.
DECIDED = (status.PASS, status.REGRESS, status.NOT_APPLICABLE, REFUSED)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A path and variant, the suite, and the only check to follow; None for all of them."""

    path: str
    variant: str
    check: str | None = None
    suite: str = PROPERTIES

    @property
    def subject(self) -> str:
        """`PATH` or `PATH@VARIANT`."""
        return self.path if self.variant == DEFAULT_VARIANT else f"{self.path}@{self.variant}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a release said.

    Attributes:
        verdict: `pass`, `regress`, `not-applicable` or `refused`; None if it is open.
        reason: why.
        cell: the whole result.
        release: what the release really was.
        kept: it came from an earlier search in the same folder.
    """

    verdict: str | None
    reason: str
    cell: CellResult
    release: ReleaseResult
    kept: bool = False


def verdict_for_search(outcome: Outcome, outcomes: Mapping[str, Outcome], ends: tuple[str, str]) -> str | None:
    """Return the verdict that a search follows: a refusal is one only if an end refuses too.

    Any other half-done commit or build that raises an exception gives way to its neighbour.

    Args:
        outcome: of a release of the row.
        outcomes: those so far, this one and those of the ends tested among them.
        ends: the oldest and the newest release of the row.
    """
    refusing = any(end in outcomes and outcomes[end].verdict == REFUSED for end in ends)
    return None if outcome.verdict == REFUSED and not refusing else outcome.verdict


@dataclass(kw_only=True)
class ReleaseTester:
    """Tests releases one at a time, and keeps what each showed, by id.

    Attributes:
        out: a folder, with one of its own for each release below it.
        budgets: how long things may take in one release.
        progress: opens a listener to the run of one release.
    """

    target: Target
    out: Path
    known: tuple[Entry, ...] = ()
    device: str = DEFAULT_DEVICE
    offline: bool = False
    interpreters: str = AUTO
    budgets: Budgets = field(default_factory=Budgets)
    progress: Callable[[], AbstractContextManager[Progress]] = field(default=lambda: nullcontext(silent))
    surroundings: Surroundings = field(default_factory=Surroundings)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def test(self, release: str) -> Outcome:
        """Return what the release says, measured now or kept from before.

        Raises:
            KeyboardInterrupt: the run was interrupted; what was decided is kept.
        """
        outcome = self._kept(release) or self._measured(release)
        self.outcomes[release] = outcome
        return outcome

    def _folder(self, release: str) -> Path:
        return self.out / "releases" / release

    def _kept(self, release: str) -> Outcome | None:
        """Return an earlier verdict of the same lock, suite and device; an open one is run again."""
        try:
            results = load_results(self._folder(release) / RESULTS_FILE)
        except UsageError:
            return None
        options = self._options(release)
        plan = make_plan(
            options, resolving.sources(options, self.surroundings), resolve=resolving.resolver(offline=self.offline)
        )
        if results.plan != plan.hash or not results.cells or release not in results.releases:
            return None
        if not _same_gpu(plan.release(release), results.releases[release]):
            return None
        outcome = self._outcome(results.cells[0], results.releases[release], kept=True)
        return None if outcome.verdict is None else outcome

    def _options(self, release: str) -> RunOptions:
        return RunOptions(
            out=self._folder(release),
            select=(release,),
            paths=(self.target.path,),
            variants=(self.target.variant,),
            device=self.device,
            offline=self.offline,
            interpreters=self.interpreters,
            budgets=self.budgets,
            suite=self.target.suite,
            trials=Trials(news=Unexpected(self.known)),
        )

    def _measured(self, release: str) -> Outcome:
        options = self._options(release)
        with self.progress() as listen:
            measured, interrupted, _ = engine.run(options, listen, self.surroundings)
        results = assess(measured, self.known, order=tuple(self.surroundings.catalog))
        write_results(results, options.out / RESULTS_FILE)
        if interrupted:
            raise KeyboardInterrupt
        return self._outcome(results.cells[0], results.releases[release])

    def _outcome(self, cell: CellResult, release: ReleaseResult, *, kept: bool = False) -> Outcome:
        word, reason = cell.status, cell.reason
        if self.target.check is not None and cell.status != status.NOT_APPLICABLE:
            found = next((check for check in cell.checks if check.name == self.target.check), None)
            if found is not None:
                word, reason = found.status, found.reason
            elif cell.checks:
                word, reason = status.ERROR, f"The check {self.target.check} was not run."
        if word == status.INCONCLUSIVE and cell.refused:
            word = REFUSED
        verdict = word if word in DECIDED else None
        return Outcome(verdict=verdict, reason=reason, cell=cell, release=release, kept=kept)


def _same_gpu(planned: PlannedRelease, earlier: ReleaseResult) -> bool:
    """Whether an earlier verdict is of the GPU that there is now; the CPU's always are."""
    device, kind = earlier.device or {}, planned.placement.kind or {}
    return all(device.get(name) == value for name, value in kind.items())
