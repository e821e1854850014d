"""A package index of small wheels, served on this machine: pip and uv ask it as they ask a real one."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

UPLOADED = "2026-11-01T00:00:00Z"


@dataclass
class FakeIndex:
    """Files by package; `address` is its simple index."""

    address: str = ""
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    wheels: dict[str, bytes] = field(default_factory=dict)

    def add(
        self,
        name: str,
        version: str,
        tag: str = "py3-none-any",
        *,
        needs: tuple[str, ...] = (),
        uploaded: str = UPLOADED,
    ) -> None:
        """Upload a wheel that holds nothing but its metadata."""
        stem = f"{name.replace('-', '_')}-{version}"
        requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            info = f"{stem}.dist-info"
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}")
            archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
            archive.writestr(f"{info}/RECORD", "")
        file = f"{stem}-{tag}.whl"
        self.wheels[file] = buffer.getvalue()
        sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
        entry = {"filename": file, "url": f"/files/{file}", "hashes": {"sha256": sha256}, "upload-time": uploaded}
        self.files.setdefault(name, []).append(entry)


@contextmanager
def serve() -> Iterator[FakeIndex]:
    """Serve an empty index, to be filled while the block runs."""
    index = FakeIndex()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, _, name = self.path.strip("/").partition("/")
            if kind == "simple" and name in index.files:
                meta = {"api-version": "1.1"}
                versions = sorted({entry["filename"].split("-")[1] for entry in index.files[name]})
                body = json.dumps({"meta": meta, "name": name, "versions": versions, "files": index.files[name]})
                self.reply(body.encode(), "application/vnd.pypi.simple.v1+json")
            elif kind == "files" and name in index.wheels:
                self.reply(index.wheels[name], "application/octet-stream")
            else:
                self.send_error(404)

        def do_HEAD(self) -> None:
            self.do_GET()

        def reply(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index.address = f"http://127.0.0.1:{server.server_address[1]}/simple"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
