"""What is run in a release, and what came back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.registry import FAULTS, Fault

SMALL, RESNET50 = "small", "resnet50"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The ordinary suite on a network, with a fault planted or with none, and with images drawn from a seed."""

    fault: str | None
    network: str = SMALL
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The record of one cell of a trial."""

    release: str
    trial: Trial
    path: str
    record: dict[str, Any]

    @property
    def seconds(self) -> float:
        """Seconds for building and all checks."""
        return float(sum(self.record["seconds"].values()))

    @property
    def lacking(self) -> bool:
        """Whether the release has no such path or variant."""
        return bool(self.record["status"] == "not-applicable")

    def checks(self, *statuses: str) -> list[str]:
        """Names of the checks with one of the statuses; of all checks where the path itself could not be decided."""
        if not self.record["checks"]:
            return [f"({self.record['status']})"] if self.record["status"] in statuses else []
        return [check["name"] for check in self.record["checks"] if check["status"] in statuses]


def plan_trials(faults: Iterable[Fault], seeds: int, networks: Collection[str] = (SMALL, RESNET50)) -> list[Trial]:
    """On each network a sound trial, then the faults; the seeds; and the first again, to show a fault that outlives."""
    faults, trials = list(faults), []
    for network in networks:
        planted = [Trial(fault=fault.name, network=network) for fault in faults if network in fault.networks]
        if planted or network == SMALL:
            trials += [Trial(fault=None, network=network), *planted]
    return [*trials, *(Trial(fault=None, seed=seed) for seed in range(1, seeds)), trials[0]]


def request(trials: Sequence[Trial]) -> dict[str, Any]:
    """What `tests.power.inside` reads."""
    return {"trials": [asdict(trial) for trial in trials]}


def read_answer(release: str, row: dict[str, Any]) -> Answer:
    """Read a line that `tests.power.inside` wrote."""
    trial = Trial(fault=row["fault"], network=row["network"], seed=row["seed"])
    return Answer(release=release, trial=trial, path=row["path"], record=row["record"])


def fault_of(trial: Trial) -> Fault:
    """The trial's fault, which it must have."""
    assert trial.fault is not None
    return FAULTS[trial.fault]
