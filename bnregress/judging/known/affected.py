"""What a check said, in the parts that an entry speaks of: each failure it told of, and which layers or variables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from bnregress.results.model import CheckResult

_SEARCH = "search"
# How the search begins and joins what it found, see `bnregress.suite.search.check`.
_COUNTED = re.compile(r"^search: \d+ examples, \d+ failures: ")
_BETWEEN = "; "


@dataclass(frozen=True, kw_only=True)
class Affected:
    """Layers or variables that a check found to be wrong; `count` exceeds the names if some have none or the same."""

    names: frozenset[str]
    count: int

    def within(self, limit: int | Collection[str]) -> bool:
        """Whether these are no more than an entry lists: so many, or those of these names.

        What the evidence does not tell is not within any limit.
        """
        if not self.count:
            return False
        if isinstance(limit, int):
            return self.count <= limit
        return self.count == len(self.names) and self.names <= set(limit)


def failures(check: CheckResult) -> list[str]:
    """Return each failure that the reason of a check tells of: one, but for the search."""
    if check.name != _SEARCH:
        return [check.reason]
    told = _COUNTED.sub("", check.reason).split(_BETWEEN)
    return [each for each in told if each.strip()] or [check.reason]


def are_all_told(check: CheckResult) -> bool:
    """Whether the reason tells of as many failures as the evidence counts."""
    return _figure(check.evidence.get("failures")) <= len(failures(check))


def affected(check: CheckResult) -> Affected:
    """Return what the evidence of a check says is wrong."""
    evidence = check.evidence
    names = [*_names(evidence.get("changed")), *_names(evidence.get("lost"))]
    names += _beyond(evidence.get("layers"), evidence.get("tolerance"))
    found = frozenset(names)
    counted = max(_figure(evidence.get(key)) for key in ("deviating", "trainable"))
    return Affected(names=found, count=max(len(found), counted))


def _names(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _beyond(layers: Any, tolerance: Any) -> Iterable[str]:
    """Yield the names of layers that deviate by more than the tolerance, or by no number."""
    for layer in layers if isinstance(layers, list) else ():
        named = isinstance(layer, dict) and isinstance(layer.get("name"), str)
        # What is not finite is written as a word, as JSON has no number for it.
        if named and not _number(layer.get("deviation")) <= _number(tolerance):
            yield layer["name"]


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _figure(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
