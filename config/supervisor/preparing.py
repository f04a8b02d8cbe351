"""Between a database that answers and children that can start: schema, queue, static files, the first admin."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from config import broker
from config.embedded.errors import CannotStart
from config.lifeline import die_with_parent
from config.supervisor import console

OLDEST = 150_000  # PostgreSQL 15, as the server itself counts
_LOCK = 5_390_418  # advisory lock: one migration at a time where several machines share a database


def check_database() -> None:
    """An external database that does not answer, or is too old, ends the start in one line."""
    where = connection.settings_dict
    address = f"{where['HOST'] or 'the local socket'}:{where['PORT'] or 5432}/{where['NAME']}"
    try:
        connection.ensure_connection()
        version = connection.connection.info.server_version
    except DatabaseError as error:  # NotSupportedError of a very old server is one, too
        raise CannotStart(f"DATABASE_URL: {address} does not work: {' '.join(str(error).split())}") from None
    if version < OLDEST:
        found = f"{version // 10_000}.{version % 10_000}"
        raise CannotStart(f"DATABASE_URL: {address} is PostgreSQL {found}, Seamline needs 15 or newer")


def check_broker() -> None:
    """Install PGMQ where it is the broker; see that any other answers."""
    url = settings.CELERY_BROKER_URL
    try:
        if url.startswith("pgmq://"):
            broker.set_up(url, settings.CELERY_BROKER_TRANSPORT_OPTIONS["conninfo"])
            return
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=5)
    except Exception as error:  # noqa: BLE001 -- each broker's library raises its own kinds; the start ends with its words
        words = " ".join(str(error).split()) or type(error).__name__
        shown = f"{url.split('://')[0]}://…{url.rsplit('@', 1)[-1] if '@' in url else url.split('://')[1]}"
        raise CannotStart(f"CELERY_BROKER_URL: {shown} does not work: {words}") from None


def migrate() -> None:
    """Bring the schema up to date."""
    connection.cursor().execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()  # frees the lock, also when Ctrl-C came in the middle of a statement


def close_connections() -> None:
    """The supervisor itself needs no database while it watches."""
    connections.close_all()


class StaticFiles:
    """Collecting, in a process beside the database's start, and only when a source has changed."""

    def __init__(self, var: Path, root: Path, log: Path) -> None:
        self._sum_file = var / "static.sum"
        self._log = log
        self._begin = 0
        self._sum = _sum_of_sources()
        self._process: subprocess.Popen[bytes] | None = None
        if not self._is_fresh():
            self._process = self._start(root)

    def finish(self) -> None:
        """Wait until the files are there."""
        if self._process is None:
            return
        if self._process.wait():
            words = console.last_words(self._log, begin=self._begin)
            raise CannotStart(f"the static files could not be collected: {words} (see {self._log})")
        self._sum_file.write_text(self._sum)

    def abandon(self) -> None:
        """Stop collecting; the next start begins anew."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _is_fresh(self) -> bool:
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        return manifest.exists() and self._sum_file.exists() and self._sum_file.read_text() == self._sum

    def _start(self, root: Path) -> subprocess.Popen[bytes]:
        self._sum_file.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._begin = log.tell()
            return subprocess.Popen(
                [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=root,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 -- the supervisor runs no threads
            )


def _sum_of_sources() -> str:
    """A digest over name, size and time of every file that collecting would read, and over the code that does it."""
    ignored: list[str] = StaticFilesConfig.ignore_patterns
    rows: list[Any] = [str(settings.STORAGES["staticfiles"]), _stamp(Path(__file__).parent.parent / "static.py")]
    for finder in get_finders():
        for name, storage in finder.list(ignored):
            rows.append((getattr(storage, "prefix", ""), name, _stamp(Path(storage.path(name)))))
    return hashlib.sha256(repr(sorted(map(str, rows))).encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
