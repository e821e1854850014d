"""Sizes of what would be fetched: as the server or the disk says, and nothing where nobody says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bnregress.machine.download_sizes import download_sizes

HANGS = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        if self.path == "/hangs":
            HANGS.wait(30)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
        else:
            self.send_response(404 if self.path == "/nothing" else 200)
            self.send_header("Content-Length", "30" if self.path == "/nothing" else "28357634")
        self.end_headers()

    # Python before 3.13 follows with GET where it was sent on; what comes is not read.
    def do_GET(self) -> None:
        self.do_HEAD()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    HANGS.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    HANGS.set()
    server.shutdown()
    server.server_close()


def test_a_size_is_what_the_server_says_also_after_a_redirect(server: str) -> None:
    addresses = [f"{server}/file", f"{server}/moved"]
    assert download_sizes(addresses) == dict.fromkeys(addresses, 28357634)


def test_a_size_is_what_the_disk_says(tmp_path: Path) -> None:
    file = tmp_path / "a python.tar.gz"
    file.write_bytes(b"x" * 321)
    assert download_sizes([file.as_uri()]) == {file.as_uri(): 321}


def test_nothing_is_said_of_what_is_not_there(server: str, tmp_path: Path) -> None:
    gone = ["http://127.0.0.1:9/closed", "nonsense", (tmp_path / "gone").as_uri(), f"{server}/nothing"]
    assert download_sizes(gone) == {}
    assert download_sizes([]) == {}


def test_who_does_not_answer_is_not_waited_for(server: str) -> None:
    began = time.monotonic()
    assert download_sizes([f"{server}/hangs", f"{server}/file"], patience=1.0) == {f"{server}/file": 28357634}
    # The server would keep it for thirty seconds.
    assert time.monotonic() - began < 20
