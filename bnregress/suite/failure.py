"""Exceptions turned into errors of a cell, told in one line."""

import sys
import traceback
from dataclasses import dataclass

from bnregress.suite import status
from bnregress.suite.finding import Finding
from bnregress.suite.wording import in_one_line

#: These end the session, not the cell. `bnregress check` does without pytest.
ENDING = (KeyboardInterrupt,) + ((sys.modules["pytest"].exit.Exception,) if "pytest" in sys.modules else ())

TRACEBACK_CHARACTERS = 4000


@dataclass(frozen=True)
class Failure:
    """An exception, without the frames it holds.

    Attributes:
        kind: `crash`, or `oom` where memory ran out.
        reason: one line for a person.
        traceback: the end of the traceback.
    """

    kind: str
    reason: str
    traceback: str

    @classmethod
    def of(cls, error, doing):
        """Tell of an exception met while `doing` something, as in `building the path`."""
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return cls(
            kind=status.OOM if _out_of_memory(error) else status.CRASH,
            reason="{} raised {}".format(doing, in_one_line(error)),
            traceback=text[-TRACEBACK_CHARACTERS:],
        )

    @property
    def finding(self):
        """The finding of a check that met it."""
        return Finding(status.ERROR, self.reason)


def _out_of_memory(error):
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & {"MemoryError", "ResourceExhaustedError"}:
            return True
        error = error.__cause__ or error.__context__
    return False
