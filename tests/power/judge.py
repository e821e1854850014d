"""Whether a fault was caught, by the right check, and whether the right layer and path were named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.registry import EVERY, USAGE, Fault
from tests.power.trials import Answer, Trial, fault_of

REGRESS, PASS = "regress", "pass"
LACKING = "not-applicable"
#: Statuses that a sound network must not get.
NOT_SOUND = (REGRESS, "error", "inconclusive")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a fault in a release.

    Attributes:
        unasked: why it could not be asked, as where the path is broken in that release by itself; else None.
        by: the checks that found it, on every path on which it had to be found.
        complaints: what is wrong with the attribution; empty where it is right.
        named: the layers that were named.
    """

    release: str
    trial: Trial
    fault: Fault
    unasked: str | None
    by: frozenset[str]
    complaints: tuple[str, ...]
    named: frozenset[str]
    seconds: float

    @property
    def caught(self) -> bool:
        return bool(self.by)

    @property
    def right(self) -> bool:
        """Caught by the right check, with the right layer and path named."""
        return self.caught and not self.complaints


def judge(trial: Trial, answers: Mapping[str, Answer], broken: frozenset[str], release: str) -> Outcome:
    """Judge one planted fault.

    Args:
        trial: with a fault.
        answers: by path.
        broken: paths that are not sound in this release without any fault.
        release: its id.
    """
    fault = fault_of(trial)
    lacking = {path: answers[path].record["reason"] for path in fault.paths if answers[path].lacking}
    # What has checks of its own can lack what one of them needs, as a kind of layer.
    own = [path for path in fault.paths if path in USAGE]
    lacking |= {
        path: f"{fault.expected} is not applicable" for path in own if fault.expected in answers[path].checks(LACKING)
    }
    lacking |= {path: reason for path in own if (reason := _absent(fault, answers[path]))}
    asked = [path for path in fault.paths if path not in broken and path not in lacking]
    if not asked:
        reason = f"{', '.join(fault.paths)} regress in {release} by themselves"
        reason = next(iter(lacking.values()), reason)
        return _outcome(release, trial, reason, frozenset(), (), frozenset(), 0.0)
    found = {path: frozenset(answers[path].checks(REGRESS)) for path in asked}
    by = frozenset.intersection(*found.values())
    named = frozenset(name for path in asked for name in named_layers(answers[path].record))
    complaints = [
        *(complaint for path in asked for complaint in _about_checks(fault, answers[path], found[path])),
        *_about_layers(fault, named),
        *(
            f"{path} is blamed too"
            for path in fault.observed
            if path not in {*fault.paths, *broken} and answers[path].checks(*NOT_SOUND)
        ),
    ]
    seconds = sum(answers[path].seconds for path in asked)
    return _outcome(release, trial, None, by, tuple(complaints), named, seconds)


def _outcome(
    release: str, trial: Trial, unasked: str | None, by: frozenset[str], complaints: tuple[str, ...],
    named: frozenset[str], seconds: float,
) -> Outcome:  # fmt: skip
    return Outcome(
        release=release, trial=trial, fault=fault_of(trial), unasked=unasked, by=by, complaints=complaints,
        named=named, seconds=seconds,
    )  # fmt: skip


def _absent(fault: Fault, answer: Answer) -> str | None:
    """Why a check could not meet the one thing in which a fault shows; None if it could."""
    for check in answer.record["checks"]:
        if fault.meets and check["name"] == fault.expected and check["status"] == PASS:
            evidence = check["evidence"]
            if fault.meets not in evidence["ran"]:
                return str(evidence["absent"].get(fault.meets, f"this release has no {fault.meets}"))
    return None


def _about_checks(fault: Fault, answer: Answer, found: frozenset[str]) -> Iterable[str]:
    if found and fault.expected not in found:
        yield f"{fault.expected} says nothing"
    if strange := found - {fault.expected, *fault.also}:
        yield f"unexpected: {', '.join(sorted(strange))}"
    if failed := answer.checks("error"):
        yield f"could not decide: {', '.join(failed)}"


def _about_layers(fault: Fault, named: frozenset[str]) -> Iterable[str]:
    if fault.layers in {None, EVERY}:
        return
    if missing := frozenset(fault.layers or ()) - named:
        yield f"not named: {', '.join(sorted(missing))}"
    if wrong := named - frozenset(fault.layers or ()):
        yield f"wrongly named: {', '.join(sorted(wrong))}"


def named_layers(record: Mapping[str, Any]) -> frozenset[str]:
    """Layers that the evidence of a record's regressing checks names."""
    found: set[str] = set()
    for check in record["checks"]:
        if check["status"] == REGRESS:
            evidence = check["evidence"]
            found.update(name.split("/")[0] for key in ("changed", "lost") for name in evidence.get(key, ()))
            # Some checks count their layers, others list each with its deviation.
            if isinstance(layers := evidence.get("layers"), list):
                tolerance = float(evidence["tolerance"])
                # What is not finite is written as text.
                found.update(each["name"] for each in layers if not float(each["deviation"]) <= tolerance)
    return frozenset(found)


def without(outcomes: Iterable[Outcome], check: str) -> list[Outcome]:
    """Faults that would not be caught if the suite had no such check."""
    return [outcome for outcome in outcomes if outcome.caught and not outcome.by - {check}]


def lost_without(outcomes: Iterable[Outcome], check: str) -> list[str]:
    """Names of the faults that would not be caught in some release if the suite had no such check, in their order."""
    return list(dict.fromkeys(str(outcome.trial.fault) for outcome in without(outcomes, check)))
