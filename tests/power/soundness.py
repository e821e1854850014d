"""What the suite says of sound networks: nothing, it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.power.bounds import upper_bound
from tests.power.judge import NOT_SOUND
from tests.power.trials import Answer


@dataclass(frozen=True, kw_only=True)
class Soundness:
    """A release without any fault planted.

    Attributes:
        broken: paths that regress in this release by themselves; they can raise no false alarm and show no fault.
        leaks: what differs after all faults from what was before them.
    """

    release: str
    broken: frozenset[str]
    runs: int
    cells: int
    decisions: int
    alarms: tuple[str, ...]
    alarmed_runs: int
    alarmed_cells: int
    leaks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """False alarms over all releases, with the highest rates that so many runs and cells do not speak against."""

    runs: int
    alarmed_runs: int
    cells: int
    alarmed_cells: int

    @classmethod
    def of(cls, found: Sequence[Soundness]) -> Alarms:
        """Count them."""
        return cls(
            runs=sum(each.runs for each in found),
            alarmed_runs=sum(each.alarmed_runs for each in found),
            cells=sum(each.cells for each in found),
            alarmed_cells=sum(each.alarmed_cells for each in found),
        )

    @property
    def of_runs(self) -> str:
        """At 95 % at most this share of runs raises one."""
        return f"{upper_bound(self.alarmed_runs, self.runs):.1%}"

    @property
    def of_cells(self) -> str:
        """At 95 % at most this share of cells raises one."""
        return f"{upper_bound(self.alarmed_cells, self.cells):.2%}"


def broken_paths(answers: Sequence[Answer]) -> frozenset[str]:
    """Paths that are not sound in this release: on the usual images and weights, before anything was planted."""
    return frozenset(each.path for each in _first_sound(answers) if each.checks(*NOT_SOUND))


def judge_soundness(release: str, answers: Sequence[Answer]) -> Soundness:
    """Count false alarms over the trials without a fault.

    Args:
        release: its id.
        answers: all answers of the release, in the order of its trials.
    """
    broken = broken_paths(answers)
    sound = [each for each in answers if each.trial.fault is None]
    counted = [each for each in sound if each.path not in broken]
    alarmed = [each for each in counted if each.checks(*NOT_SOUND)]
    return Soundness(
        release=release,
        broken=broken,
        runs=len({(each.trial.network, each.trial.seed) for each in counted}),
        cells=len({(each.trial, each.path) for each in counted}),
        decisions=len(
            {(each.trial, each.path, check) for each in counted for check in each.checks("pass", *NOT_SOUND)}
        ),
        alarms=tuple(
            f"{each.path} on {each.trial.network}, seed {each.trial.seed}: {', '.join(each.checks(*NOT_SOUND))}"
            for each in alarmed
        ),
        alarmed_runs=len({(each.trial.network, each.trial.seed) for each in alarmed}),
        alarmed_cells=len({(each.trial, each.path) for each in alarmed}),
        leaks=tuple(_leaks(sound)),
    )


def _first_sound(answers: Sequence[Answer]) -> list[Answer]:
    seen: dict[tuple[str, str], Answer] = {}
    for each in answers:
        if each.trial.fault is None and each.trial.seed == 0:
            seen.setdefault((each.trial.network, each.path), each)
    return list(seen.values())


def _leaks(sound: Sequence[Answer]) -> list[str]:
    first = {(each.trial, each.path): each for each in _first_sound(sound)}
    return [
        f"{each.path} on {each.trial.network} is not what it was before the faults were planted"
        for each in sound
        if (before := first.get((each.trial, each.path))) and _verdicts(before) != _verdicts(each)
    ]


def _verdicts(answer: Answer) -> list[tuple[str, str]]:
    return [(check["name"], check["status"]) for check in answer.record["checks"]]
