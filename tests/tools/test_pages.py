"""What a nightly run publishes beside the documentation, and what it keeps of earlier nights."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from bnregress.results.file import load_results, write_results
from bnregress.results.model import Results
from tests.judging.gate.conftest import cell, results
from tools.pages import EVERY, NIGHTS, RUNS, main

NIGHTLY = Path(__file__).resolve().parents[2] / ".github" / "workflows" / "nightly.yml"
BUILDER = (
    f"#!/bin/sh\nmkdir -p site && echo documentation > site/index.html\nshift 6\nexec {sys.executable} -m tools.pages"
)


class Site:
    """What is published now, on a server of this machine."""

    def __init__(self) -> None:
        self.status, self.archive = 404, b""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(site.status if self.path == f"/{RUNS}" else 404)
                self.end_headers()
                self.wfile.write(site.archive)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def publish(self, out: Path) -> None:
        self.status, self.archive = 200, (out / RUNS).read_bytes()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def night(folder: Path, day: str, status: str = "pass", release: str = "nightly") -> Path:
    """The artifacts of a night: both gates, each in a folder of its own."""
    for name, which in (("report", ("tf2.21.0", release)), ("report-keras", ("tf2.21.0-keras3.15.1",))):
        run = results(*(cell(f"{each}/h5", status if each == release else "pass") for each in which))
        path = folder / "night-report" / name / "results.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_results(replace(run, started=f"{day}T03:17:00Z"), path)
    return folder


def every(folder: Path, day: str) -> None:
    run = results(cell("tf2.1.0/h5", "regress"), cell("tf2.21.0/h5", "regress"))
    (folder / "every-report").mkdir(parents=True)
    write_results(replace(run, started=f"{day}T05:43:00Z"), folder / "every-report" / "results.json")


def publish(folder: Path, site: Site, out: Path) -> int:
    out.mkdir(exist_ok=True)
    return main([str(folder), "--earlier", f"{site.address}/{RUNS}", "--out", str(out)])


def kept(out: Path) -> list[str]:
    with zipfile.ZipFile(out / RUNS) as archive:
        return archive.namelist()


def newest(out: Path) -> Results:
    return load_results(out / "newest" / "results.json")


def test_the_first_night_publishes_everything_and_begins_the_history(tmp_path: Path, site: Site) -> None:
    out = tmp_path / "site"
    assert publish(night(tmp_path / "a", "2026-11-27"), site, out) == 0
    for name in ("newest/report.html", "newest/badge.json", "newest/index.html", "history.html", "compat.json"):
        assert (out / name).stat().st_size > 100
    assert kept(out) == ["2026-11-27-results.json"]
    assert {str(each.id) for each in newest(out).cells} == {
        "tf2.21.0/h5",
        "nightly/h5",
        "tf2.21.0-keras3.15.1/h5",
    }
    page = (out / "newest" / "index.html").read_text()
    linked = {link.partition('"')[0] for link in page.split('href="')[1:]} - {"../index.html"}
    assert len(linked) > 5
    assert all((out / "newest" / link).is_file() for link in linked)


def test_a_later_night_goes_on_with_what_was_published(tmp_path: Path, site: Site) -> None:
    out = tmp_path / "site"
    first = night(tmp_path / "a", "2026-11-27")
    every(first, "2026-11-27")
    assert publish(first, site, out) == 0
    site.publish(out)
    assert publish(night(tmp_path / "b", "2026-11-28", "regress"), site, out) == 0
    assert kept(out) == ["2026-11-27-results.json", "2026-11-28-results.json", EVERY]
    history = (out / "history.html").read_text()
    assert "nightly/h5" in history
    assert "2026-11-27" in history
    assert "2026-11-28" in history
    # A release that ran this night is judged by this night, the others by the last run of every release.
    assert {str(each.id): each.status for each in newest(out).cells} == {
        "tf2.21.0/h5": "pass",
        "nightly/h5": "regress",
        "tf2.21.0-keras3.15.1/h5": "pass",
        "tf2.1.0/h5": "regress",
    }
    assert json.loads((out / "newest" / "badge.json").read_text())["color"] == "red"


def test_the_oldest_nights_go(tmp_path: Path, site: Site) -> None:
    out = tmp_path / "site"
    publish(night(tmp_path / "a", "2026-01-01"), site, out)
    with zipfile.ZipFile(out / RUNS) as archive:
        content = archive.read("2026-01-01-results.json")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(NIGHTS):
            archive.writestr(f"2025-{number // 28 + 1:02}-{number % 28 + 1:02}-results.json", content)
    site.status, site.archive = 200, packed.getvalue()
    publish(night(tmp_path / "a", "2026-01-01"), site, out)
    assert len(kept(out)) == NIGHTS
    assert kept(out)[0] == "2025-01-02-results.json"


def test_results_that_cannot_be_read_any_more_leave_the_history_and_the_others_stay(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2026-11-26-results.json", '{"schema": "bnregress/results/0"}')
        archive.writestr("../outside.json", "{}")
    site.status, site.archive = 200, packed.getvalue()
    out = tmp_path / "site"
    assert publish(night(tmp_path / "a", "2026-11-27"), site, out) == 0
    assert kept(out) == ["2026-11-27-results.json"]
    assert "left out of the history" in capsys.readouterr().err
    assert not list(tmp_path.rglob("outside.json"))


@pytest.mark.parametrize(("status", "archive", "said"), [(503, b"", "answers 503"), (200, b"x", "no archive")])
def test_nothing_is_published_if_earlier_nights_cannot_be_had(
    status: int, archive: bytes, said: str, tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.status, site.archive = status, archive
    assert publish(night(tmp_path / "a", "2026-11-27"), site, tmp_path / "site") == 2
    assert said in capsys.readouterr().err
    assert not list((tmp_path / "site").iterdir())


def test_a_night_without_results_publishes_nothing(tmp_path: Path, site: Site) -> None:
    every(tmp_path / "a", "2026-11-27")
    assert publish(tmp_path / "a", site, tmp_path / "site") == 2
    assert not list((tmp_path / "site").iterdir())


def test_the_steps_of_the_workflow_end_with_the_archive_that_pages_takes(tmp_path: Path, site: Site) -> None:
    """Its own scripts, with a stand-in for what uvx would fetch: nox, which builds the documentation."""
    night(tmp_path / "results", "2026-11-27")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uvx").write_text(f'{BUILDER} "$@" --out site\n')
    (programs / "uvx").chmod(0o755)
    environ = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(NIGHTLY.parents[2]),
        "SITE": site.address,
    }
    scripts = [step["run"] for step in yaml.safe_load(NIGHTLY.read_text())["jobs"]["site"]["steps"] if "run" in step]
    for script in scripts:
        subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=tmp_path, env=environ, check=True)
    with tarfile.open(tmp_path / "artifact.tar") as packed:
        assert {"./index.html", "./compat.json", "./newest/report.html", f"./{RUNS}"} <= {*packed.getnames()}
        assert all(member.isfile() or member.isdir() for member in packed)
