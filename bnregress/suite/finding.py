"""What one check says of one cell."""

import contextlib
from dataclasses import dataclass, field
from typing import Any, Dict, Optional

from bnregress.suite import status
from bnregress.suite.wording import in_one_line


@dataclass(frozen=True)
class Finding:
    """The status of a check, why, and the figures behind it.

    Attributes:
        status: one of the words in `bnregress.suite.status`.
        reason: one sentence for a person.
        evidence: JSON values only; arrays as lists of floats.
        repro: a standalone script that shows the failure, or None.
    """

    status: str
    reason: str
    evidence: Dict[str, Any] = field(default_factory=dict)
    repro: Optional[str] = None


def passed(reason, **evidence):
    """The property holds."""
    return Finding(status.PASS, reason, evidence)


def regressed(reason, **evidence):
    """The property is broken; the reason is what a person reads first."""
    return Finding(status.REGRESS, reason, evidence)


def inconclusive(reason, **evidence):
    """The property could be asked, and the answer is worth nothing."""
    return Finding(status.INCONCLUSIVE, reason, evidence)


def not_applicable(reason, **evidence):
    """The property cannot be tested on this cell."""
    return Finding(status.NOT_APPLICABLE, reason, evidence)


class NotApplicable(Exception):
    """Raised by a loading path that does not exist in this release; the message is the reason."""

    @property
    def finding(self):
        """What a check that it stops comes to."""
        return not_applicable(str(self))


class Refused(NotApplicable):
    """A call of the framework's own API that a release refuses.

    No proof of anything: unless it is listed for that release, what was to be checked is open.

    Args:
        call: what was called, in a word or two: `load`, `fit`.
        error: the exception that it raised.

    Attributes:
        evidence: `{"refused": {"call":, "error":}}`, which the list of refusals is compared with.
    """

    def __init__(self, call, error):
        super().__init__("this release refuses it: {}".format(in_one_line(error)))
        self.evidence = {"refused": {"call": call, "error": in_one_line(error)}}

    @property
    def finding(self):
        """What a check that it stops comes to."""
        return inconclusive(str(self), **self.evidence)


@contextlib.contextmanager
def refused(kind, words, call="load"):
    """Take an exception of that kind whose message holds the words as the release's refusal; any other passes through.

    Raises:
        Refused: the release refuses what the block does; the reason has its words.
    """
    try:
        yield
    except kind as error:
        if words not in str(error):
            raise
        raise Refused(call, error) from error
