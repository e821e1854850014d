"""A shard's number: `2/3` is the second of three parts of a plan."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bnregress.errors import UsageError

_SHARD = re.compile(r"(?P<index>[0-9]{1,6})/(?P<count>[0-9]{1,6})")


@dataclass(frozen=True, order=True)
class Shard:
    """One part of a plan; `index` counts from 1 to `count`."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `I/N`.

        Raises:
            UsageError: it is something else, or I is not in 1 to N.
        """
        match = _SHARD.fullmatch(text)
        if match is None:
            raise UsageError(f"{text!r} is not a shard. Write I/N, as in 1/3 for the first of three.")
        shard = cls(int(match["index"]), int(match["count"]))
        if not 1 <= shard.index <= shard.count:
            raise UsageError(f"{text!r} is not a shard: there are 1/{shard.count} to {shard.count}/{shard.count}.")
        return shard

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"
