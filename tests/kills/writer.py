"""Writes for ever, to be killed: `python -m tests.kills.writer FOLDER` forks a writer for each line of its input."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from bnregress.reports.files import write_reports
from bnregress.results.file import write_results
from bnregress.run.verdict_cache import CachedVerdict, VerdictCache
from tests.results.shards import in_two
from tests.run.test_verdict_cache import key, record


def write_cache(folder: Path) -> None:
    cache = VerdictCache(folder)
    for number in count():
        cache.store(key(), CachedVerdict(record=record(figures=[number] * 10_000), facts=None))


def write_report(folder: Path) -> None:
    results = replace(in_two()[0].results, shard=None, places=None)
    for _ in count():
        write_results(results, folder / "results.json")
        write_reports(results, folder)


def main(folder: Path) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            {"cache": write_cache, "report": write_report}[line.strip()](folder)
        print(child, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
