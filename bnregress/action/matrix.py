"""The matrix of a plan, as `bnregress plan --format github` gives it, for GitHub's `fromJSON`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

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
    """Read the matrix, and add to each shard the SHA-256 over the locks of its releases, in `locks`."""
    jobs = json.loads(text)["include"]
    for job in jobs:
        releases = [catalog[name] for name in job["releases"].split(",") if name in catalog]
        locks = [each.lock_sha256(job["device"]) for each in releases if not each.needs_resolving]
        job["locks"] = hashlib.sha256("".join(locks).encode()).hexdigest()
    head = ["shard", "device", "cells", "minutes", "releases"]
    rows = [[escape(str(job[name])) for name in head] for job in jobs]
    cells = sum(job["cells"] for job in jobs)
    page = f"## Plan\n\n{cells} cells in {len(jobs)} shards.\n\n{table(head, rows)}\n"
    return Shards(matrix=json.dumps({"include": jobs}, separators=(",", ":")), cells=cells, count=len(jobs), page=page)
