"""badge.json: the verdict in the endpoint form of shields, for a README to show."""

from __future__ import annotations

import json

from bnregress.errors import ExitCode
from bnregress.reading.text import count
from bnregress.reports.known import KNOWN, drift_of
from bnregress.results.model import Results, exit_code
from bnregress.suite import status

LABEL = "frozen BatchNorm"


def render_badge(results: Results) -> str:
    """Return the JSON that a shields endpoint is asked for; nothing undecided is ever shown in green."""
    message, colour = _message(results)
    badge = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}
    return json.dumps(badge, indent=1) + "\n"


def _message(results: Results) -> tuple[str, str]:
    broken = [cell for cell in results.cells if cell.status == status.REGRESS]
    unknown = [cell for cell in broken if drift_of(cell) != KNOWN]
    releases = {cell.id.release for cell in results.cells if cell.status not in _UNTRIED}
    if unknown:
        return f"{count(len(unknown), 'new regression')}, {len(broken)} in all", "red"
    if broken:
        affected = {cell.id.release for cell in broken}
        return f"breaks in {len(affected)} of {count(len(releases), 'release')}", "orange"
    if exit_code(results) != ExitCode.EXPECTED:
        return "undecided", "lightgrey"
    return f"holds in {count(len(releases), 'release')}", "brightgreen"


_UNTRIED = (status.UNAVAILABLE, status.NOT_APPLICABLE)
