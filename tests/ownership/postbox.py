"""A real SMTP server on loopback that keeps what it is sent, and can be told to refuse; standard library only."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.policy import default


class _Session(socketserver.StreamRequestHandler):
    """One conversation: EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT."""

    server: Postbox

    def handle(self) -> None:
        self.server.connections += 1
        self._say("220 sink")
        to: list[str] = []
        for raw in self.rfile:
            line = raw.decode().strip()
            verb = line.upper()
            if verb.startswith("RCPT TO:"):
                address = line[8:].strip().strip("<>")
                if address in self.server.unknown:
                    self._say("550 5.1.1 no such mailbox")
                    continue
                to.append(address)
            elif verb.startswith("DATA"):
                self._say("354 go on")
                self.server.take(to, self._body())
                to = []
            elif verb.startswith("QUIT"):
                self._say("221 bye")
                return
            self._say("250 ok")

    def _body(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Postbox(socketserver.ThreadingTCPServer):
    """What arrived, as (recipient, message); addresses in `unknown` are refused."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[tuple[str, Message]] = []
        self.unknown: set[str] = set()
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def take(self, to: list[str], body: bytes) -> None:
        message = email.message_from_bytes(body, policy=default)
        self.mails += [(address, message) for address in to]

    def to(self, address: str) -> list[Message]:
        return [message for recipient, message in self.mails if recipient == address]


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A server that listens until the end of the block."""
    with Postbox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
