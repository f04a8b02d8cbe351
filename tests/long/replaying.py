"""A PostgreSQL of its own for the crash tests, databases copied from a template, and workers to kill."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded import accounts
from config.embedded.address import PORT, SUPERUSER, Place
from config.embedded.server import Server
from config.lifeline import Guard
from tests.long import stream
from tests.long.stack import OURS, ROOT

TEMPLATE = "recorded"
RUN = "from tests.long import digesting; digesting.main()"


class Postgres:
    """The embedded server with its real settings but one: what it wrote outlives its own end without fsync, too."""

    def __init__(self) -> None:
        self._guard = Guard()
        self.folder = Path(tempfile.mkdtemp(prefix="seamline-crash-", dir="/tmp"))
        self._guard.remove(self.folder)
        owner = accounts.Account(os.geteuid(), os.getegid()) if os.geteuid() else accounts.unprivileged()
        owner.give(self.folder)
        (self.folder / "var").mkdir()
        place = Place(var=self.folder, home=self.folder, sockets=self.folder / "socket", keeper=owner.uid)
        self._server = Server(place, log=self.folder / "log", guard=self._guard)
        self._server.start()
        with self.connect() as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://{SUPERUSER}@{quote(str(self._server.place.sockets), safe='')}:{PORT}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that commits each statement."""
        return psycopg.connect(**self._server.place.conninfo(database), autocommit=True)

    def copy(self, name: str, template: str = TEMPLATE) -> str:
        """A new database like the template; returns its name."""
        with self.connect() as connection:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def cut_sessions(self, name: str) -> None:
        """End every session in a database, whatever it is doing."""
        with self.connect() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def crash(self) -> None:
        """An immediate stop, as the machine's end would be, and the next start with its recovery."""
        assert self._server.process is not None
        self._server.process.send_signal(signal.SIGQUIT)
        self._server.process.wait(30)
        self._server.ended()
        self._server.start()

    def end(self) -> None:
        """Stop and delete it."""
        self._server.stop()
        self._guard.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Worker:
    """One forked worker."""

    pid: int
    told: Path
    _pool: Workers

    def kill(self) -> None:
        """SIGKILL, now."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code; negative for the signal that ended it."""
        return self._pool.ask({"do": "wait", "pid": self.pid})

    @property
    def steps(self) -> int:
        """How many steps it took, once it ended by itself."""
        return int(self.told.read_text())


@dataclass
class Workers:
    """The process that forks them."""

    postgres: Postgres
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.log = self.postgres.folder / "workers.log"
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "-v", "0", "-c", RUN],
                cwd=ROOT,
                env=kept | environment(self.postgres, TEMPLATE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def start(self, do: str = "work", **order: Any) -> Worker:
        """Fork one that does this."""
        told = self.postgres.folder / f"told-{next(self._count)}"
        return Worker(self.ask({"do": do, "told": str(told), **order}), told, self)

    def run(self, do: str = "work", **order: Any) -> Worker:
        """Fork one and wait until it has done all; anything else fails the test."""
        worker = self.start(do, **order)
        code = worker.wait()
        assert code == 0, f"ended with {code}:\n{self.log.read_text()[-3000:]}"
        return worker

    def tell(self, do: str, **order: Any) -> str:
        """Have one do this, and what it told."""
        return self.run(do, **order).told.read_text()

    def ask(self, order: dict[str, Any]) -> int:
        """One order, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


def environment(postgres: Postgres, database: str) -> dict[str, str]:
    """What a process of ours needs to know."""
    return {
        "DATABASE_URL": postgres.url(database),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "a key for tests only, long enough that nothing warns about its length",
        "SEAMLINE_VAR": str(postgres.folder / "var"),
        "LOG_LEVEL": "ERROR",
    }


def prepare(postgres: Postgres, workers: Workers) -> None:
    """Make the template: migrated, furnished, the whole stream waiting."""
    with postgres.connect() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, **environment(postgres, TEMPLATE)},
        check=True,
    )
    recording(postgres).write_text(stream.as_json(stream.recorded()))
    workers.run("furnish", database=TEMPLATE)
    postgres.copy("furnished")
    workers.run("seed", database=TEMPLATE, stream=str(recording(postgres)))


def recording(postgres: Postgres) -> Path:
    """The file of the recorded stream."""
    return postgres.folder / "stream.json"
