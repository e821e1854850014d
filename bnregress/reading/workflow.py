"""Annotations of a GitHub workflow, `::error title=...::...`, on the standard library alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: GitHub shows this many annotations of a kind for a step.
ANNOTATIONS = 10
#: Characters of one annotation; GitHub cuts longer ones.
MESSAGE = 1_000

LEVELS = ("error", "warning", "notice")


@dataclass(frozen=True)
class Annotation:
    """A remark on the run's page; `level` is `error`, `warning` or `notice`."""

    level: str
    title: str
    message: str

    def __str__(self) -> str:
        """The workflow command, on one line."""
        message = self.message if len(self.message) <= MESSAGE else f"{self.message[: MESSAGE - 1]}…"
        return f"::{self.level} title={escape_property(self.title)}::{escape(message)}"


def escape(text: str) -> str:
    """Return the text as the message of a workflow command, the per cent sign first, as its documentation says."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Return the text as the value of a property of a workflow command."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")


def shown(annotations: Sequence[Annotation]) -> list[Annotation]:
    """Return as many annotations as GitHub shows, in their order; the last one tells how many more there are."""
    if len(annotations) <= ANNOTATIONS:
        return list(annotations)
    rest = annotations[ANNOTATIONS - 1 :]
    worst = min((note.level for note in rest), key=LEVELS.index)
    message = f"{len(rest)} more are in the job summary and the report."
    return [*annotations[: ANNOTATIONS - 1], Annotation(level=worst, title="bnregress", message=message)]
