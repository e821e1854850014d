"""The search alone: over places in a row, with a function that says what the verdict at one of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

#: Returns the verdict at a place, None if it cannot be decided.
Test = Callable[[int], "str | None"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search came to.

    Attributes:
        tested: the places in the order in which they were tested.
        verdicts: of the places that could be decided.
        scanned: every place between the two that it came down to was tested, because the search met a third verdict or
            was told to verify.
    """

    tested: Sequence[int]
    verdicts: Mapping[int, str]
    scanned: bool

    @property
    def undecided(self) -> list[int]:
        """The places that were tested in vain, in their order."""
        return sorted(set(self.tested) - set(self.verdicts))

    @property
    def steps(self) -> list[tuple[int, int]]:
        """Pairs of places with different verdicts and no decided place between them, in their order."""
        places = sorted(self.verdicts)
        return [pair for pair in pairwise(places) if self._differ(*pair)]

    def _differ(self, one: int, other: int) -> bool:
        return self.verdicts[one] != self.verdicts[other]


@dataclass
class _Search:
    test: Test
    tested: list[int] = field(default_factory=list)
    verdicts: dict[int, str] = field(default_factory=dict)

    def at(self, place: int) -> str | None:
        if place not in self.tested:
            self.tested.append(place)
            verdict = self.test(place)
            if verdict is not None:
                self.verdicts[place] = verdict
        return self.verdicts.get(place)

    def scan(self, first: int, last: int) -> Found:
        for place in range(first, last + 1):
            self.at(place)
        return self.found(scanned=True)

    def found(self, *, scanned: bool = False) -> Found:
        return Found(tested=self.tested, verdicts=self.verdicts, scanned=scanned)


def search(count: int, test: Test, *, verify: bool = False) -> Found:
    """Find where the verdict changes between the first place and the last.

    Both ends are tested first; if one of them cannot be decided, or they
    agree, nothing else is. Then the undecided row between the nearest places
    that agree with the ends is halved, a place that cannot be decided giving
    way to its neighbour: at most ceil(log2(count)) + 2 places that can be
    decided are tested. A verdict that is neither end's shows that the row is
    not of two parts, and everything between is tested.

    Args:
        count: places, 2 or more.
        test: is called once at most for each place.
        verify: test every place, which alone can show that the verdict changes more than once.
    """
    if count < 2:
        raise ValueError(f"{count} places have no two ends")
    state = _Search(test)
    first, last = state.at(0), state.at(count - 1)
    if first is None or last is None:
        return state.found()
    if verify:
        return state.scan(0, count - 1)
    if first == last:
        return state.found()
    low, high = 0, count - 1
    while between := [place for place in range(low + 1, high) if place not in state.tested]:
        middle = between[len(between) // 2]
        verdict = state.at(middle)
        if verdict == first:
            low = middle
        elif verdict == last:
            high = middle
        elif verdict is not None:
            return state.scan(low, high)
    return state.found()
