"""The supervisor: starts PostgreSQL, web, worker and scheduler in order, watches them, stops them in reverse."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from config import env
from config.embedded import address
from config.embedded.errors import CannotStart
from config.embedded.server import Server
from config.lifeline import Guard, die_with_parent
from config.supervisor import alone, children, console, preparing
from config.supervisor.children import Child, Patience
from config.supervisor.logs import Logs
from ownership import signing

READY_SECONDS = 60.0
TICK_SECONDS = 0.2
THREADS = min(8, 2 * (os.cpu_count() or 1))  # of the web server; its pool holds 12 connections
TRIM_SECONDS = 60.0
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- a name for them, nothing is bound here
LOOPBACK = {"127.0.0.1", "::1", "localhost", *ANY}


class Stop(BaseException):
    """Somebody pressed Ctrl-C, closed the terminal or sent SIGTERM."""


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    host: str
    port: int
    demo: bool

    @property
    def url(self) -> str:
        """The address to open in a browser: BASE_URL where set."""
        given = os.environ.get("BASE_URL", "").rstrip("/")
        name = "localhost" if self.host in LOOPBACK else self.host
        return given or f"http://{f'[{name}]' if ':' in name else name}:{self.port}"


class Supervisor:
    """One run of `manage.py up`."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._var = address.place(settings.VAR).var
        self._guard: Guard
        self._logs: Logs
        self._database: Server | None = None
        self._database_born = 0.0
        self._patience = Patience()
        self._children: list[Child] = []
        self._static: preparing.StaticFiles | None = None
        self._admin: tuple[str, str] | None = None
        self._stopping = False
        self._hurry = False

    def run(self) -> None:
        """From the first check to the last child's end. Raises CannotStart; Ctrl-C is a normal end."""
        handle = self._enter()
        self._guard = Guard()
        try:
            self._prepare()
            self._open()
            alone.note(handle, f"{self._wish.url}, process {os.getpid()}")
            self._watch()
        except Stop:
            console.say("stopping …")
        except Exception:
            if not self._stopping:
                raise
            console.say("stopping …")  # Ctrl-C cut a statement short, and what was tidying up tripped over it
        finally:
            self._stopping = True
            self._tell_password()
            self._end()
            os.close(handle)
        console.say("stopped")

    def _enter(self) -> int:
        os.environ.setdefault("PGCONNECT_TIMEOUT", "10")
        env.make_var(self._var)
        alone.own_files(self._var)
        handle = alone.lock(self._var)
        alone.note(handle, f"process {os.getpid()}, starting")
        alone.end_orphans(self._var)
        alone.free_port(self._wish.host, self._wish.port)
        self._logs = Logs(self._var / "log")
        self._logs.trim()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        return handle

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            self._hurry = True
            return
        self._stopping = True
        raise Stop

    def _prepare(self) -> None:
        self._static = preparing.StaticFiles(self._var, env.ROOT, self._logs.path("static"))
        if settings.ENV.database is None:
            place = address.place(settings.VAR)
            if not place.data.exists():
                console.say(f"first start: making the database in {place.data}")
            self._database = Server(place, log=self._logs.path("postgresql"), guard=self._guard)
            self._database.start()
            self._database_born = time.monotonic()
        preparing.check_database()
        preparing.check_broker()
        preparing.migrate()
        if self._wish.demo:
            self._admin = signing.first_admin(now=timezone.now())
            self._fill()
        self._static.finish()

    def _fill(self) -> None:
        """The worked example, by a command of its own: it may take long and must not hold our signals."""
        console.say("filling in the worked example")
        log = self._logs.path("demo")
        with log.open("ab") as file:
            begin = file.tell()
            command = [sys.executable, "manage.py", "demo_data"]
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                check=False,
                cwd=env.ROOT,
                env=self._environment("demo"),
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        if done.returncode:
            words = console.last_words(log, begin=begin)
            raise CannotStart(f"the worked example could not be filled in: {words} (see {log})")

    def _open(self) -> None:
        """Start the children; open for business once the web server answers."""
        self._children = [self._child(*row) for row in self._commands()]
        for child in self._children:
            child.start(self._guard)
        self._await_answer(self._children[0])
        # Last of all, so that a start that fails or is killed on the way never swallows the password.
        self._admin = self._admin or signing.first_admin(now=timezone.now())
        preparing.close_connections()
        console.say(f"Seamline is running at {self._wish.url}   (Ctrl-C stops it; logs in {self._logs.folder})")
        self._tell_password()

    def _tell_password(self) -> None:
        if self._admin is None:
            return
        email, password = self._admin
        self._admin = None
        console.say(f"First sign-in: {email} with the one-time password {password} (you choose your own there)")

    def _commands(self) -> Iterator[tuple[str, list[str]]]:
        python = sys.executable
        wish = self._wish
        yield (
            "web",
            [
                *(python, "-m", "granian", "--interface", "wsgi", "--host", wish.host, "--port", str(wish.port)),
                *("--no-ws", "--http", "1", "--workers", "1", "--blocking-threads", str(THREADS), "--backlog", "512"),
                *("--workers-kill-timeout", "10", "--log-level", "warning", "config.wsgi:application"),
            ],
        )
        celery = [python, "-m", "celery", "-A", "config"]
        yield (
            "worker",
            [
                *celery,
                *("worker", "--concurrency", "2", "--pool", "prefork", "--loglevel", "WARNING", "-n", "seamline@%h"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
        )
        yield "scheduler", [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(
            name=name,
            command=command,
            environment=self._environment(name),
            folder=env.ROOT,
            log=self._logs.path(name),
        )

    def _environment(self, name: str) -> dict[str, str]:
        return os.environ | {
            "BASE_URL": self._wish.url,
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings"),
            "PYTHONUNBUFFERED": "1",
            "SEAMLINE_PROCESS": name,
            "SEAMLINE_VAR": str(self._var),
            alone.MARK: str(self._var),
        }

    def _await_answer(self, web: Child) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if not web.lives:
                words = console.last_words(web.log, begin=web.begin)
                raise CannotStart(f"the web server does not start: {words} (see {web.log})")
            if time.monotonic() > deadline:
                raise CannotStart(f"the web server does not answer after {READY_SECONDS:.0f} s (see {web.log})")
            time.sleep(0.05)

    def _answers(self) -> bool:
        link = http.client.HTTPConnection(ANY.get(self._wish.host, self._wish.host), self._wish.port, timeout=5)
        try:
            link.request("GET", "/healthz", headers={"Host": urlsplit(self._wish.url).netloc})
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _watch(self) -> None:
        trimmed = time.monotonic()
        while True:
            time.sleep(TICK_SECONDS)
            if not self._guard.alive:
                self._new_guard()
            if self._database is not None and self._database.died:
                self._revive(self._database)
            for child in self._children:
                child.tend(self._guard)
            if time.monotonic() - trimmed > TRIM_SECONDS:
                trimmed = time.monotonic()
                self._logs.trim()

    def _revive(self, database: Server) -> None:
        now = time.monotonic()
        pause = self._patience.pause(now - self._database_born)
        if pause is None:
            words = console.last_words(database.log)
            raise CannotStart(f"PostgreSQL keeps ending; its last words: {words} (see {database.log})")
        console.warn(f"PostgreSQL ended, starts again in {pause:.0f} s; see {database.log}")
        time.sleep(pause)
        database.start()
        self._database_born = time.monotonic()

    def _new_guard(self) -> None:
        self._guard.dismiss()
        self._guard = Guard()
        if self._database is not None:
            self._database.watched_by(self._guard)
        for child in self._children:
            if child.process is not None:
                self._guard.watch(child.process.pid)

    def _end(self) -> None:
        """In reverse: who uses the database first, the database last."""
        if self._static is not None:
            self._static.abandon()
        children.end_all(self._children, self._guard, hurry=lambda: self._hurry)
        with contextlib.suppress(Exception):
            preparing.close_connections()
        if self._database is not None:
            self._database.stop()
        self._guard.dismiss()
