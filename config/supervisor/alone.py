"""One supervisor at a time, on a port that nobody else has, with nothing left of an earlier run."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import socket
import sys
import time
from pathlib import Path

from config.embedded.errors import CannotStart

MARK = "SEAMLINE_SUPERVISED"  # in every child's environment: the var folder that it works for


def lock(var: Path) -> int:
    """Take var's lock for as long as this process lives; returns the open file descriptor."""
    path = var / "supervisor.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = path.read_text().strip() or "another process"
        os.close(handle)
        raise CannotStart(f"already running here: {holder}") from None
    os.ftruncate(handle, 0)
    return handle


def note(handle: int, text: str) -> None:
    """Write into the lock who holds it, for the message that the next one reads."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{text}\n".encode(), 0)


def own_files(var: Path) -> None:
    """A normal user cannot go on where root has started: say so before something fails half-way."""
    me = os.geteuid()
    if me == 0:
        return
    for path in (var, *sorted(var.iterdir()), *sorted((var / "log").glob("*"))):
        if path.lstat().st_uid != me:
            raise CannotStart(f"{path} belongs to another user: run `sudo chown -R $(id -u) '{var}'` once")


def free_port(host: str, port: int) -> None:
    """Fail when the port is taken. Two web servers with SO_REUSEPORT would share it without a word."""
    if not 0 < port < 65536:
        raise CannotStart(f"port {port} is not between 1 and 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotStart(f"host {host} is not an address of this machine") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections linger; they do no harm
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise CannotStart(_why(error, host, port)) from None


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use: stop what listens there, or choose another with `make run PORT={port + 1}`"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights: choose one above 1023 with `make run PORT=8000`"
    return f"host {host} cannot be listened on: {error.strerror}"


def end_orphans(var: Path) -> int:
    """Kill what an earlier supervisor of this var left behind, which takes killing its guard too; returns how many.

    Only to be called with the lock held: then no child with our mark has a living supervisor.
    """
    orphans = _marked(var)
    for pid in orphans:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while orphans and _marked(var) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(orphans)


def _marked(var: Path) -> list[int]:
    if sys.platform != "linux":
        return []
    mark = f"{MARK}={var}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found
