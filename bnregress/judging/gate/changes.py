"""What becomes of each path between two releases, from the statuses measured in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bnregress.errors import ExitCode
from bnregress.judging.measured import Measured
from bnregress.judging.remedies import nearest_variant, passing_instead
from bnregress.results.model import FAIL_ON, CellResult
from bnregress.suite import status
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import LoadingPath

BREAKS = "breaks"
GONE = "gone"
CEASES = "ceases"
UNKNOWN = "unknown"
CURED = "cured"
ARISES_BROKEN = "arises-broken"
ARISES = "arises"
STILL_BROKEN = "still-broken"
SOUND = "sound"
ABSENT = "absent"

_KINDS = {
    (status.PASS, status.REGRESS): BREAKS,
    (status.PASS, status.PASS): SOUND,
    (status.PASS, status.NOT_APPLICABLE): CEASES,
    (status.REGRESS, status.PASS): CURED,
    (status.REGRESS, status.REGRESS): STILL_BROKEN,
    (status.REGRESS, status.NOT_APPLICABLE): CEASES,
    (status.NOT_APPLICABLE, status.PASS): ARISES,
    (status.NOT_APPLICABLE, status.REGRESS): ARISES_BROKEN,
    (status.NOT_APPLICABLE, status.NOT_APPLICABLE): ABSENT,
}

#: What `--fail-on` calls a failure of an upgrade.
FAILURES = {
    "regression": frozenset({BREAKS, GONE}),
    "drift": frozenset({BREAKS, GONE, CEASES, CURED, ARISES, ARISES_BROKEN}),
    "never": frozenset[str](),
}
if FAILURES.keys() != FAIL_ON.keys():
    raise AssertionError("an upgrade must know every word of --fail-on")


@dataclass(frozen=True, kw_only=True)
class Features:
    """How far the features are from the float64 reference, relative to their scale, and how far they may be."""

    before: float
    after: float
    tolerance: float

    @property
    def move(self) -> bool:
        """Whether the upgrade moves them further than rounding does."""
        return max(self.before, self.after) > self.tolerance


@dataclass(frozen=True, kw_only=True)
class Change:
    """One path and variant in the two releases.

    Attributes:
        subject: `PATH` or `PATH@VARIANT`.
        before, after: its cells; None if the results have none.
        instead: for a path that ceases to exist, one that passes in the newer release; else such a variant of it.
    """

    subject: str
    kind: str
    before: CellResult | None
    after: CellResult | None
    instead: str | None = None

    @property
    def features(self) -> Features | None:
        """What `release-drift` measured in both; None if it was not tested in both."""
        before, after = _drift(self.before), _drift(self.after)
        if before is None or after is None:
            return None
        return Features(before=before[0], after=after[0], tolerance=max(before[1], after[1]))


def compare(
    cells: Iterable[CellResult], before: str, after: str, *, paths: Mapping[str, LoadingPath] = PATHS
) -> list[Change]:
    """Return what becomes of every path and variant that was tested in either release, in their order.

    Args:
        cells: of a run.
        before: id of a release.
        after: id of the release that takes its place.
        paths: the registry of loading paths.
    """
    every = list(cells)
    older, newer = _by_subject(every, before), _by_subject(every, after)
    measured = Measured(newer.values())
    return [
        _change(subject, older.get(subject), newer.get(subject), measured, paths)
        for subject in dict.fromkeys([*older, *newer])
    ]


def upgrade_exit_code(kinds: Iterable[str], fail_on: str) -> ExitCode:
    """Return the exit code that the kinds of change call for.

    What `fail_on` calls a failure outweighs what is not known, and that
    outweighs success; if no path was decided in both releases, nothing is known.
    """
    found = set(kinds)
    if FAILURES[fail_on] & found:
        return ExitCode.REGRESSION
    if UNKNOWN in found or not found - {ABSENT}:
        return ExitCode.UNDECIDED
    return ExitCode.EXPECTED


def _by_subject(cells: Iterable[CellResult], release: str) -> dict[str, CellResult]:
    return {cell.id.subject: cell for cell in cells if cell.id.release == release}


def _change(
    subject: str,
    before: CellResult | None,
    after: CellResult | None,
    measured: Measured,
    paths: Mapping[str, LoadingPath],
) -> Change:
    statuses = (before.status if before else status.ERROR, after.status if after else status.ERROR)
    kind = _KINDS.get(statuses, UNKNOWN)
    instead = None
    if kind == CEASES and after is not None:
        # Nothing takes the place of your own model.
        instead = passing_instead(after, measured, paths) if after.id.path in paths else None
        instead = instead or nearest_variant(after, measured)
        if instead is None and statuses[0] == status.PASS:
            kind = GONE
    return Change(subject=subject, kind=kind, before=before, after=after, instead=instead)


def _drift(cell: CellResult | None) -> tuple[float, float] | None:
    for check in cell.checks if cell else ():
        relative, tolerance = check.evidence.get("relative"), check.evidence.get("tolerance")
        if check.name == "release-drift" and isinstance(relative, (int, float)) and isinstance(tolerance, (int, float)):
            return float(relative), float(tolerance)
    return None
