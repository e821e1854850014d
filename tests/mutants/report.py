"""What became of the mutants: killed, survived, undecided, equivalent, by area, file and operator."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from tests.mutants.targets import AREAS, Candidate

KILLED, SURVIVED, UNDECIDED, EQUIVALENT = "killed", "survived", "undecided", "equivalent"


@dataclass(frozen=True, kw_only=True)
class Result:
    """A mutant that was decided.

    Attributes:
        release: where.
        candidate: the mutant.
        answer: as `tests.mutants.inside.decide` gives it.
        diff: a unified diff of its place.
    """

    release: str
    candidate: Candidate
    answer: dict[str, Any]
    diff: str

    @property
    def verdict(self) -> str:
        return str(self.answer["verdict"])


@dataclass(frozen=True, kw_only=True)
class Count:
    """Of some mutants.

    Attributes:
        killed: a cell regresses that does not without the mutant.
        survived: every cell is as it is without it, though the witness saw a change.
        undecided: no cell regresses, but at least one became an error or inconclusive: neither green nor a kill.
        equivalent: the witness saw no change, or the mutant cannot be made; these do not count.
    """

    killed: int
    survived: int
    undecided: int
    equivalent: int

    @property
    def counted(self) -> int:
        return self.killed + self.survived + self.undecided

    @property
    def share(self) -> float | None:
        """Killed, of those on which the suite could decide."""
        decided = self.killed + self.survived
        return self.killed / decided if decided else None


def count(results: Iterable[Result]) -> Count:
    """Count verdicts."""
    verdicts = [each.verdict for each in results]
    killed, survived, undecided = (verdicts.count(each) for each in (KILLED, SURVIVED, UNDECIDED))
    rest = len(verdicts) - killed - survived - undecided
    return Count(killed=killed, survived=survived, undecided=undecided, equivalent=rest)


def diff_of(source: Path, candidate: Candidate) -> str:
    """The mutant as a unified diff with one line around it."""
    before = (source / candidate.file).read_bytes()
    old, new = (text.decode().splitlines(keepends=True) for text in (before, candidate.mutant.applied(before)))
    names = candidate.file, f"{candidate.file} {candidate.mutant.function}"
    return "".join(difflib.unified_diff(old, new, *names, n=1))


_KEYS: dict[str, Callable[[Result], str]] = {
    "area": lambda each: each.candidate.area,
    "file": lambda each: each.candidate.file,
    "operator": lambda each: each.candidate.mutant.operator,
}


def print_results(console: Console, results: Sequence[Result]) -> None:
    """Print the tables, and each mutant that was not killed as a diff."""
    releases = list(dict.fromkeys(each.release for each in results))
    for title, key in _KEYS.items():
        table = Table("release", title, "killed", "survived", "undecided", "equivalent", "share")
        for release in releases:
            of_release = [each for each in results if each.release == release]
            keys = [*dict.fromkeys(map(key, of_release))]
            for name in sorted(keys, key=lambda each: AREAS.index(each) if each in AREAS else 0):
                _row(table, release, name, count(each for each in of_release if key(each) == name))
            _row(table, release, "all", count(of_release))
        console.print(table)
    for result in results:
        if result.verdict in (SURVIVED, UNDECIDED):
            said = result.answer.get("undecided_reason") or ""
            seen = f"the witness: {result.answer['witness']} {result.answer['seen']}"
            console.print(f"\n[bold]{result.verdict}[/] in {result.release}, {result.candidate.id}; {seen} {said}")
            console.print(Syntax(result.diff, "diff", word_wrap=True))


def _row(table: Table, release: str, name: str, found: Count) -> None:
    share = "" if found.share is None else f"{found.share:.0%}"
    table.add_row(release, name, *map(str, (found.killed, found.survived, found.undecided, found.equivalent)), share)


def write_results(file: Path, results: Sequence[Result]) -> None:
    """Leave every result as JSON."""
    rows = [
        {
            "release": each.release, "area": each.candidate.area, "file": each.candidate.file,
            "function": each.candidate.mutant.function, "line": each.candidate.mutant.line,
            "operator": each.candidate.mutant.operator, "diff": each.diff, **each.answer,
        }
        for each in results
    ]  # fmt: skip
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
