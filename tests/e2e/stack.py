"""Real processes for the browser tests: the whole of Seamline as `make run` starts it, and an Alertmanager."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests import services

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS_WITHIN = 120.0


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(check: Callable[[], bool], *, what: str, within: float = 30.0) -> None:
    """Wait until `check` holds, or fail saying `what` did not happen."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {within:.0f} s")


@dataclass
class Stack:
    """A running Seamline."""

    url: str
    email: str
    password: str
    process: subprocess.Popen[str]
    environment: dict[str, str] = field(repr=False)

    def manage(self, *arguments: str) -> str:
        """Run a management command beside it; returns what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Stack]:
    """Start everything on a free port with its data under `folder`; stop it at the end."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "CELERY_BROKER_URL"}}
    environment = {
        **kept,
        "SEAMLINE_VAR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "QUIET_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    environment.pop("SECRET_KEY", None)
    command = [sys.executable, "manage.py", "up", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said = _listen(process)
        found = re.search(r"First sign-in: (\S+) with the one-time password (\S+)", said)
        assert found, f"no one-time password in: {said}"
        yield Stack(f"http://127.0.0.1:{port}", found[1], found[2], process, environment)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
        assert process.stdout is not None
        process.stdout.close()


def _listen(process: subprocess.Popen[str]) -> str:
    """What it prints until it is open for business."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "First sign-in" in line:
            return said
    raise AssertionError(f"manage.py up ended with {process.wait()}: {said}")


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A new database on an external PostgreSQL, dropped at the end."""
    name = f"seamline_e2e_{secrets.token_hex(4)}"
    parts = urlsplit(server_url)
    maintenance = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass
class Alertmanager:
    """A running Alertmanager with one receiver."""

    url: str

    def fire(self, name: str, *, ended: bool = False, summary: str = "", **labels: str) -> None:
        """Send an alert as amtool does: through the real API, firing, or ended now."""
        command = ["amtool", f"--alertmanager.url={self.url}", "alert", "add", f"alertname={name}"]
        command += [f"{key}={value}" for key, value in labels.items()]
        command += [f"--annotation=summary={summary}"] if summary else []
        if ended:
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            command.append(f"--end={moment}")
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def alertmanager(folder: Path, config: str) -> Iterator[Alertmanager]:
    """Start a real Alertmanager on loopback with `config`, its waits shortened to a second."""
    binary = services.alertmanager()
    assert binary, "no Alertmanager on this machine (Debian: prometheus-alertmanager)"
    port = free_port()
    path = folder / "alertmanager.yml"
    path.write_text(config)
    command = [binary, f"--config.file={path}", f"--storage.path={folder / 'am'}", "--cluster.listen-address="]
    command.append(f"--web.listen-address=127.0.0.1:{port}")
    with (folder / "alertmanager.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(f"{url}/-/ready"), what="Alertmanager is ready")
        yield Alertmanager(url)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
