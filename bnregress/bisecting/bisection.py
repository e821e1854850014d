"""What a search over releases came to, in the terms of releases."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bnregress.bisecting.commits import Commit
from bnregress.bisecting.one_release import Outcome, Target
from bnregress.bisecting.search import Found
from bnregress.cells.globs import joined
from bnregress.cells.identifiers import DEFAULT_VARIANT
from bnregress.errors import ExitCode


@dataclass(frozen=True, kw_only=True)
class Step:
    """Two releases with different verdicts, and those between them that could not be decided."""

    before: str
    after: str
    between: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bisection:
    """What was found.

    Attributes:
        releases: the row that was searched, oldest first.
        tested: releases in the order in which they were tested.
        outcomes: what they said, by release.
        steps: where the verdict changes; the first is the one to blame.
        scanned: every release between was tested.
        days: the days of nightly builds, by release.
        said: what a person must know of the row, as of days without a build.
        commits: the commit that each release stands for, in a search over those.
        files: what the commit to blame changed.
        repository: the clone that they are of.
    """

    target: Target
    releases: tuple[str, ...]
    tested: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    steps: tuple[Step, ...]
    scanned: bool
    days: Mapping[str, date] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    commits: Mapping[str, Commit] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    repository: Path | None = None

    @property
    def exit_code(self) -> ExitCode:
        """0 if the verdict changes, 3 if there is no change to find, 4 if an end is open."""
        if self.steps:
            return ExitCode.EXPECTED
        return ExitCode.UNDECIDED if self.open_ends else ExitCode.NOTHING_TO_DO

    @property
    def open_ends(self) -> list[str]:
        """The ends that could not be decided."""
        ends = (self.releases[0], self.releases[-1])
        return [end for end in ends if end in self.outcomes and self.outcomes[end].verdict is None]

    @property
    def undecided(self) -> list[str]:
        """Releases that were tested and could not be decided, oldest first."""
        return [name for name in self.releases if name in self.outcomes and self.outcomes[name].verdict is None]

    @property
    def first_day(self) -> date | None:
        """The day of the build from which on the verdict is another; None where that is no build of a day."""
        return self.days.get(self.steps[0].after) if self.steps else None

    @property
    def days_without(self) -> list[date]:
        """The days between the two neighbours on which nothing was built."""
        if not self.steps:
            return []
        first, last = (self.days.get(name) for name in (self.steps[0].before, self.steps[0].after))
        if first is None or last is None:
            return []
        between = (first + timedelta(days=number) for number in range(1, (last - first).days))
        return [day for day in between if day not in self.days.values()]

    @property
    def command(self) -> str:
        """The command that shows the two neighbours."""
        names = (self.steps[0].before, self.steps[0].after)
        variant = "" if self.target.variant == DEFAULT_VARIANT else f" --variant {self.target.variant}"
        subject = f"--path {self.target.path}{variant}"
        if not {*self.days, *self.commits}.intersection(names):
            return f"bnregress run --select '{joined(names)}' {subject}"
        # No run can select what is in no catalog.
        where = f" --repository {shlex.quote(str(self.repository))}" if self.repository else ""
        first, last = map(self._end, names)
        return f"bnregress bisect {subject}{where} --from {first} --to {last}"

    def _end(self, name: str) -> str:
        """Return a release as it is written for `--from` and `--to`."""
        if name in self.commits:
            return self.commits[name].short
        tensorflow, keras, _ = name.partition("-keras")
        day = self.days.get(name)
        return name if day is None else f"{tensorflow}-keras-nightly@{day}" if keras else f"tf-nightly@{day}"

    def package_changes(self) -> list[tuple[str, str | None, str | None]] | None:
        """Return name, older and newer version of what the neighbours have installed otherwise; None if unknown."""
        step = self.steps[0]
        before, after = (self.outcomes[name].release.packages for name in (step.before, step.after))
        if before is None or after is None:
            return None
        names = sorted({*before, *after}, key=str.lower)
        return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]

    def to_json(self) -> dict[str, Any]:
        """Return JSON values for programs."""
        changes = self.package_changes() if self.steps else None
        return {
            "path": self.target.path,
            "variant": self.target.variant,
            "check": self.target.check,
            "releases": list(self.releases),
            "asked": [
                {"release": name, "verdict": self.outcomes[name].verdict, "reason": self.outcomes[name].reason}
                for name in self.tested
            ],
            "scanned": self.scanned,
            "steps": [
                {"before": step.before, "after": step.after, "undecided": list(step.between)} for step in self.steps
            ],
            "packages": changes and [{"name": name, "before": old, "after": new} for name, old, new in changes],
            "first_day": self.first_day and self.first_day.isoformat(),
            "commits": [
                {"release": name, "commit": commit.sha, "day": commit.day, "subject": commit.subject}
                for name, commit in self.commits.items()
                if name in self.outcomes
            ],
            "files": list(self.files),
            "said": list(self.said),
            "command": self.command if self.steps else None,
            "exit_code": int(self.exit_code),
        }


def bisection_of(
    target: Target,
    releases: Sequence[str],
    found: Found,
    outcomes: Mapping[str, Outcome],
    **more: Any,
) -> Bisection:
    """Return what was found at places in a row, in the terms of the releases that stand there.

    Args:
        target: what was searched for.
        releases: the row, oldest first.
        found: at places in it.
        outcomes: by release.
        more: what a `Bisection` says beside that.
    """
    return Bisection(
        target=target,
        releases=tuple(releases),
        tested=tuple(releases[place] for place in found.tested),
        outcomes=outcomes,
        steps=tuple(
            Step(before=releases[one], after=releases[other], between=tuple(releases[one + 1 : other]))
            for one, other in found.steps
        ),
        scanned=found.scanned,
        **more,
    )
