"""The matrix of a plan, as `bnregress plan --format github` gives it, for GitHub's `fromJSON`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from bnregress.releases.catalog import Release
from bnregress.reports.markdown import escape, table


@dataclass(frozen=True, kw_only=True)
class Shards:
    """Attributes: matrix, on one line; number of `cells`; `count` of shards; `page`, a table in Markdown."""

    matrix: str
    cells: int
    count: int
    page: str


def shards_of(text: str, catalog: Mapping[str, Release]) -> Shards:
    """Read the matrix, and add to each shard the CPython versions that it needs, one on a line, in `pythons`."""
    jobs = json.loads(text)["include"]
    for job in jobs:
        found = {catalog[release].python for release in job["releases"].split(",") if release in catalog}
        job["pythons"] = "\n".join(sorted(found, key=Version))
    head = ["shard", "device", "cells", "minutes", "releases"]
    rows = [[escape(str(job[name])) for name in head] for job in jobs]
    cells = sum(job["cells"] for job in jobs)
    page = f"## Plan\n\n{cells} cells in {len(jobs)} shards.\n\n{table(head, rows)}\n"
    return Shards(matrix=json.dumps({"include": jobs}, separators=(",", ":")), cells=cells, count=len(jobs), page=page)
