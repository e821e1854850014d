"""What a gate decides: a word, a sentence, and the findings behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bnregress.errors import ExitCode

SAFE = "safe"
UNSAFE = "unsafe"
CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a person should know of.

    Attributes:
        cells: ids of the cells that it is about.
        title: where, for a person.
        reason, remedy: a sentence each.
        source: address of the report upstream, or `not reported upstream`.
    """

    cells: tuple[str, ...]
    title: str
    reason: str
    remedy: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """Findings of one kind, such as `new` or `breaks`; grave ones keep a person from going on.

    `size` is the number of cells, or of paths, that they are about.
    """

    kind: str
    heading: str
    size: int
    findings: tuple[Finding, ...]
    grave: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The whole decision.

    Attributes:
        word: `safe`, `unsafe` or `cannot tell`.
        sentence: what it rests on.
        sections: the gravest first.
        notes: further sentences.
    """

    word: str
    sentence: str
    exit_code: ExitCode
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return JSON values for programs."""
        return {
            "answer": self.word,
            "sentence": self.sentence,
            "exit_code": int(self.exit_code),
            "sections": [
                {
                    "kind": section.kind,
                    "heading": section.heading,
                    "size": section.size,
                    "grave": section.grave,
                    "findings": [asdict(finding) | {"cells": list(finding.cells)} for finding in section.findings],
                }
                for section in self.sections
            ],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Decision:
        """Read what `to_json` made; KeyError, TypeError or ValueError if it is something else."""
        return cls(
            word=value["answer"],
            sentence=value["sentence"],
            exit_code=ExitCode(value["exit_code"]),
            sections=tuple(
                Section(
                    kind=section["kind"],
                    heading=section["heading"],
                    size=section["size"],
                    grave=section["grave"],
                    findings=tuple(
                        Finding(**{**finding, "cells": tuple(finding["cells"])}) for finding in section["findings"]
                    ),
                )
                for section in value["sections"]
            ),
            notes=tuple(value["notes"]),
        )
