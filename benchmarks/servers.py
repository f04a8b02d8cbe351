"""What a benchmark runs against: a PostgreSQL of its own with the settings of a real one, and what runs before it."""

from __future__ import annotations

import atexit
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.rows import TupleRow

from config.embedded import accounts, programs
from config.embedded.address import DATABASE, PORT, SUPERUSER, Place
from config.embedded.server import Server
from config.lifeline import Guard

THREADS = min(8, 2 * (os.cpu_count() or 1))  # as the supervisor gives it
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Database:
    """One embedded PostgreSQL, durable as in production."""

    sockets: Path
    owner: accounts.Account

    @property
    def url(self) -> str:
        """Seamline's database."""
        return f"postgresql://{SUPERUSER}@{quote(str(self.sockets), safe='')}:{PORT}/{DATABASE}"

    def another(self, name: str) -> str:
        """A further database of the same server; returns its URL as libpq takes it."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql:///{name}?host={self.sockets}&user={SUPERUSER}&port={PORT}"

    def connect(self) -> psycopg.Connection[TupleRow]:
        """A connection to Seamline's database that commits each statement."""
        return psycopg.connect(host=str(self.sockets), port=PORT, user=SUPERUSER, dbname=DATABASE, autocommit=True)

    def inserts(self, seconds: float) -> float:
        """One-row inserts per second by pgbench with as many connections as the client has."""
        script = self.sockets.parent / "insert.sql"
        if not script.exists():
            script.write_text("INSERT INTO bench_row (at, body) VALUES (now(), repeat('x', 600));\n")
            script.chmod(0o644)
            with self.connect() as connection:
                connection.execute("CREATE TABLE bench_row (id bigserial PRIMARY KEY, at timestamptz, body text)")
        done = subprocess.run(
            [
                *(programs.for_account(self.owner).path("pgbench"), "-n", "-c", "16", "-j", "2", "-M", "prepared"),
                *("-T", str(max(1, round(seconds))), "-f", str(script)),
                *("-h", str(self.sockets), "-p", str(PORT), "-U", SUPERUSER, DATABASE),
            ],
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
        )
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        assert found is not None, done.stdout
        return float(found[1])


def database() -> Database:
    """An empty database of an embedded server, made anew and gone with this process."""
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
    return Database(place.sockets, owner)


@contextmanager
def granian(application: str) -> Iterator[int]:
    """A granian as `make run` starts it, on a free port; yields the port once it answers."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--no-ws", "--http", "1", "--workers", "1", "--blocking-threads", str(THREADS), "--backlog", "512"),
        *("--log-level", "warning", application),
    ]
    with process(command, environment=os.environ | {"SEAMLINE_PROCESS": "web"}, folder=ROOT):
        wait_for(port, "/healthz")
        yield port


@contextmanager
def worker() -> Iterator[None]:
    """Celery's worker and scheduler, as `make run` starts them."""
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    work = [*celery, "worker", "--concurrency", "2", "--pool", "prefork", "--loglevel", "ERROR"]
    beat = [*celery, "beat", "--loglevel", "ERROR", "--pidfile="]
    with ExitStack() as stack:
        for name, command in (("worker", [*work, "--without-gossip", "--without-mingle"]), ("scheduler", beat)):
            stack.enter_context(process(command, environment=os.environ | {"SEAMLINE_PROCESS": name}, folder=ROOT))
        yield


@contextmanager
def process(command: list[str], *, environment: dict[str, str], folder: Path) -> Iterator[None]:
    """A process while the block runs; quiet but for what it says on stderr."""
    running = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> None:
    """Until something answers there."""
    deadline = time.monotonic() + 60
    while not _answers(port, path):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing answers on port {port}")
        time.sleep(0.1)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True
