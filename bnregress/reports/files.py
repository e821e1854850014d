"""What people and programs read of a run, written beside its results.json."""

from __future__ import annotations

from pathlib import Path

from bnregress.reports.summary import write_summary
from bnregress.results import Results


def write_reports(results: Results, out: Path) -> list[Path]:
    """Write every report into `out`, each whole or not at all, and return their paths.

    Raises:
        OSError: one cannot be written; whatever was there before it still is.
    """
    out.mkdir(parents=True, exist_ok=True)
    summary = out / "summary.md"
    write_summary(results, summary)
    return [summary]
