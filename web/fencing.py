"""A fence around libraries that make connections of their own: where they may connect to, and for how long.

Inside `with Fence(…)` every connection that this thread opens is looked at when it is opened, by an audit hook of the
interpreter, with the very address that is connected to. So it makes no difference how the library came to it: by a name
that answers differently the second time, by a redirect, or through a socket of its own. All connections are cut when
the time is over, wherever they then are, so that no slow drip of bytes outlasts it. Starting programs is refused.

Outside of a fence, and in other threads, nothing changes: the database, the broker and the mail server are private.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, Self

from web import outgoing

PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"})
_here = threading.local()
_installing = threading.Lock()
_installed: list[bool] = []


class Fenced(OSError):
    """What a fence does not let through."""


class Fence:
    """For one piece of work in one thread: `refused` says which address was, `is_over` that it took too long."""

    def __init__(self, *, seconds: float, permits: Callable[[str], bool] = outgoing.is_allowed) -> None:
        self.seconds = seconds
        self.is_over = False
        self.refused = ""
        self._permits = permits
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _install()
        _here.fence = self
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        _here.fence = None
        self._timer.cancel()
        with self._lock:
            for watched in self._sockets:
                watched.close()

    def look_at(self, opened: Any, address: Any) -> None:
        """Refuse an address, or watch the connection to it."""
        host = str(address[0]) if isinstance(address, tuple) and address else ""
        if not _is_permitted(host, self._permits):
            self.refused = host or "a local socket"
            raise Fenced(f"{self.refused} may not be called")
        with self._lock:
            if self.is_over:
                raise Fenced("the time is over")
            # A copy: what wraps a connection into TLS takes the first one away.
            self._sockets.append(socket.socket(fileno=os.dup(opened.fileno())))

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            for watched in self._sockets:
                try:
                    watched.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # never connected, or closed already


def _is_permitted(host: str, permits: Callable[[str], bool]) -> bool:
    try:
        return bool(host) and permits(host)
    except ValueError:  # a name: whoever connects without looking it up is refused
        return False


def _install() -> None:
    """A hook of the interpreter stays for good, so it is put up where the first fence is, and once."""
    with _installing:
        if not _installed:
            sys.addaudithook(_look)
            _installed.append(True)


def _look(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        fence: Fence | None = getattr(_here, "fence", None)
        if fence is not None:
            fence.look_at(args[0], args[1])
    elif event in PROGRAMS and getattr(_here, "fence", None) is not None:
        raise Fenced("no programs are started from here")
