"""Killed at any moment while reports are written, what lies in the folder is the old report or the new one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from bnregress.reports.files import REPORTS, write_reports
from bnregress.results.file import write_results
from bnregress.results.model import Policy, Results

WRITER = """
import sys
from pathlib import Path
from bnregress.reports.files import write_reports
from bnregress.results.file import load_results
results = load_results(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    write_reports(results, Path(sys.argv[2]))
"""


def test_every_report_is_whole_after_a_kill_and_can_be_written_again(real: Results, tmp_path: Path) -> None:
    whole = {name: render(real, Policy()).encode() for name, render in REPORTS.items()}
    source, out = tmp_path / "results.json", tmp_path / "out"
    write_results(real, source)
    draw = random.Random(0)
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", WRITER, source, out], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(draw.uniform(0, 0.25))
            writer.send_signal(signal.SIGKILL)
        for name, text in whole.items():
            assert not (out / name).exists() or (out / name).read_bytes() == text
    assert [file.read_bytes() for file in write_reports(real, out)] == list(whole.values())
