"""A whole Seamline in a clone of its own, started as a person would: by make, in a terminal of its own."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 240
PASSWORD = re.compile(r"First sign-in: (\S+) with the one-time password (\S+)")
# What a developer's or CI's own shell may hold must not steer the clone.
OURS = (
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "VIRTUAL_ENV",
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "TEST_DATABASE_URL",
    "CELERY_BROKER_URL",
    "SECRET_KEY",
    "BASE_URL",
    "SEAMLINE_VAR",
)


def clone(folder: Path) -> Path:
    """Copy what git holds or would hold; no virtual environment, no data."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def until(what: Callable[[], object], seconds: float = 30, saying: str = "") -> float:
    """Wait until `what()` is true; returns how long it took, in seconds."""
    begin = time.monotonic()
    while not what():
        assert time.monotonic() - begin < seconds, saying or f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - begin


@dataclass
class Stack:
    """One `make run` in one folder."""

    folder: Path
    port: int = field(default_factory=free_port)
    user: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.folder.parent / f"{self.folder.name}.out"

    @property
    def url(self) -> str:
        """Where it should answer."""
        return f"http://localhost:{self.port}"

    @property
    def said(self) -> str:
        """All that the terminal shows."""
        return self.output.read_text()

    def launch(self, target: str = "run") -> None:
        """Start without waiting."""
        if self.process is not None:
            self.process.wait(20)
        environment = {name: value for name, value in os.environ.items() if name not in OURS} | self.extra
        identity = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                ["make", target, f"PORT={self.port}"],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **identity,
            )

    def start(self, target: str = "run") -> float:
        """Start and wait for the line with the URL; returns the seconds that took."""
        self.launch(target)
        took = until(lambda: self.is_up or self.has_ended, START_SECONDS)
        assert self.is_up, self.said
        return took

    @property
    def is_up(self) -> bool:
        """Whether the URL was printed."""
        return f"Seamline is running at {self.url} " in self.said

    @property
    def has_ended(self) -> bool:
        """Whether make has ended."""
        return self.process is not None and self.process.poll() is not None

    def interrupt(self) -> float:
        """Ctrl-C: the terminal signals the whole foreground group; returns the seconds until make ended."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        return until(lambda: self.has_ended, 40, saying=self.said)

    def supervisor(self) -> int:
        """The pid of `manage.py up`."""
        lock = (self.folder / "var" / "supervisor.lock").read_text()
        return int(re.findall(r"process (\d+)", lock)[-1])

    def family(self) -> dict[int, str]:
        """Every living process of this stack, make and the supervisor included: pid and command line."""
        mark = f"SEAMLINE_SUPERVISED={self.folder / 'var'}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    line = (entry / "cmdline").read_bytes()
                    told = (entry / "environ").read_bytes().split(b"\0")
                    here = (entry / "cwd").readlink()
                    if mark in told or os.fsencode(self.folder) in line or here in (self.folder, self.postgres_data()):
                        found[int(entry.name)] = line.replace(b"\0", b" ").decode(errors="replace")
        return found

    def postgres_data(self) -> Path:
        """The data folder, in var or, as root behind a closed folder, elsewhere."""
        elsewhere = self.folder / "var" / "postgresql.at"
        home = Path(elsewhere.read_text().strip()) if elsewhere.exists() else self.folder / "var"
        return home / "postgresql"

    def pid_of(self, name: str) -> int:
        """The pid of one child: web, worker, scheduler (the leader, not what it forked) or postgres."""
        words = {"web": "granian", "worker": "config worker", "scheduler": "config beat", "postgres": "bin/postgres"}
        for pid, line in self.family().items():
            if words[name] in line and os.getsid(pid) == pid:
                return pid
        raise AssertionError(f"no {name} among {self.family()}")

    def kill_everything(self) -> None:
        """SIGKILL for every process of the stack, the supervisor, the guard and make included."""
        for pid in (*self.family(), *([self.process.pid] if self.process else [])):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def readiness(self) -> str:
        """What /readyz answers, or why it does not."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError as error:
            return str(error)

    def await_ready(self, seconds: float = 45) -> None:
        """Wait until database, migrations, broker and worker are all there."""
        deadline = time.monotonic() + seconds
        while '"ready": true' not in (answer := self.readiness()):
            if time.monotonic() > deadline:
                logs = "".join(
                    f"\n== {log.name}\n{log.read_text()[-2000:]}"
                    for log in sorted((self.folder / "var" / "log").glob("*.log"))
                )
                raise AssertionError(f"not ready: {answer}\n{self.said}{logs}")
            time.sleep(0.3)

    def sign_in(self, email: str, password: str) -> str:
        """Sign in as a browser would; returns the URL that one ends on."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        form = opener.open(f"{self.url}/accounts/login/", timeout=10).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        fields = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
        data = urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(
            f"{self.url}/accounts/login/", data, {"Referer": f"{self.url}/accounts/login/"}
        )
        return str(opener.open(request, timeout=10).geturl())
