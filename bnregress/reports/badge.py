"""badge.json: the verdict in the endpoint form of shields, for a README to show."""

from __future__ import annotations

import json

from bnregress.errors import ExitCode
from bnregress.reading.text import count
from bnregress.results.model import DEFAULT_POLICY, Policy, Results, exit_code
from bnregress.suite import status

LABEL = "frozen BatchNorm"


def render_badge(results: Results, policy: Policy = DEFAULT_POLICY) -> str:
    """Return the JSON that a shields endpoint returns; nothing undecided is ever shown in green.

    Args:
        results: of a run.
        policy: what makes the run fail, and what leaves it undecided.
    """
    message, colour = _message(results, policy)
    badge = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}
    return json.dumps(badge, indent=1) + "\n"


def _message(results: Results, policy: Policy) -> tuple[str, str]:
    broken = [cell for cell in results.cells if cell.status == status.REGRESS]
    unexpected = sum(cell.unexpected for cell in broken)
    releases = {cell.id.release for cell in results.cells if cell.status not in _UNTRIED}
    if unexpected:
        return f"{count(unexpected, 'new regression')}, {len(broken)} in all", "red"
    if drifting := sum(policy.fails(cell) for cell in results.cells):
        return f"{count(drifting, 'known regression')} not as listed", "red"
    if broken:
        affected = {cell.id.release for cell in broken}
        return f"breaks in {len(affected)} of {count(len(releases), 'release')}", "orange"
    if exit_code(results, policy) != ExitCode.EXPECTED:
        return "undecided", "lightgrey"
    return f"holds in {count(len(releases), 'release')}", "brightgreen"


_UNTRIED = (status.UNAVAILABLE, status.NOT_APPLICABLE)
