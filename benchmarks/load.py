"""The client: some keep-alive connections, each posting the next body as soon as the last was answered.

One thread waits on all of them and speaks HTTP over bare sockets, because on a machine of two cores a comfortable
client takes the server's time.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

CONNECTIONS = 16
END = b"\r\n\r\n"


@dataclass(frozen=True)
class Rate:
    """What one round made of it."""

    accepted: int
    refused: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Accepted posts per second."""
        return self.accepted / self.seconds


@dataclass
class _Connection:
    """One connection: what is still to be posted, and what came of the answer so far."""

    server: socket.socket
    bodies: Iterator[bytes]
    head: bytes
    read: bytearray = field(default_factory=bytearray)

    def post(self) -> bool:
        body = next(self.bodies, None)
        if body is not None:
            self.server.sendall(self.head + str(len(body)).encode() + END + body)
        return body is not None

    def answer(self) -> bytes | None:
        """The first line of the answer once all of it is here."""
        part = self.server.recv(65_536)
        if not part:
            raise ConnectionError("the server hung up")
        self.read += part
        head, found, rest = self.read.partition(END)
        if not found or not _is_whole(bytes(head), rest):
            return None
        self.read.clear()
        return bytes(head)


def post_for(
    seconds: float,
    *,
    port: int,
    path: str,
    bodies: Callable[[int], Iterator[bytes]],
    good: int,
    headers: str = "",
) -> Rate:
    """Post for some seconds, or until the bodies are used up.

    `bodies` makes a stream for each connection, of one at least; `good` is the status that counts.
    `headers` are further lines, each with its end of line.
    """
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Content-Type: application/json\r\nContent-Length: "
    )
    wanted = b"HTTP/1.1 %d " % good
    accepted = refused = 0
    with selectors.DefaultSelector() as selector:
        for number in range(CONNECTIONS):
            server = socket.create_connection(("127.0.0.1", port), timeout=30)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(server, bodies(number), head.encode())
            selector.register(server, selectors.EVENT_READ, connection)
            connection.post()
        begin = time.monotonic()
        until, left = begin + seconds, CONNECTIONS
        while left:
            for key, _ in selector.select(timeout=30):
                answer = key.data.answer()
                if answer is None:
                    continue
                accepted, refused = (accepted + 1, refused) if answer.startswith(wanted) else (accepted, refused + 1)
                if time.monotonic() >= until or not key.data.post():
                    selector.unregister(key.fileobj)
                    key.data.server.close()
                    left -= 1
    return Rate(accepted, refused, time.monotonic() - begin)


def _is_whole(head: bytes, rest: bytes | bytearray) -> bool:
    """An answer's length is told, or it ends with its last chunk."""
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(rest) >= int(line.split(b":")[1])
    return rest.endswith(b"0" + END)
