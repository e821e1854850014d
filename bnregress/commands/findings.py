"""`bnregress findings`: compatibility data from results, and the page made from it."""

from __future__ import annotations

from bnregress.commands.declared.findings import FindingsArguments
from bnregress.errors import ExitCode
from bnregress.judging.assessment import assess
from bnregress.judging.known.entries import load_known
from bnregress.releases.catalog import load_catalog
from bnregress.reports.findings import write_findings
from bnregress.results.file import load_results
from bnregress.results.finding import find_results
from bnregress.results.union import union


def execute(arguments: FindingsArguments) -> ExitCode:
    """Write both files and say where they are.

    Raises:
        UsageError: a file is not results, or two hold the same cell; nothing is written.
    """
    known = load_known(arguments.known)
    found = [load_results(file) for file in find_results(arguments.results, links=True)]
    results = assess(union(found), known)
    catalog = [(release.tensorflow, release.keras) for release in load_catalog().values() if release.on_tensorflow]
    for file in write_findings(results, catalog, [each.plan for each in found], arguments.out.absolute()):
        print(file)
    return ExitCode.EXPECTED
