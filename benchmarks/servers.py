"""What a benchmark runs against: a PostgreSQL of its own with the settings of a real one, and granian before it."""

from __future__ import annotations

import atexit
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from config.embedded import accounts
from config.embedded.address import DATABASE, PORT, SUPERUSER, Place
from config.embedded.server import Server
from config.lifeline import Guard

THREADS = min(8, 2 * (os.cpu_count() or 1))  # as the supervisor gives it
ROOT = Path(__file__).resolve().parent.parent


def database() -> str:
    """The URL of an empty database: the embedded server, made anew and durable, or BENCH_DATABASE_URL."""
    given = os.environ.get("BENCH_DATABASE_URL")
    if given:
        return given
    guard = Guard()
    folder = Path(tempfile.mkdtemp(prefix="seamline-bench-"))
    guard.remove(folder)
    owner = accounts.Account(os.geteuid(), os.getegid()) if os.geteuid() else accounts.unprivileged()
    owner.give(folder)
    place = Place(var=folder, home=folder, sockets=folder / "socket", keeper=owner.uid)
    server = Server(place, log=folder / "log", guard=guard)

    def end() -> None:
        server.stop()
        guard.dismiss()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    server.start()
    return f"postgresql://{SUPERUSER}@{quote(str(place.sockets), safe='')}:{PORT}/{DATABASE}"


@contextmanager
def granian(application: str) -> Iterator[int]:
    """A granian as `make run` starts it, on a free port; yields the port once it answers."""
    port = _free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
            *("--no-ws", "--http", "1", "--workers", "1", "--blocking-threads", str(THREADS), "--backlog", "512"),
            *("--log-level", "warning", application),
        ],
        cwd=ROOT,
        env=os.environ | {"SEAMLINE_PROCESS": "web"},
    )
    try:
        _wait_until_it_answers(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 60
    while not _answers(port):
        if time.monotonic() > deadline:
            raise TimeoutError("granian did not come up")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
