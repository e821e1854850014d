"""What a gate's decision gives to later jobs: the outputs of the step."""

from __future__ import annotations

from bnregress.cells.identifiers import CellId
from bnregress.judging.gate.decision import Decision

#: The kinds of section that each output counts, of a gate over known regressions and of one over an upgrade.
_COUNTED = {
    "regressions": ("new", "different", "breaks", "gone"),
    "fixed": ("fixed", "cured"),
    "errors": ("undecided", "unknown"),
}


def figures(decision: Decision) -> dict[str, str]:
    """Return the outputs that the decision gives."""
    return {
        name: str(sum(section.size for section in decision.sections if section.kind in kinds))
        for name, kinds in _COUNTED.items()
    }


def broken(decision: Decision) -> dict[str, str]:
    """Return the outputs that name the first regression; none if there is none."""
    for section in decision.sections:
        if section.kind in _COUNTED["regressions"]:
            cell = CellId.parse(section.findings[0].cells[-1])
            return {"broken-path": cell.path, "broken-variant": cell.variant}
    return {}
