"""summary.md: the run for a page on GitHub, gravest first, never larger than GitHub shows."""

from __future__ import annotations

from collections.abc import Iterator

from bnregress.judging.grouping import Group, group_cells, whereabouts
from bnregress.judging.summary import summarise
from bnregress.reading.text import clip
from bnregress.reports import curves
from bnregress.reports.grid import Grid, legend
from bnregress.reports.known_sections import UNLISTED, Section, is_unlisted, otherwise, sections
from bnregress.reports.markdown import Document, code, collapsed, escape, fenced, fenced_json, prose, source, table
from bnregress.reports.style import LOOKS, NO_CELL, cell_word
from bnregress.reports.totals import departures, totals
from bnregress.results.model import DEFAULT_POLICY, CellResult, Policy, Results
from bnregress.suite import status

#: GitHub drops a summary over 1 MiB whole; several steps of a job may share that.
LIMIT_BYTES = 600_000
#: Characters: of one reason or remedy, and of one check's evidence.
SENTENCE = 1_000
EVIDENCE = 4_000


def render_summary(results: Results, policy: Policy = DEFAULT_POLICY, *, limit: int = LIMIT_BYTES) -> str:
    """Return the whole page as Markdown of at most `limit` bytes, which says what it had to leave out."""
    grid = Grid.of(results)
    said = summarise(results, policy)
    page = Document(limit)
    page.add(f"**{escape(said.word)}**: {escape(clip(said.sentence, SENTENCE))}")
    page.add(escape(totals(results)) + (f" · run {code(results.run)}" if results.run else ""))
    if said_of_known := departures(results):
        page.add(escape(f"{said_of_known}."))
    fresh = [cell for cell in results.cells if not cell.as_known]
    others = [cell for cell in fresh if not is_unlisted(cell)]
    groups = {wanted: group_cells(cell for cell in others if cell.status == wanted) for wanted in LOOKS}
    tables = ["## Releases and paths", *_tables(grid)]
    page.hold_back(tables)
    if refused := [cell for cell in fresh if is_unlisted(cell)]:
        page.add(f"## {UNLISTED} ({len(refused)})")
        for group in group_cells(refused):
            page.add(_entry(group, grid), "group of refusals")
    for group in _with_heading(page, groups, status.REGRESS):
        page.add(_entry(group, grid), "regression group")
    page.let_go()
    for part in tables:
        page.add(part, "part of the table")
    key = legend(cell for release in grid.releases for cell in grid.row(release))
    if key:
        page.add(escape(key))
    for wanted in (status.ERROR, status.INCONCLUSIVE, status.UNAVAILABLE):
        _add_groups(page, groups, wanted, grid)
    for section in sections(results):
        page.add(_known(section, grid), "group of known regressions")
    _add_groups(page, groups, status.NOT_APPLICABLE, grid)
    page.add(collapsed("Environments", _environments(results)), "table of environments")
    grave = [cell for cell in results.cells if cell.status in (status.REGRESS, status.ERROR, status.INCONCLUSIVE)]
    telling = sorted(grave, key=lambda cell: cell.as_known)
    if any(cell.checks for cell in telling):
        page.add("## Evidence")
    for cell in telling:
        if cell.checks:
            page.add(_evidence(cell), "cell's evidence")
    return page.render()


def _add_groups(page: Document, groups: dict[str, list[Group]], wanted: str, grid: Grid) -> None:
    for group in _with_heading(page, groups, wanted):
        page.add(_entry(group, grid), f"group of {wanted} cells")


def _with_heading(page: Document, groups: dict[str, list[Group]], wanted: str) -> list[Group]:
    if groups[wanted]:
        page.add(f"## {LOOKS[wanted].heading} ({sum(len(group.cells) for group in groups[wanted])})")
    return groups[wanted]


def _entry(group: Group, grid: Grid) -> str:
    where = "; ".join(f"**{escape(line)}**" for line in whereabouts(group.cells, grid.every))
    kind = f"{group.kind}: " if group.kind else ""
    lines = [f"- {where}", f"  <br>{prose(clip(kind + group.reason, SENTENCE))}"]
    for remedy, cells in group.remedies():
        some = len(cells) < len(group.cells)
        which = f" for {escape('; '.join(whereabouts(cells, grid.every)))}" if some else ""
        lines.append(f"  <br>Remedy{which}: {prose(clip(remedy, SENTENCE))}")
    lines += [
        f"  <br>{escape('; '.join(whereabouts(cells, grid.every)))}: {prose(clip(said, SENTENCE))}"
        for said, cells in otherwise(group.cells)
    ]
    return "\n".join(lines)


def _known(section: Section, grid: Grid) -> str:
    lines = [f"## {section.heading} ({section.size})", ""]
    for group in section.groups:
        lines.append(f"- {'; '.join(escape(line) for line in whereabouts(group.cells, grid.every))}")
        said = (group.known.reason, f"Remedy: {group.known.remedy}")
        lines += [f"  <br>{prose(clip(sentence, SENTENCE))}" for sentence in said]
        lines.append(f"  <br>Source: {source(group.known.source)}")
    if section.hint:
        lines += ["", prose(f"{section.hint}.")]
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
    # Here is room for the whole word.
    shown = escape(cell.status if cell.status == status.UNAVAILABLE else cell_word(cell))
    grave = cell.status in (status.REGRESS, status.ERROR, status.INCONCLUSIVE) and not cell.as_known
    return f"**{shown}**" if grave else shown


def _environments(results: Results) -> str:
    head = ["release", "TensorFlow", "Keras", "Python", "NumPy", "device", "lock", "search"]
    rows = []
    for id, release in results.releases.items():
        packages, device = release.packages or {}, release.device or {}
        facts = [release.engine_name, release.keras, release.ran_on, packages.get("numpy"), device.get("name")]
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
            if check.name == curves.CHECK and (drawn := curves.markdown(cell)) is not None:
                parts.append(drawn)
            parts.append(fenced_json(curves.without_curves(check.evidence), EVIDENCE))
        if check.repro:
            parts.append(fenced(clip(check.repro, EVIDENCE), "python"))
    return collapsed(code(str(cell.id)), "\n\n".join(parts))
