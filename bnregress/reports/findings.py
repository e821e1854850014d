"""docs/findings.md: what one run measured, path by path, with from which release to which each is safe.

`python -m tools.findings` writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bnregress.judging.grouping import group_cells, whereabouts
from bnregress.reading.text import count
from bnregress.reports.grid import Grid
from bnregress.reports.markdown import code, collapsed, escape, fenced, prose, table
from bnregress.reports.style import LOOKS
from bnregress.results.model import CellResult, Results
from bnregress.suite import status
from bnregress.suite.paths import PATHS

COMMAND = "python -m tools.findings RESULTS --twins RESULTS --out docs/findings.md"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Releases in a row, in the run's order, whose cells of one path have the same status."""

    status: str
    releases: tuple[str, ...]

    def __str__(self) -> str:
        first, last = self.releases[0], self.releases[-1]
        return code(first) if first == last else f"{code(first)} to {code(last)}"


def spans(row: Sequence[CellResult]) -> list[Span]:
    """Cut the cells of one path, oldest release first, where the status changes."""
    return [
        Span(status=name, releases=tuple(cell.id.release for cell in cells))
        for name, cells in groupby(row, key=lambda cell: cell.status)
    ]


def render_findings(results: Results, sections: Sequence[str] = ()) -> str:
    """Return the page as Markdown; every figure and verdict of it is from these results.

    Args:
        results: of one run.
        sections: further blocks of Markdown, which end the page.
    """
    grid = Grid.of(results)
    blocks = [
        f"<!-- Made by `{COMMAND}`. Do not edit. -->",
        "# Findings",
        _how_measured(results),
        "## From which release to which each path is safe",
        _safe(grid),
        "## Releases and paths",
        _table(grid),
        *sections,
        *_regressions(results, grid),
        *_others(results, grid),
    ]
    return "\n\n".join(blocks) + "\n"


def _how_measured(results: Results) -> str:
    host, day = results.host, f" of {results.started[:10]}" if results.started else ""
    measured = f"{count(len(results.cells), 'cell')} of {count(len(results.releases), 'release')}"
    return escape(
        f"{measured}, each measured by one run{day} (plan {results.plan[:12]}), by bnregress {results.bnregress} on"
        f" {host.platform} with {host.cpus} CPUs. The fixed probes are deterministic: a cell decided again gives the"
        " same verdict."
    )


def _safe(grid: Grid) -> str:
    rows = []
    for subject in grid.subjects:
        cells = [grid.cells[release, subject] for release in grid.releases if (release, subject) in grid.cells]
        by_status: dict[str, list[str]] = {}
        for span in spans(cells):
            by_status.setdefault(span.status, []).append(str(span))
        undecided = [text for name in (status.ERROR, status.INCONCLUSIVE) for text in by_status.get(name, ())]
        columns = (by_status.get(status.PASS), by_status.get(status.REGRESS), undecided)
        how = PATHS[subject.partition("@")[0]].summary if subject.partition("@")[0] in PATHS else ""
        rows.append([f"{code(subject)}<br>{code(how)}", *(", ".join(column or ["–"]) for column in columns)])
    return table(["path", "safe", "regresses", "not decided"], rows)


def _table(grid: Grid) -> str:
    """Paths as rows: they are more than the releases, and their names are longer."""
    rows = [
        [code(subject), *(_shown(grid.cells.get((release, subject))) for release in grid.releases)]
        for subject in grid.subjects
    ]
    key = "; ".join(f"{_mark(name)} {name}" for name in reversed(LOOKS))
    return f"{table(['path', *(release.removeprefix('tf') for release in grid.releases)], rows)}\n\n{key}"


def _shown(cell: CellResult | None) -> str:
    return _mark(cell.status) if cell else ""


def _mark(name: str) -> str:
    mark = LOOKS[name].mark
    return f"**{mark}**" if name in (status.REGRESS, status.ERROR) else mark


def _regressions(results: Results, grid: Grid) -> list[str]:
    broken = [cell for cell in results.cells if cell.status == status.REGRESS]
    blocks = [f"## Regressions ({len(broken)})"] if broken else ["## Regressions", "None."]
    for group in group_cells(broken):
        first = group.cells[0]
        where = whereabouts(group.cells, grid.every, folded=True)
        blocks.append(f"### {escape('; '.join(where))}")
        blocks.append(prose(f"{group.reason[:1].upper()}{group.reason[1:]}."))
        checks = [check for check in first.checks if check.status == status.REGRESS]
        lines = [f"- Checks: {', '.join(code(check.name) for check in checks)}"]
        for known in dict.fromkeys(cell.known for cell in group.cells if cell.known and cell.drift is None):
            lines += [f"- Why: {prose(known.reason)}", f"- Source: {_source(known.source)}"]
        for remedy, cells in group.remedies():
            some = f" ({escape('; '.join(whereabouts(cells, folded=True)))})" if len(cells) < len(group.cells) else ""
            lines.append(f"- Remedy{some}: {prose(remedy)}")
        blocks.append("\n".join(lines))
        each = whereabouts(group.cells, grid.every)
        if each != where:
            blocks.append(collapsed("Each of them", escape("; ".join(each))))
        repro = next((check.repro for check in checks if check.repro), None)
        if repro:
            blocks.append(collapsed(f"Script that shows it in {code(first.id.release)}", fenced(repro, "python")))
    return blocks


def _source(source: str) -> str:
    return f"<{source}>" if source.startswith("https://") and not set(source) & set("<> \n") else escape(source)


def _others(results: Results, grid: Grid) -> list[str]:
    blocks = []
    for wanted in (status.ERROR, status.INCONCLUSIVE, status.UNAVAILABLE, status.NOT_APPLICABLE):
        cells = [cell for cell in results.cells if cell.status == wanted]
        if cells:
            blocks.append(f"## {LOOKS[wanted].heading} ({len(cells)})")
            blocks.append(
                "\n".join(
                    f"- {escape('; '.join(whereabouts(group.cells, grid.every, folded=True)))}: {prose(group.reason)}"
                    for group in group_cells(cells)
                )
            )
    return blocks
