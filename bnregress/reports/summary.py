"""summary.md: the run for a page on GitHub, gravest first, never larger than GitHub shows."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bnregress.reports.grid import Grid, legend
from bnregress.reports.grouping import Group, group_cells, whereabouts
from bnregress.reports.markdown import Document, code, collapsed, escape, fenced, fenced_json, prose, table
from bnregress.reports.style import LOOKS, NO_CELL, word
from bnregress.reports.text import clip
from bnregress.reports.verdict import totals, verdict
from bnregress.results import CellResult, Results
from bnregress.suite import status

#: GitHub drops a summary over 1 MiB whole; several steps of a job may share that.
LIMIT_BYTES = 600_000
#: Characters: of one reason or remedy, and of one check's evidence.
SENTENCE = 1_000
EVIDENCE = 4_000


def render_summary(results: Results, limit: int = LIMIT_BYTES) -> str:
    """Return the whole page as Markdown of at most `limit` bytes, which says what it had to leave out."""
    grid = Grid.of(results)
    said = verdict(results)
    page = Document(limit)
    page.add(f"**{escape(said.word)}**: {escape(clip(said.sentence, SENTENCE))}")
    page.add(escape(totals(results)))
    groups = {wanted: group_cells(cell for cell in results.cells if cell.status == wanted) for wanted in LOOKS}
    for group in _with_heading(page, groups, status.REGRESS):
        page.add(_entry(group, grid), "regression group")
    page.add("## Releases and paths")
    for part in _tables(grid):
        page.add(part, "part of the table")
    key = legend(cell for release in grid.releases for cell in grid.row(release))
    if key:
        page.add(escape(key))
    for wanted in (status.ERROR, status.INCONCLUSIVE, status.UNAVAILABLE, status.NOT_APPLICABLE):
        for group in _with_heading(page, groups, wanted):
            page.add(_entry(group, grid), f"group of {wanted} cells")
    page.add(collapsed("Environments", _environments(results)), "table of environments")
    telling = [cell for cell in results.cells if cell.status in (status.REGRESS, status.ERROR, status.INCONCLUSIVE)]
    if any(cell.checks for cell in telling):
        page.add("## Evidence")
    for cell in telling:
        if cell.checks:
            page.add(_evidence(cell), "cell's evidence")
    return page.render()


def write_summary(results: Results, path: Path) -> None:
    """Replace `path` by the summary, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(render_summary(results))
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _with_heading(page: Document, groups: dict[str, list[Group]], wanted: str) -> list[Group]:
    if groups[wanted]:
        page.add(f"## {LOOKS[wanted].heading} ({sum(len(group.cells) for group in groups[wanted])})")
    return groups[wanted]


def _entry(group: Group, grid: Grid) -> str:
    where = "; ".join(f"**{escape(line)}**" for line in whereabouts(group.cells, grid.subjects))
    kind = f"{group.kind}: " if group.kind else ""
    lines = [f"- {where}", f"  <br>{prose(clip(kind + group.reason, SENTENCE))}"]
    for remedy, cells in group.remedies():
        some = len(cells) < len(group.cells)
        which = f" for {escape('; '.join(whereabouts(cells, grid.subjects)))}" if some else ""
        lines.append(f"  <br>Remedy{which}: {prose(clip(remedy, SENTENCE))}")
    return "\n".join(lines)


def _tables(grid: Grid, rows: int = 100) -> Iterator[str]:
    """Yield the table in parts of some rows, so that a part too many costs only that part."""
    for start in range(0, len(grid.releases), rows):
        releases = grid.releases[start : start + rows]
        body = [[code(release), *map(_word, grid.row(release))] for release in releases]
        yield table(["release", *map(code, grid.subjects)], body)


def _word(cell: CellResult | None) -> str:
    if cell is None:
        return escape(NO_CELL)
    shown = escape(word(cell.status, cell.kind))
    return f"**{shown}**" if cell.status in (status.REGRESS, status.ERROR, status.INCONCLUSIVE) else shown


def _environments(results: Results) -> str:
    head = ["release", "TensorFlow", "Keras", "Python", "NumPy", "device", "lock", "search"]
    rows = []
    for id, release in results.releases.items():
        packages, device = release.packages or {}, release.device or {}
        facts = [release.tensorflow, release.keras, release.python, packages.get("numpy"), device.get("name")]
        lock = (release.lock_sha256 or "")[:12]
        search = "{examples} examples, {failures} failures".format(**release.search) if release.search else "none"
        row = [code(id), *(escape(str(fact or "not known")) for fact in facts), code(lock) if lock else "none", search]
        rows.append(row)
    host = results.host
    ours = f"bnregress {results.bnregress}, plan {results.plan[:12]}"
    machine = f"on {host.platform} with {host.cpus} CPUs and Python {host.python}"
    return f"{table(head, rows)}\n\n{escape(f'{ours}, {machine}.')}"


def _evidence(cell: CellResult) -> str:
    parts = []
    for check in cell.checks:
        parts.append(f"**{escape(check.name)}** {escape(check.status)}: {prose(clip(check.reason, SENTENCE))}")
        if check.evidence:
            parts.append(fenced_json(check.evidence, EVIDENCE))
        if check.repro:
            parts.append(fenced(clip(check.repro, EVIDENCE), "python"))
    return collapsed(code(str(cell.id)), "\n\n".join(parts))
