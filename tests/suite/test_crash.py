"""The exit file where execnet no longer shows the process behind a worker."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from bnregress.suite.crash import report_exit
from bnregress.suite.jsonfile import write_json
from bnregress.suite.record_files import RecordPaths
from tests.suite.fakesuite import strict_json


def test_the_process_is_still_named_and_its_exit_code_is_null(tmp_path: Path) -> None:
    records = RecordPaths(tmp_path)
    for pid, run in ((11, "earlier"), (12, "now")):
        write_json(records.worker(pid), {"pid": pid, "worker": "gw0", "run": run})
    write_json(records.worker_exit(11), {"pid": 11, "exitcode": -9})
    report_exit(records, SimpleNamespace(workerinput={"workerid": "gw0", "testrunuid": "now"}))
    assert strict_json(records.worker_exit(12)) == {"pid": 12, "exitcode": None}


def test_nothing_is_written_of_a_worker_that_nobody_knows(tmp_path: Path) -> None:
    report_exit(RecordPaths(tmp_path), SimpleNamespace(workerinput={"workerid": "gw0", "testrunuid": "now"}))
    assert not list(tmp_path.iterdir())
