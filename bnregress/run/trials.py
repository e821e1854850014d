"""How often a cell is run, and what its trials come to: a regression counts if it shows again in another process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.planning.plan import PlannedRelease
from bnregress.results.model import CellResult, CheckResult
from bnregress.run.collect import AttemptLog, collect_cells
from bnregress.run.rundir import RunDir
from bnregress.suite import status

#: Says of a regression whether it is news, which is what must show again before it counts.
News = Callable[[CellResult], bool]

_MORE = "Run the cell more often, as with --repeat 10, to see how often it happens."


def every_regression(_cell: CellResult) -> bool:
    """Take every regression for news, as long as nobody says what is known."""
    return True


@dataclass(frozen=True, kw_only=True)
class Trials:
    """How often the cells of a run are run, each time in other processes.

    Attributes:
        times: trials of every cell.
        news: a regression that it holds of has two trials at least.
    """

    times: int = 1
    news: News = every_regression

    def wanted(self, first: CellResult) -> int:
        """Return the trials that a cell needs, from what its first came to."""
        if first.status == status.UNAVAILABLE:
            return 1
        needed = 2 if first.status == status.REGRESS and self.news(first) else 1
        return max(needed, self.times)


#: One trial of everything, as where models are saved for other releases.
ONCE = Trials(news=lambda _cell: False)


def lacking(planned: PlannedRelease, run: RunDir, trials: Trials, number: int) -> tuple[CellId, ...]:
    """Return the cells of a release that want a trial of this number, counted from 1, and have no verdict of it."""
    first, undecided = _of_trial(planned, run, (), 1, finished=False)
    if number == 1:
        return tuple(undecided)
    wanted = tuple(cell.id for cell in first if trials.wanted(cell) >= number)
    return tuple(_of_trial(replace(planned, cells=wanted), run, (), number, finished=False)[1])


def last(planned: PlannedRelease, run: RunDir, trials: Trials) -> int:
    """Return the number of the last trial that a cell of the release wants, as far as its first ones tell."""
    first, _ = _of_trial(planned, run, (), 1, finished=False)
    return max(map(trials.wanted, first), default=1)


def collect_trials(
    planned: PlannedRelease, run: RunDir, attempts: Sequence[AttemptLog], trials: Trials, *, finished: bool
) -> tuple[list[CellResult], list[CellId]]:
    """Return what all trials of a release's cells come to, and the cells that lack a trial.

    Args:
        planned: the release.
        run: the folder of the run.
        attempts: the sessions so far, oldest first.
        trials: how many are wanted.
        finished: see `bnregress.run.collect.collect_cells`; a cell whose second trial could not be carried out is then
            inconclusive.
    """
    results, undecided = [], []
    decided, _ = _of_trial(planned, run, attempts, 1, finished=finished)
    first = {cell.id: cell for cell in decided}
    for id_ in planned.cells:
        cell = first.get(id_)
        every = None if cell is None else _every(planned, cell, run, attempts, trials, finished=finished)
        if every is None:
            undecided.append(id_)
        else:
            results.append(together(every, trials.news))
    return results, undecided


def _every(
    planned: PlannedRelease,
    first: CellResult,
    run: RunDir,
    attempts: Sequence[AttemptLog],
    trials: Trials,
    *,
    finished: bool,
) -> list[CellResult] | None:
    found = [first]
    for number in range(2, trials.wanted(first) + 1):
        results, _ = _of_trial(replace(planned, cells=(first.id,)), run, attempts, number, finished=finished)
        if not results:
            return None
        found += results
    return found


def _of_trial(
    planned: PlannedRelease, run: RunDir, attempts: Sequence[AttemptLog], number: int, *, finished: bool
) -> tuple[list[CellResult], list[CellId]]:
    own = [attempt for attempt in attempts if attempt.trial == number]
    return collect_cells(planned, run.records(planned.id, number), own, device=planned.device, finished=finished)


def together(trials: Sequence[CellResult], news: News = every_regression) -> CellResult:
    """Return what the trials of one cell come to.

    A regression stands if a check regresses in every trial, and if every trial is news or none is; a check that
    regresses only in some is inconclusive, and its evidence is that of all. A regression that does not show again
    leaves the cell inconclusive, whatever the other trials came to. So do trials that differ otherwise, unless one
    is an error.

    Args:
        trials: of one cell, the first one first; one alone is returned as it is.
        news: what the regression was run again for.
    """
    first = trials[0]
    if len(trials) == 1:
        return first
    words = Counter(trial.status for trial in trials)
    shared: dict[str, Any] = {
        "attempts": tuple(attempt for trial in trials for attempt in trial.attempts),
        "cached": all(trial.cached for trial in trials),
        "peak_rss_bytes": max((trial.peak_rss_bytes or 0 for trial in trials), default=0) or None,
        "trials": {word: words[word] for word in status.SEVERITY if words[word]},
    }
    if status.REGRESS in words:
        return replace(_regressing(trials, news), **shared)
    if len(words) == 1:
        return replace(first, **shared)
    gravest = max(trials, key=lambda trial: status.SEVERITY.index(trial.status))
    said = f"{_rate(words[gravest.status], len(trials)).capitalize()}: {gravest.reason}"
    if gravest.status == status.ERROR:
        return replace(gravest, reason=said, **shared)
    return replace(gravest, status=status.INCONCLUSIVE, reason=said, remedy=gravest.remedy or _MORE, **shared)


def _regressing(trials: Sequence[CellResult], news: News) -> CellResult:
    first = next(trial for trial in trials if trial.status == status.REGRESS)
    regressing = [trial for trial in trials if trial.status == status.REGRESS]
    in_all = frozenset.intersection(*map(_regressed, trials))
    if in_all and len(regressing) == len(trials) and len(set(map(news, regressing))) == 1:
        checks = tuple(_check(name, trials, stands=name in in_all) for name in _names(trials))
        solid = next(check for check in checks if check.status == status.REGRESS)
        return replace(first, reason=first.reason if _regressed(first) == in_all else solid.reason, checks=checks)
    others = [trial for trial in trials if trial not in regressing]
    what = _rate(len(regressing), len(trials))
    reason = f"Regressed {what}, each in other processes: {first.reason}"
    if others:
        reason = f"{reason.rstrip('.')}. The others: {others[0].status}, {others[0].reason}"
    elif not in_all:
        reason = f"Regressed in each of {len(trials)} trials, never by the same check: {first.reason}"
    else:
        reason = (
            f"Regressed in each of {len(trials)} trials, but not as an unexpected regression each time: {first.reason}"
        )
    return replace(
        first,
        status=status.INCONCLUSIVE,
        reason=reason,
        remedy=_MORE,
        checks=tuple(_check(name, trials, stands=False) for name in _names(trials)),
    )


def _check(name: str, trials: Sequence[CellResult], *, stands: bool) -> CheckResult:
    """Return one check of all trials; where it regressed only in some, with the evidence of each."""
    found = list(_found(name, trials))
    told = [check for check in found if check is not None]
    gravest = max(told, key=lambda check: status.SEVERITY.index(check.status))
    if stands or gravest.status != status.REGRESS:
        return gravest
    regressed = sum(check.status == status.REGRESS for check in told)
    evidence = [
        {"trial": number, "status": "not run"}
        if check is None
        else {"trial": number, "status": check.status, "reason": check.reason, "evidence": dict(check.evidence)}
        for number, check in enumerate(found, 1)
    ]
    return CheckResult(
        name=name,
        status=status.INCONCLUSIVE,
        reason=f"Regressed {_rate(regressed, len(trials))}: {gravest.reason}",
        evidence={"trials": evidence},
        repro=gravest.repro,
    )


def _found(name: str, trials: Sequence[CellResult]) -> Iterator[CheckResult | None]:
    for trial in trials:
        yield next((check for check in trial.checks if check.name == name), None)


def _names(trials: Sequence[CellResult]) -> list[str]:
    return list(dict.fromkeys(check.name for trial in trials for check in trial.checks))


def _regressed(trial: CellResult) -> frozenset[str]:
    return frozenset(check.name for check in trial.checks if check.status == status.REGRESS)


def _rate(number: int, count: int) -> str:
    return f"in {number} of {count} trials"
