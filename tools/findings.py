"""Writes docs/findings.md: python -m tools.findings RESULTS [--twins RESULTS] --out docs/findings.md."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bnregress.judging.assessment import assess
from bnregress.judging.known.entries import load_known
from bnregress.reports.findings import render_findings
from bnregress.results.file import load_results
from tools.standins import render_standins


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page from a results.json, compared with the known regressions again."""
    parser = argparse.ArgumentParser(prog="python -m tools.findings", description=__doc__)
    parser.add_argument("results", type=Path, metavar="RESULTS", help="results.json of a run")
    parser.add_argument("--twins", type=Path, metavar="RESULTS", help="that of a run of group:full")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    chosen = parser.parse_args(arguments)
    results = assess(load_results(chosen.results), load_known())
    twins = load_results(chosen.twins).cells if chosen.twins else ()
    chosen.out.write_text(render_findings(results, render_standins(results.cells, twins)), encoding="utf-8")


if __name__ == "__main__":
    main()
