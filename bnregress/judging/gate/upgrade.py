"""The gate over an upgrade: what breaks, what is cured, what ceases to exist, and whether features move."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from bnregress.cells.folding import few_names
from bnregress.errors import ExitCode, UsageError, nearest
from bnregress.judging.gate.changes import (
    ABSENT,
    ARISES,
    ARISES_BROKEN,
    BREAKS,
    CEASES,
    CURED,
    GONE,
    SOUND,
    STILL_BROKEN,
    UNKNOWN,
    Change,
    compare,
    upgrade_exit_code,
)
from bnregress.judging.gate.decision import CANNOT_TELL, SAFE, UNSAFE, Decision, Finding, Section
from bnregress.results.model import CellResult, Results
from bnregress.suite import status
from bnregress.suite.paths import PATHS

#: Kind, heading, how one path and how several of the kind are told of in the first line, and whether it is grave.
KINDS = (
    (BREAKS, "Breaks", "1 path breaks", "{} paths break", True),
    (GONE, "No longer exists, and nothing passes in its place", "1 path is lost", "{} paths are lost", True),
    (UNKNOWN, "Could not be decided", "1 path could not be decided", "{} paths could not be decided", True),
    (CEASES, "No longer exists", "1 no longer exists", "{} no longer exist", False),
    (CURED, "Cured", "1 is cured", "{} are cured", False),
    (STILL_BROKEN, "Broken before and after", "1 is broken in both", "{} are broken in both", False),
    (ARISES_BROKEN, "Exists only in the newer release, and is broken there", "1 is new and broken",
     "{} are new and broken", False),
    (ARISES, "Exists only in the newer release", "1 is new", "{} are new", False),
    (SOUND, "Sound in both", "1 stays sound", "{} stay sound", False),
)  # fmt: skip


def judge_upgrade(results: Results, before: str, after: str, fail_on: str) -> Decision:
    """Answer whether the step from one release to another is safe.

    Args:
        results: that hold cells of both.
        before: id of a release.
        after: id of the release that takes its place.
        fail_on: a key of `bnregress.results.model.FAIL_ON`; bears on the exit code, not on the word.

    Raises:
        UsageError: the results hold no cell of one of the releases.
    """
    require_releases(results, (before, after))
    changes = compare(results.cells, before, after)
    undecided = [cell.subject for cell in results.undecided if cell.release in (before, after)]
    kinds = [change.kind for change in changes] + [UNKNOWN] * bool(undecided)
    moved = [change for change in changes if change.features and change.features.move]
    return Decision(
        word=_word(kinds),
        sentence=f"{before} to {after}: {_sentence(changes)}.",
        exit_code=upgrade_exit_code(kinds, fail_on),
        sections=(*_sections(changes), *_moved(moved)),
        notes=tuple(_notes(changes, undecided)),
    )


def require_releases(results: Results, releases: Iterable[str]) -> None:
    """Raise UsageError unless there are cells of each release."""
    held = dict.fromkeys(id.release for id in (*(cell.id for cell in results.cells), *results.undecided))
    for release in releases:
        if release not in held:
            raise UsageError(
                f"The results hold no cell of {release}.{nearest(release, held)} They hold {_few(held)}."
                " Leave RESULTS out to measure it."
            )


def _word(kinds: Collection[str]) -> str:
    code = upgrade_exit_code(kinds, "regression")
    return {ExitCode.REGRESSION: UNSAFE, ExitCode.UNDECIDED: CANNOT_TELL}.get(code, SAFE)


def _sentence(changes: Sequence[Change]) -> str:
    parts = []
    for kind, _, one, several, _ in KINDS:
        number = sum(change.kind == kind for change in changes)
        if number:
            parts.append(one if number == 1 else several.format(number))
    return ", ".join(parts) or "no path exists in either release"


def _sections(changes: Sequence[Change]) -> Iterable[Section]:
    tell: dict[str, Callable[[Change], Finding]] = {CEASES: _ceased, GONE: _ceased, CURED: _cured, UNKNOWN: _unknown}
    for kind, heading, _, _, grave in KINDS:
        belonging = [change for change in changes if change.kind == kind]
        if kind not in (SOUND, ARISES) and belonging:
            findings = _said_once(tell.get(kind, _broken)(change) for change in belonging)
            yield Section(kind=kind, heading=heading, size=len(belonging), findings=findings, grave=grave)


def _said_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Bring together what differs in its place alone."""
    alike: dict[tuple[str | None, ...], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.reason, finding.remedy, finding.source), []).append(finding)
    return tuple(
        replace(
            group[0],
            cells=tuple(cell for finding in group for cell in finding.cells),
            title=", ".join(few_names(finding.title for finding in group)),
        )
        for group in alike.values()
    )


