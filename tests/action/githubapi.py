"""As much of GitHub's REST interface as posting a report asks, on the loopback."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bnregress.action.post import AUTHOR, PER_PAGE


@dataclass
class GitHub:
    """What the server holds, and what it was asked."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    refuses: int = 0

    def add(self, kind: str, body: str, author: str = AUTHOR, **more: Any) -> None:
        entries: list[dict[str, Any]] = getattr(self, kind)
        number = len(entries) + 1
        entries.append({"id": number, "number": number, "body": body, "user": {"login": author}, **more})

    def answer(self, method: str, path: str, value: Any) -> Any:
        self.asked.append((method, path))
        route, _, query = path.partition("?")
        kind = "comments" if "comments" in route else "issues"
        entries: list[dict[str, Any]] = getattr(self, kind)
        if method == "GET":
            page = int(query.rpartition("page=")[2])
            return entries[(page - 1) * PER_PAGE : page * PER_PAGE]
        if method == "POST":
            self.add(kind, **value)
            return {"html_url": f"new {kind}"}
        number = int(route.rpartition("/")[2])
        entries[number - 1] |= value
        return {"html_url": f"{kind} {number}"}


@contextlib.contextmanager
def serve(state: GitHub) -> Iterator[GitHub]:
    """Answer on a free port of the loopback, whose address the state then has."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            value = json.loads(self.rfile.read(length)) if length else None
            state.tokens.add(self.headers.get("Authorization"))
            self.send_response(state.refuses or 200)
            self.end_headers()
            if not state.refuses:
                self.wfile.write(json.dumps(state.answer(self.command, self.path, value)).encode())

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()
