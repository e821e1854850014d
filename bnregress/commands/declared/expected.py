"""Options that several commands share: what results are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Choice, PlaceOr
from bnregress.commands.configuration.option import INPUT, Arguments, Group, option
from bnregress.results.model import DEFAULT_POLICY, FAIL_ON, REQUIRE, Policy

EXPECTED = Group("what is expected")


@dataclass(frozen=True, kw_only=True)
class Known(Arguments):
    """What is listed as known."""

    group = EXPECTED

    known: Path | str | None = option(
        PlaceOr("none"),
        metavar="FILE",
        help="file of known regressions; `none` treats every regression as new",
        otherwise="the packaged file",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Expectations(Known):
    """What the results are compared with, and what of it counts."""

    group = EXPECTED

    fail_on: str = option(
        Choice(tuple(FAIL_ON)),
        help="what makes the exit code 1: an unexpected regression, any difference from the known regressions (also one"
        " that is fixed or missing), or nothing",
        default=DEFAULT_POLICY.fail_on,
        configured=True,
        action=INPUT,
    )
    require: str = option(
        Choice(REQUIRE),
        help="which cells must run for exit code 0: all selected ones (an unavailable one makes it 4), or only those"
        " that can be tried here",
        default=DEFAULT_POLICY.require,
        configured=True,
        action=INPUT,
    )

    @property
    def policy(self) -> Policy:
        """Both together."""
        return Policy(fail_on=self.fail_on, require=self.require)
