"""Exceptions turned into errors of a cell, told in one line."""

import traceback
from dataclasses import dataclass

import pytest

from bnregress.suite import status
from bnregress.suite.finding import Finding

#: These end the session, not the cell.
ENDING = (KeyboardInterrupt, pytest.exit.Exception)

REASON_CHARACTERS = 300
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


def in_one_line(error):
    """Return `Type: message`, with the line of the message that says most.

    TensorFlow's import errors carry a whole traceback as their message; its
    frames are indented, so the first line that is neither is the cause.
    """
    lines = [line.rstrip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith((" ", "Traceback (most recent call last)"))]
    name = type(error).__name__
    line = telling[0] if telling else "".join(lines).strip()
    if line.startswith(name + ":"):
        line = line[len(name) + 1 :].strip()
    text = "{}: {}".format(name, line) if line else name
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 3] + "..."


def _out_of_memory(error):
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & {"MemoryError", "ResourceExhaustedError"}:
            return True
        error = error.__cause__ or error.__context__
    return False
