"""What a search came to."""

from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

from bnregress.suite.wording import in_one_line


@dataclass(frozen=True)
class Failure:
    """A shrunk example that does not hold.

    Attributes:
        reason: one sentence.
        script: shows it with no bnregress installed.
        example: JSON values.
    """

    reason: str
    script: str
    example: Any


@dataclass(frozen=True)
class Outcome:
    """Examples that were run, the failure if there is one, and what was left out, with the reason.

    Given up means that time was over before the examples were.
    """

    examples: int
    failure: Optional[Failure] = None
    left_out: Tuple[str, ...] = field(default=())
    given_up: bool = False


def said(error):
    """What an assertion says, without what pytest may add to it, or which error it is."""
    return str(error).splitlines()[0] if isinstance(error, AssertionError) and str(error) else in_one_line(error)


def evidence(outcomes: Dict[str, Outcome]):
    """Figures of each part of a search, JSON values."""
    return {
        name: {
            "examples": outcome.examples,
            "failure": None if outcome.failure is None else outcome.failure.example,
            "left_out": list(outcome.left_out),
            "given_up": outcome.given_up,
        }
        for name, outcome in outcomes.items()
    }
