"""What an earlier run may have left behind: a server that still lives, or a pid file that lies.

PostgreSQL believes a pid file whose pid is alive, although that pid may be anybody's by now. So: it counts only if that
process is a postgres working in our data folder, or if our socket answers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from config.embedded.address import Place
from config.embedded.errors import CannotStart

PATIENCE_SECONDS = 15.0


def clear(place: Place) -> None:
    """End a server that outlived its supervisor, and drop pid files that name somebody else."""
    pid = pid_of(place)
    if pid is None or not _is_ours(pid, place):
        # The socket's lock names the same pid, and a killed server that nobody has reaped yet still counts as alive.
        for left in (place.data / "postmaster.pid", place.socket, place.socket.with_name(place.socket.name + ".lock")):
            left.unlink(missing_ok=True)
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, at once
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if not _is_ours(pid, place):
                return
            time.sleep(0.05)
    raise CannotStart(f"a PostgreSQL of an earlier run (process {pid}) does not end: stop it and start again")


def pid_of(place: Place) -> int | None:
    """The pid in the server's pid file, or None."""
    try:
        return int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def answers(place: Place) -> bool:
    """Whether a server of this very data folder answers on our socket."""
    try:
        with psycopg.connect(**place.conninfo("postgres"), connect_timeout=3) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.Error:
        return False
    return row is not None and Path(row[0]) == place.data


def _is_ours(pid: int, place: Place) -> bool:
    if sys.platform == "linux":
        # As root the links are readable; as a user only those of our own processes, and only those can be ours.
        try:
            program = Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)")
            return program == "postgres" and Path(f"/proc/{pid}/cwd").readlink() == place.data
        except OSError:
            return False
    done = subprocess.run(["/bin/ps", "-p", str(pid), "-o", "comm="], capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()).name == "postgres" and answers(place)