def _moved(changes: Sequence[Change]) -> Iterable[Section]:
    found = []
    for change in changes:
        features = change.features
        if features is not None:
            reason = (
                f"The features differ from the float64 reference by {features.before:.2g} of their scale before and"
                f" {features.after:.2g} after; {features.tolerance:.1g} is allowed."
            )
            found.append(Finding(cells=_ids(change), title=change.subject, reason=reason))
    if found:
        yield Section(kind="features-move", heading="Features move", size=len(found), findings=tuple(found))


def _notes(changes: Sequence[Change], undecided: Sequence[str]) -> Iterable[str]:
    still = [change.features for change in changes if change.features and not change.features.move]
    if still:
        before, after = max(each.before for each in still), max(each.after for each in still)
        yield (
            f"Features stay in place on {_paths(len(still))}: they differ from the float64 reference by at most"
            f" {before:.1e} of their scale before and {after:.1e} after;"
            f" {max(each.tolerance for each in still):.1e} is allowed."
        )
    for kind, what in ((SOUND, "Sound in both"), (ARISES, "New and sound"), (ABSENT, "In neither release")):
        subjects = [change.subject for change in changes if change.kind == kind]
        if subjects:
            yield f"{what}: {', '.join(few_names(subjects))}."
    if undecided:
        yield f"The run was interrupted before {', '.join(undecided)}."


def _broken(change: Change) -> Finding:
    after = change.after
    known = after.known if after is not None and after.as_known else None
    return Finding(
        cells=_ids(change),
        title=change.subject,
        reason=after.reason if after else "",
        remedy=(after.remedy if after else None) or (known.remedy if known else None),
        source=known.source if known else None,
    )


def _cured(change: Change) -> Finding:
    reason = change.before.reason if change.before else ""
    return Finding(cells=_ids(change), title=change.subject, reason=f"Was: {reason}")


def _ceased(change: Change) -> Finding:
    broken = change.before is not None and change.before.status == status.REGRESS
    reason = (change.after.reason if change.after else "").rstrip(".")
    remedy = "No similar path passed in the newer release."
    if change.instead:
        like = f"`{PATHS[change.instead].summary}`, " if change.instead in PATHS else ""
        remedy = f"Go through {change.instead}, {like}which passes in the newer release."
    return Finding(
        cells=_ids(change),
        title=change.subject,
        reason=f"{reason}; it was broken before." if broken else f"{reason}.",
        remedy=remedy,
    )


def _unknown(change: Change) -> Finding:
    reasons, remedies = [], []
    for cell in (change.before, change.after):
        if cell is not None and cell.status in (status.ERROR, status.INCONCLUSIVE, status.UNAVAILABLE):
            reasons.append(f"{cell.id.release}: {cell.status}, {cell.reason}")
            remedies += [cell.remedy] if cell.remedy else []
    if change.before is None or change.after is None:
        reasons.append("The results hold only one of the two releases here.")
    return Finding(
        cells=_ids(change),
        title=change.subject,
        reason=" ".join(reasons),
        remedy=" ".join(dict.fromkeys(remedies)) or None,
    )


def _ids(change: Change) -> tuple[str, ...]:
    cells: tuple[CellResult | None, ...] = (change.before, change.after)
    return tuple(str(cell.id) for cell in cells if cell is not None)


def _paths(number: int) -> str:
    return "1 path" if number == 1 else f"{number} paths"


def _few(names: Iterable[str], limit: int = 8) -> str:
    first = list(names)
    return ", ".join(first[:limit]) + (", …" if len(first) > limit else "")
