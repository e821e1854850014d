"""A gate's answer, as `bnregress gate --format json` gives it, for GitHub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bnregress.action.github import Annotation
from bnregress.cells.identifiers import CellId
from bnregress.reading.text import clip, one_line

_SENTENCE = 400
#: The kinds of section that each output counts, of a gate over known regressions and of one over an upgrade.
_COUNTED = {
    "regressions": ("new", "different", "breaks", "gone"),
    "fixed": ("fixed", "cured"),
    "errors": ("undecided", "unknown"),
}
_TITLES = {
    "new": "{} regresses",
    "different": "{} fails differently than expected",
    "breaks": "{} breaks",
    "gone": "{} no longer exists",
    "undecided": "{} could not be decided",
    "unknown": "{} could not be decided",
    "missing": "{} is listed as a known regression and has no verdict",
    "fixed": "{} no longer regresses",
    "cured": "{} is cured",
}


@dataclass(frozen=True, kw_only=True)
class GateAnswer:
    """The sections of an answer, the gravest first."""

    sections: tuple[Mapping[str, Any], ...]

    def figures(self) -> dict[str, str]:
        """Return the outputs that the answer gives."""
        return {
            name: str(sum(section["size"] for section in self.sections if section["kind"] in kinds))
            for name, kinds in _COUNTED.items()
        }

    def broken(self) -> dict[str, str]:
        """Return the outputs that name the first regression; none if there is none."""
        for section in self.sections:
            if section["kind"] in _COUNTED["regressions"]:
                cell = CellId.parse(section["findings"][0]["cells"][-1])
                return {"broken-path": cell.path, "broken-variant": cell.variant}
        return {}

    def remarks(self, code: int) -> list[Annotation]:
        """Return an annotation for each change; grave ones are errors where the gate is shut."""
        notes = []
        for section in self.sections:
            title = _TITLES.get(section["kind"])
            level = ("error" if code else "warning") if section["grave"] else "notice"
            for finding in section["findings"] if title else ():
                said = clip(finding["reason"], _SENTENCE)
                if finding["remedy"]:
                    said += f" Remedy: {clip(finding['remedy'], _SENTENCE)}"
                where = clip(one_line(finding["title"]), 200)
                notes.append(
                    Annotation(level=level, title=title.format(where) if title else "", message=one_line(said))
                )
        return notes


def read_answer(text: str) -> GateAnswer:
    """Read the JSON of an answer."""
    return GateAnswer(sections=tuple(json.loads(text)["sections"]))
