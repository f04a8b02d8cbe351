"""The services as they run, each killed in turn while senders post: what was answered with 202 is there, once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import psycopg
import pytest

from config import broker
from config.embedded import address
from config.lifeline import die_with_parent
from tests.incidents.alerts import factories as am
from tests.long.replaying import Postgres, Workers, environment
from tests.long.stack import OURS, ROOT, free_port, until

DATABASE = "fire"
SENDERS, EACH = 4, 60
COMMANDS = {
    "web": ("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws", "--blocking-threads", "4"),
    "worker": ("celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "ERROR"),
    "scheduler": ("celery", "-A", "config", "beat", "--loglevel", "ERROR", "--pidfile="),
}


class Services:
    """Web, worker and scheduler over one database; who is killed is started again."""

    def __init__(self, postgres: Postgres) -> None:
        self.port = free_port()
        self._postgres = postgres
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for name in COMMANDS:
            self.start(name)
        until(self._answers, 60)

    def start(self, name: str) -> None:
        """Start one, in a session of its own."""
        further = ("--port", str(self.port), "config.wsgi:application") if name == "web" else ()
        kept = {key: value for key, value in os.environ.items() if key not in OURS}
        with (self._postgres.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", *COMMANDS[name], *further],
                cwd=ROOT,
                env=kept | environment(self._postgres, DATABASE) | {"SEAMLINE_PROCESS": name},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 -- it only calls prctl
            )

    def kill(self, name: str) -> None:
        """SIGKILL for it and all that it forked."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        """End them all."""
        for name in list(self._running):
            self.kill(name)

    def words(self) -> str:
        """The last that each said."""
        return "".join(
            f"\n== {name}\n{(self._postgres.folder / f'{name}.log').read_text()[-1500:]}" for name in COMMANDS
        )

    def _answers(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5))
        except OSError:
            return False


class Sender(threading.Thread):
    """Posts one alert after the other, each until it is accepted, as Alertmanager does."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__(daemon=True)
        self.accepted: list[str] = []
        self._url, self._number = url, number

    def run(self) -> None:
        for place in range(EACH):
            body = am.body(am.alert("Fire", service="support-answers", instance=f"{self._number}-{place}"))
            while not self._posted(body):
                time.sleep(0.2)

    def _posted(self, body: bytes) -> bool:
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                self.accepted.append(json.loads(answer.read())["delivery"])
                return bool(answer.status == 202)
        except OSError:
            return False


@pytest.fixture
def services(postgres: Postgres, workers: Workers) -> Iterator[Services]:
    """All of it, running."""
    postgres.copy(DATABASE, "furnished")
    _new_broker(postgres)
    services = Services(postgres)
    yield services
    services.end()
    postgres.drop(DATABASE)


def _new_broker(postgres: Postgres) -> None:
    with postgres.connect(DATABASE) as connection:
        where = {"HOST": connection.info.host, "PORT": connection.info.port, "NAME": DATABASE}
        connection.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
    broker.set_up(address.broker_url(where), {})


def _count(postgres: Postgres, query: str) -> int:
    try:
        with postgres.connect(DATABASE) as connection:
            row = connection.execute(query).fetchone()
            return int(row[0]) if row else 0
    except psycopg.OperationalError:
        return -1


def _await_digest(postgres: Postgres, services: Services) -> None:
    begin = time.monotonic()
    while _count(postgres, "SELECT count(*) FROM incidents_delivery WHERE state <> 'digested'") != 0:
        assert time.monotonic() - begin < 90, services.words()
        time.sleep(0.2)


def test_senders_and_services_under_fire(postgres: Postgres, workers: Workers, services: Services) -> None:
    url = workers.tell("source", database=DATABASE)
    senders = [Sender(f"http://127.0.0.1:{services.port}{url}", number) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    chance = random.Random(4)
    for blow in ("worker", "web", "database", "scheduler", "sessions", "web", "worker", "broker"):
        time.sleep(chance.uniform(0.2, 1.5))
        if blow == "database":
            postgres.crash()
        elif blow == "sessions":
            postgres.cut_sessions(DATABASE)
        elif blow == "broker":
            _new_broker(postgres)
        else:
            services.kill(blow)
            services.start(blow)
    for sender in senders:
        sender.join(120)
    _await_digest(postgres, services)

    accepted = {one for sender in senders for one in sender.accepted}
    assert len(accepted) == SENDERS * EACH
    with postgres.connect(DATABASE) as connection:
        stored = {str(row[0]) for row in connection.execute("SELECT id FROM incidents_delivery").fetchall()}
    assert accepted <= stored
    assert _count(postgres, "SELECT count(*) FROM incidents_alert WHERE incident_id IS NOT NULL") == SENDERS * EACH
    assert _count(postgres, "SELECT count(DISTINCT problem_key) FROM incidents_alert") == SENDERS * EACH
    assert _count(postgres, "SELECT count(*) FROM incidents_incident") == 1
    assert _count(postgres, "SELECT count(*) FROM incidents_timelinerow WHERE kind = 'routed'") == 1


def test_without_a_broker_everything_waits_and_nothing_is_lost(
    postgres: Postgres, workers: Workers, services: Services
) -> None:
    url = workers.tell("source", database=DATABASE)
    services.kill("worker")
    services.kill("scheduler")
    with postgres.connect(DATABASE) as connection:
        connection.execute("DROP SCHEMA pgmq CASCADE")
    sender = Sender(f"http://127.0.0.1:{services.port}{url}", 0)
    sender.start()
    sender.join(60)
    assert len(sender.accepted) == EACH
    assert _count(postgres, "SELECT count(*) FROM incidents_delivery WHERE state = 'waiting'") == EACH
    _new_broker(postgres)
    services.start("worker")
    services.start("scheduler")
    _await_digest(postgres, services)
    assert _count(postgres, "SELECT count(*) FROM incidents_alert") == EACH
    assert _count(postgres, "SELECT count(*) FROM incidents_incident") == 1
