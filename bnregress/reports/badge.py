"""badge.json: what a run came to, in the endpoint form of shields, for a README to show."""

from __future__ import annotations

import json

from bnregress.errors import ExitCode
from bnregress.judging.summary import DRIFT, REGRESS, summarise
from bnregress.results.model import DEFAULT_POLICY, Policy, Results, exit_code

LABEL = "frozen BatchNorm"


def render_badge(results: Results, policy: Policy = DEFAULT_POLICY) -> str:
    """Return the JSON that a shields endpoint returns; nothing undecided is ever shown in green.

    Args:
        results: of a run.
        policy: what makes the run fail, and what leaves it undecided.
    """
    summary = summarise(results, policy)
    if summary.word in (REGRESS, DRIFT):
        colour = "red"
    elif any(cell.as_known for cell in results.cells):
        colour = "orange"
    else:
        colour = "brightgreen" if exit_code(results, policy) == ExitCode.EXPECTED else "lightgrey"
    badge = {"schemaVersion": 1, "label": LABEL, "message": summary.brief, "color": colour}
    return json.dumps(badge, indent=1) + "\n"
