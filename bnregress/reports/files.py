"""What people and programs read of a run, written beside its results.json."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bnregress.machine.atomic import replace_text
from bnregress.reports.badge import render_badge
from bnregress.reports.html.page import render_page
from bnregress.reports.junit import render_junit
from bnregress.reports.summary import render_summary
from bnregress.results.model import DEFAULT_POLICY, Policy, Results

#: Each file with what makes its text.
REPORTS: dict[str, Callable[[Results, Policy], str]] = {
    "report.html": render_page,
    "summary.md": render_summary,
    "junit.xml": render_junit,
    "badge.json": render_badge,
}


def write_reports(results: Results, out: Path, policy: Policy = DEFAULT_POLICY) -> list[Path]:
    """Write every report into `out`, all of them or none, and return their paths.

    Args:
        results: of a run, compared with what is known.
        out: a folder, made if it is not there.
        policy: what makes the run fail, and what leaves it undecided, so that no report is greener than the exit code.

    Raises:
        OSError: one cannot be written; then none is there, neither of these results nor of earlier ones.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts = {out / name: render(results, policy) for name, render in REPORTS.items()}
    for file in texts:
        file.unlink(missing_ok=True)
    try:
        for file, text in texts.items():
            replace_text(file, text)
    except BaseException:
        for file in texts:
            file.unlink(missing_ok=True)
        raise
    return list(texts)
