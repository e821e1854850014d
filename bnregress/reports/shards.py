"""The shards of a plan: as a table for people, as JSON for programs, as a matrix for a workflow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bnregress.errors import UsageError
from bnregress.planning.packing import Packed
from bnregress.reading.text import count, duration

#: Jobs that GitHub takes in one matrix.
MOST_JOBS = 256


def matrix(packed: Sequence[Packed]) -> str:
    """Return one line of JSON for `strategy.matrix: ${{ fromJSON(...) }}`."""
    jobs = [
        {
            "shard": str(each.shard),
            "index": each.shard.index,
            "count": each.shard.count,
            "releases": ",".join(each.releases),
            "cells": len(each.cells),
            "minutes": round(each.seconds / 60, 1),
            "device": each.device,
        }
        for each in packed
    ]
    return json.dumps({"include": jobs}, separators=(",", ":"))


def require_a_matrix(shards: int) -> None:
    """Raise UsageError where GitHub would refuse so many jobs."""
    if shards > MOST_JOBS:
        raise UsageError(
            f"--shards {shards}: GitHub allows at most {MOST_JOBS} jobs in a matrix. Ask for {MOST_JOBS} or fewer."
        )


def shards_as_json(packed: Sequence[Packed]) -> list[dict[str, Any]]:
    """Return every shard with its cells and its predicted seconds, for programs."""
    return [
        {
            "shard": str(each.shard),
            "index": each.shard.index,
            "count": each.shard.count,
            "device": each.device,
            "predicted_seconds": each.seconds,
            "cells": [str(cell) for cell in each.cells],
        }
        for each in packed
    ]


def print_shards(console: Console, packed: Sequence[Packed], requested: int) -> None:
    """Print a row for each shard, and how even they are."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("shard", no_wrap=True)
    table.add_column("device", no_wrap=True)
    table.add_column("cells", justify="right", no_wrap=True)
    table.add_column("minutes", justify="right", no_wrap=True)
    table.add_column("releases", overflow="fold", style="dim")
    for each in packed:
        minutes = f"{each.seconds / 60:.1f}"
        table.add_row(str(each.shard), each.device, str(len(each.cells)), minutes, Text(", ".join(each.releases)))
    console.print()
    console.print(table)
    longest = max(each.seconds for each in packed)
    spread = 100 * (longest / min(each.seconds for each in packed) - 1)
    fewer = f" ({requested} requested; there are no more cells)" if len(packed) < requested else ""
    said = (
        f"{count(len(packed), 'shard')}{fewer}, {duration(longest)} the longest, {spread:.0f} % more than the shortest"
    )
    console.print(Text(f"{said}.", style="bold"), soft_wrap=True)
