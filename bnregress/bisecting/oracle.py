"""Asks one release for its verdict on one cell, by a run of its own that is kept and used again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.errors import UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.known.entries import Entry
from bnregress.machine.fetching import AUTO
from bnregress.planning.placement import DEFAULT_DEVICE
from bnregress.planning.plan import PlannedRelease, make_plan
from bnregress.results.file import load_results, write_results
from bnregress.results.merging import FILE
from bnregress.results.model import CellResult, ReleaseResult
from bnregress.run import engine, resolving
from bnregress.run.events import Progress, silent
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.watch import Budgets
from bnregress.suite import status
from bnregress.suite.registry import PROPERTIES

#: What a verdict can be; every other status leaves it open.
DECIDED = (status.PASS, status.REGRESS, status.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True)
class Question:
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
class Reply:
    """What a release said.

    Attributes:
        verdict: `pass`, `regress` or `not-applicable`; None if it is open.
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


@dataclass(kw_only=True)
class Oracle:
    """Releases to ask, and what they said so far, by id.

    Attributes:
        out: a folder, with one of its own for each release below it.
        budgets: how long things may take in one release.
        progress: opens a listener to the run of one release.
    """

    question: Question
    out: Path
    known: tuple[Entry, ...] = ()
    device: str = DEFAULT_DEVICE
    offline: bool = False
    interpreters: str = AUTO
    budgets: Budgets = field(default_factory=Budgets)
    progress: Callable[[], AbstractContextManager[Progress]] = field(default=lambda: nullcontext(silent))
    surroundings: Surroundings = field(default_factory=Surroundings)
    replies: dict[str, Reply] = field(default_factory=dict)

    def ask(self, release: str) -> Reply:
        """Return what the release says, measured now or kept from before.

        Raises:
            KeyboardInterrupt: the run was interrupted; what was decided is kept.
        """
        reply = self._kept(release) or self._measured(release)
        self.replies[release] = reply
        return reply

    def _folder(self, release: str) -> Path:
        return self.out / "releases" / release

    def _kept(self, release: str) -> Reply | None:
        """Return an earlier verdict of the same lock, suite and device; an open one is run again."""
        try:
            results = load_results(self._folder(release) / FILE)
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
        reply = self._reply(results.cells[0], results.releases[release], kept=True)
        return None if reply.verdict is None else reply

    def _options(self, release: str) -> RunOptions:
        return RunOptions(
            out=self._folder(release),
            select=(release,),
            paths=(self.question.path,),
            variants=(self.question.variant,),
            device=self.device,
            offline=self.offline,
            interpreters=self.interpreters,
            budgets=self.budgets,
            suite=self.question.suite,
        )

    def _measured(self, release: str) -> Reply:
        options = self._options(release)
        with self.progress() as listen:
            measured, interrupted, _ = engine.run(options, listen, self.surroundings)
        results = assess(measured, self.known, order=tuple(self.surroundings.catalog))
        write_results(results, options.out / FILE)
        if interrupted:
            raise KeyboardInterrupt
        return self._reply(results.cells[0], results.releases[release])

    def _reply(self, cell: CellResult, release: ReleaseResult, *, kept: bool = False) -> Reply:
        word, reason = cell.status, cell.reason
        if self.question.check is not None and cell.status != status.NOT_APPLICABLE:
            found = next((check for check in cell.checks if check.name == self.question.check), None)
            if found is not None:
                word, reason = found.status, found.reason
            elif cell.checks:
                word, reason = status.ERROR, f"The check {self.question.check} was not run."
        verdict = word if word in DECIDED else None
        return Reply(verdict=verdict, reason=reason, cell=cell, release=release, kept=kept)


def _same_gpu(planned: PlannedRelease, earlier: ReleaseResult) -> bool:
    """Whether an earlier verdict is of the GPU that there is now; the CPU's always are."""
    device, kind = earlier.device or {}, planned.placement.kind or {}
    return all(device.get(name) == value for name, value in kind.items())
