"""`bnregress report`: merges the results of shards, renders results again, or compares two runs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bnregress.cells.identifiers import CellId
from bnregress.commands.declared.report import ReportArguments
from bnregress.commands.difference import execute_diff
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.known.entries import load_known
from bnregress.reading.strict import printable
from bnregress.reports.files import write_reports
from bnregress.reports.screen import Screen
from bnregress.reports.terminal import print_brief, print_report
from bnregress.results.file import RESULTS_FILE, clear, write_results
from bnregress.results.finding import find_results
from bnregress.results.identity import numbered
from bnregress.results.merging import Source, load_sources, merge, read_plan
from bnregress.results.model import exit_code


def execute(arguments: ReportArguments) -> ExitCode:
    """Merge, write, print, and return what the whole comes to; or compare.

    Raises:
        UsageError: the results do not belong together, or one of them is no results file; nothing was written.
    """
    if arguments.diff:
        return execute_diff(arguments)
    if arguments.out is None:
        raise UsageError("Say where the merged results go with --out DIR, or compare two runs with --diff.")
    known = load_known(arguments.known)
    files = find_results(arguments.results, links=True)
    out = arguments.out.absolute()
    _require_no_overwriting(out / RESULTS_FILE, files)
    sources = load_sources(files)
    merged = merge(
        sources,
        expect_shards=arguments.expect_shards,
        allow_missing=arguments.allow_missing,
        run=arguments.run_id or _own_run(sources),
        plan=read_plan(arguments.plan) if arguments.plan else None,
    )
    results = assess(merged, known)
    out.mkdir(parents=True, exist_ok=True)
    # From here on, what an earlier report left must not stand beside a part of this one.
    clear(out, keep=files)
    write_results(results, out / RESULTS_FILE)
    written = write_reports(results, out, arguments.policy)
    tell = print_brief if arguments.quiet else print_report
    tell(Screen(), results, policy=arguments.policy, files=[out / RESULTS_FILE, *written])
    _name_undecided(results.undecided)
    return exit_code(results, arguments.policy)


def _own_run(sources: Sequence[Source]) -> str | None:
    """Where runs are numbered, shards are those of the run that puts them together, unless another one is named."""
    return numbered(os.environ) if any(source.results.shard for source in sources) else None


def _name_undecided(cells: Sequence[CellId]) -> None:
    by_release: dict[str, list[str]] = {}
    for cell in cells:
        by_release.setdefault(cell.release, []).append(cell.subject)
    for release, subjects in by_release.items():
        Screen(stderr=True).print(f"not decided: {release}: {', '.join(subjects)}", soft_wrap=True)


def _require_no_overwriting(target: Path, files: Sequence[Path]) -> None:
    """The results of a shard are not replaced by those of the whole; one run may be rendered where it is."""
    if len(files) > 1 and target.exists():
        for file in files:
            if file.exists() and file.samefile(target):
                raise UsageError(f"{printable(file)} would be overwritten. Choose another folder with --out.")
