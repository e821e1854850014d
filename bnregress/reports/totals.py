"""How many cells came to what, and where releases ran otherwise than planned, in lines beside the summary."""

from __future__ import annotations

from collections import Counter

from packaging.version import Version

from bnregress.reading.text import count
from bnregress.reports.style import LOOKS
from bnregress.results.model import DIFFERENT, FIXED, MISSING, Results
from bnregress.suite import status

#: Statuses of a check that was carried out to its end.
_CARRIED_OUT = (status.PASS, status.REGRESS)
#: The check that shows that the others can fail.
CONTROL = "unfreeze-control"


def departures(results: Results) -> str:
    """Count the known regressions that were found to be otherwise, empty if there are none."""
    counted = Counter(cell.drift for cell in results.cells)
    told = (
        (counted[DIFFERENT], "failing differently than expected"),
        (counted[FIXED], "fixed"),
        (counted[MISSING], "without a verdict"),
    )
    parts = [f"{number} {what}" for number, what in told if number]
    return f"Of the known regressions: {', '.join(parts)}" if parts else ""


def on_other_pythons(results: Results) -> list[str]:
    """Name the releases that ran on another Python than the catalog's, a line for each of these Pythons."""
    found: dict[str, list[str]] = {}
    for name, release in results.releases.items():
        if release.own_python:
            keras = f", Keras {release.keras} instead of {release.own_keras}" if release.own_keras else ""
            found.setdefault(release.python or "", []).append(f"{name} ({release.own_python}{keras})")
    return [
        f"On CPython {python} instead of the release's own: {', '.join(releases)}."
        for python, releases in sorted(found.items(), key=lambda each: Version(each[0]))
    ]


def totals(results: Results) -> str:
    """Count the cells by status, every cell once, and the checks that ran: `16 cells: 14 pass, ...; 96 checks ran`.

    A check that was not carried out counts nowhere. The control shows that the others could have failed on its cell.
    """
    counted = Counter(cell.status for cell in results.cells)
    known = sum(cell.as_known for cell in results.cells)
    parts = [f"{counted[name]} {name}" for name in LOOKS if counted[name]]
    if known:
        parts[0] += f" ({known} known)"
    if results.undecided:
        parts.append(f"{len(results.undecided)} not decided")
    cached = sum(cell.cached for cell in results.cells)
    aside = f"; {cached} of them from the cache of earlier runs" if cached else ""
    ran = [check.name for cell in results.cells for check in cell.checks if check.status in _CARRIED_OUT]
    proven = f", with the control in {count(ran.count(CONTROL), 'cell')}" if CONTROL in ran else ""
    tried = f"; {count(len(ran), 'check')} ran{proven}" if ran else ""
    return f"{count(len(results.cells) + len(results.undecided), 'cell')}: {', '.join(parts) or 'none'}{tried}{aside}"
