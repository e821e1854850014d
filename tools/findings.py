"""Writes docs/findings.md: python -m tools.findings RESULTS... [--twins RESULTS] --out docs/findings.md."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bnregress.judging.assessment import assess
from bnregress.judging.compatibility import compatibility, to_json
from bnregress.judging.known.entries import load_known
from bnregress.releases.catalog import load_catalog
from bnregress.reports.findings import render_findings, safe_table
from bnregress.results.file import load_results
from bnregress.results.union import union
from tools.standins import render_standins

#: What stands around the rows in the README, and the paths that have one there.
BEGIN, END = "<!-- safe from: made by tools.findings -->", "<!-- end -->"
SHOWN = ("tf-keras-applications", "h5", "savedmodel", "keras-v3", "clone")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page from a results.json, compared with the known regressions again."""
    parser = argparse.ArgumentParser(prog="python -m tools.findings", description=__doc__)
    parser.add_argument(
        "results", type=Path, nargs="+", metavar="RESULTS", help="results.json of runs without a common cell"
    )
    parser.add_argument("--readme", type=Path, metavar="FILE", help="put the rows of five paths there too")
    parser.add_argument("--twins", type=Path, metavar="RESULTS", help="that of a run of group:full")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    chosen = parser.parse_args(arguments)
    found = [load_results(path) for path in chosen.results]
    results = assess(union(found), load_known())
    twins = load_results(chosen.twins).cells if chosen.twins else ()
    catalog = [(release.tensorflow, release.keras) for release in load_catalog().values()]
    compat = to_json(compatibility(results, catalog), results, [each.plan for each in found])
    page = render_findings(results, compat, render_standins(results.cells, twins))
    chosen.out.write_text(page, encoding="utf-8")
    if chosen.readme is not None:
        text = chosen.readme.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        rows = safe_table(compat, SHOWN, "docs/findings.md")
        chosen.readme.write_text(f"{before}{BEGIN}\n{rows}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
