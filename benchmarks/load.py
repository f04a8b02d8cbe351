"""The client: some keep-alive connections, each posting the next body as soon as the last was answered.

It speaks HTTP over bare sockets, because on a machine of two cores a comfortable client takes the server's time.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


def post_for(seconds: float, *, port: int, path: str, bodies: Callable[[int], Iterator[bytes]], good: int) -> Rate:
    """Post for some seconds; `bodies` makes a stream for each connection, `good` is the status that counts."""
    answers: list[tuple[int, int]] = []
    begin = time.monotonic()
    until = begin + seconds

    def run(number: int) -> None:
        answers.append(_connection(port, path, bodies(number), good, until))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.monotonic() - begin
    return Rate(sum(one[0] for one in answers), sum(one[1] for one in answers), taken)


def _connection(port: int, path: str, bodies: Iterator[bytes], good: int, until: float) -> tuple[int, int]:
    accepted = refused = 0
    wanted = b"HTTP/1.1 %d " % good
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: "
    with socket.create_connection(("127.0.0.1", port), timeout=30) as server:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < until:
            body = next(bodies)
            server.sendall(head.encode() + str(len(body)).encode() + END + body)
            if _answer(server).startswith(wanted):
                accepted += 1
            else:
                refused += 1
    return accepted, refused


def _answer(server: socket.socket) -> bytes:
    """One whole answer, whose length is told or ends with its last chunk."""
    read = b""
    while END not in read:
        read += _more(server)
    head, _, rest = read.partition(END)
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), None
    )
    while len(rest) < length if length is not None else not rest.endswith(b"0" + END):
        rest += _more(server)
    return head


def _more(server: socket.socket) -> bytes:
    part = server.recv(65_536)
    if not part:
        raise ConnectionError("the server hung up")
    return part
