"""badge.json: the verdict in the endpoint form of shields, for a README to show."""

from __future__ import annotations

import json

from bnregress.errors import ExitCode
from bnregress.reading.text import count
from bnregress.results.model import Results, exit_code
from bnregress.suite import status

LABEL = "frozen BatchNorm"


def render_badge(results: Results, fail_on: str = "regression") -> str:
    """Return the JSON that a shields endpoint returns; nothing undecided is ever shown in green.

    Args:
        results: of a run.
        fail_on: a key of `bnregress.results.model.FAIL_ON`; what it calls a failure is red.
    """
    message, colour = _message(results, fail_on)
    badge = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}
    return json.dumps(badge, indent=1) + "\n"


def _message(results: Results, fail_on: str) -> tuple[str, str]:
    broken = [cell for cell in results.cells if cell.status == status.REGRESS]
    unexpected = sum(cell.unexpected for cell in broken)
    releases = {cell.id.release for cell in results.cells if cell.status not in _UNTRIED}
    if unexpected:
        return f"{count(unexpected, 'new regression')}, {len(broken)} in all", "red"
    if drifting := sum(cell.fails(fail_on) for cell in results.cells):
        return f"{count(drifting, 'known regression')} not as listed", "red"
    if broken:
        affected = {cell.id.release for cell in broken}
        return f"breaks in {len(affected)} of {count(len(releases), 'release')}", "orange"
    if exit_code(results) != ExitCode.EXPECTED:
        return "undecided", "lightgrey"
    return f"holds in {count(len(releases), 'release')}", "brightgreen"


_UNTRIED = (status.UNAVAILABLE, status.NOT_APPLICABLE)
