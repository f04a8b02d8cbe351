"""A real HTTP endpoint on loopback that keeps what it is sent, and can refuse, redirect, wait or drip."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Request(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.take(self.path, body)
        if self.server.meanwhile is not None:
            self.server.meanwhile()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.server.drips:
            self._drip()

    do_GET = do_POST  # noqa: N815 -- the name that the library looks for

    def _drip(self) -> None:
        """A byte now and then, for ever."""
        try:
            while not self.server.closing.wait(0.05):
                self.wfile.write(b".")
                self.wfile.flush()
        except OSError:
            return

    def log_message(self, *args: object) -> None:
        """Says nothing."""


class Endpoint(ThreadingHTTPServer):
    """What arrived, as (path, JSON)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.posts: list[tuple[str, Any]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.meanwhile: Callable[[], object] | None = None
        self.drips = False
        self.closing = threading.Event()

    def take(self, path: str, body: bytes) -> None:
        self.posts.append((path, json.loads(body) if body else None))

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def address(self, path: str = "/hook/s3cr3t-part") -> str:
        return f"json://127.0.0.1:{self.port}{path}"

    @property
    def titles(self) -> list[str]:
        return [body["title"] for _, body in self.posts]


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """An endpoint that listens until the end of the block."""
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
