"""The embedded server as a child of this process: only who started it stops it."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded import accounts, leftovers, making, programs
from config.embedded.accounts import Account
from config.embedded.address import DATABASE, Place
from config.embedded.errors import CannotStart
from config.lifeline import Guard, die_with_parent

START_SECONDS = 120.0  # recovery after a crash may take its time
FAST_SECONDS = 15.0


class Server:
    """One PostgreSQL on a private socket. `start` may be called again after the process died."""

    def __init__(self, place: Place, *, log: Path, guard: Guard | None = None, throwaway: bool = False) -> None:
        self.place = place
        self.process: subprocess.Popen[bytes] | None = None
        self.log = log
        self._guard = guard
        self._throwaway = throwaway

    def start(self) -> bool:
        """Make the data folder if need be, start, wait until it answers; returns whether the data are new."""
        account = accounts.for_place(self.place)
        chosen = programs.for_account(account)
        made = making.ready(self.place, account, chosen, throwaway=self._throwaway)
        leftovers.clear(self.place)
        private_folder(self.place.sockets, account)
        deadline = time.monotonic() + START_SECONDS
        while not self._try(chosen, account, deadline):
            time.sleep(0.3)
        self._ensure_database()
        return made

    def stop(self) -> None:
        """Fast shutdown; immediate, then SIGKILL, if that takes too long."""
        for number, seconds in ((signal.SIGINT, FAST_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if self.process is None:
                break
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                break
        self.ended()
        with contextlib.suppress(OSError):
            self.place.sockets.rmdir()

    @property
    def died(self) -> bool:
        """Whether it ended without being asked to."""
        if self.process is None or self.process.poll() is None:
            return False
        self.ended()
        return True

    def watched_by(self, guard: Guard) -> None:
        """Tie the lifeline to a new guard."""
        self._guard = guard
        if self.process is not None:
            guard.watch(self.process.pid, signal.SIGINT)

    def ended(self) -> None:
        """Note that the process is no more."""
        if self.process is not None and self._guard is not None:
            self._guard.forget(self.process.pid)
        self.process = None

    def _try(self, chosen: programs.Programs, account: Account, deadline: float) -> bool:
        """One attempt; False when the last processes of a killed server still hold its memory."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [chosen.path("postgres"), "-D", str(self.place.data), "-k", str(self.place.sockets), "-h", ""],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=making.environment(),
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 -- the supervisor runs no threads
                **account.identity(),
            )
        if self._guard is not None:
            self._guard.watch(self.process.pid, signal.SIGINT)
        while time.monotonic() < deadline:
            if self._connects():
                return True
            if self.process.poll() is not None:
                self.ended()
                said = self.log.read_bytes()[begin:].decode(errors="replace")
                if "shared memory block" in said and "still in use" in said:
                    return False
                raise CannotStart(f"the embedded PostgreSQL does not start: {_reason(said)} (all of it: {self.log})")
            time.sleep(0.02)
        raise CannotStart(f"the embedded PostgreSQL does not answer after {START_SECONDS:.0f} s (see {self.log})")

    def _connects(self) -> bool:
        if not self.place.socket.exists():
            return False
        try:
            psycopg.connect(**self.place.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        with psycopg.connect(**self.place.conninfo("postgres"), autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if there is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def private_folder(folder: Path, account: Account) -> None:
    """The socket's folder: ours alone (0700), because who reaches the socket is superuser of the database."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    allowed = {account.uid, os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in allowed:
        raise CannotStart(f"{folder} was made by somebody else: have it removed and start again")
    if found.st_uid != account.uid:
        account.give(folder)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _reason(said: str) -> str:
    """The server's own last word of weight."""
    lines = [line for line in said.splitlines() if line.strip()]
    weighty = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "ERROR:" in line] or lines
    if not weighty:
        return "it ended without a word"
    last = weighty[-1]
    if "contains errors" in last and len(lines) > 1:  # which one stands in the line before
        last = lines[max(lines.index(last) - 1, 0)]
    return last.split("] ", 1)[-1]
