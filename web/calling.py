"""POSTing to an address that somebody gave us, with the same care as fetching (see `outgoing`).

The name is resolved here and the connection goes to the address that was checked. No redirects, no proxy; one limit on
the time of all of it, one on how much of the answer is read. Plain http is spoken only inside networks that the
operator allows, for there is no way to know who listens on the public internet.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from web import outgoing
from web.outgoing import Address, Answer, Deadline, Forbidden, Unreachable, Way

MAX_BYTES = 4 * 1024
PORTS = {"https": 443, "http": 80}


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float = outgoing.SECONDS,
    max_bytes: int = MAX_BYTES,
    way: Way | None = None,
) -> Answer:
    """The status and the first `max_bytes` of the answer, whatever it says.

    Forbidden for an address that nothing is sent to, Unreachable for all that may pass.
    """
    host, port, path, is_tls = _parts(url)
    way = way or Way(permits=outgoing.is_allowed)
    with Deadline(seconds) as deadline:
        try:
            address = outgoing.chosen(host, port, way)
            if not is_tls and outgoing.is_public(str(address[1][0])):
                raise Forbidden("plain http goes only to networks that OUTGOING_NETWORKS allows; use https")
            connection = _Plain(host, port, address, deadline)
            if is_tls:
                connection = _Sealed(host, port, address, deadline, way)
            connection.request("POST", path, body=body, headers=dict(headers))
            response = connection.getresponse()
            answer = Answer(response.status, response.read(max_bytes))
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            late = f"no answer within {seconds:g} s" if deadline.is_over else f"{type(error).__name__}: {error}"
            raise Unreachable(f"{host}: {late}") from error
        if deadline.is_over:
            raise Unreachable(f"{host}: no answer within {seconds:g} s")
    return answer


def require_sendable(url: str) -> None:
    """Forbidden, in words, for what can never be an address to send to; no name is looked up here."""
    _parts(url)


def _parts(url: str) -> tuple[str, int, str, bool]:
    """(host, port, path, whether it is https) of an address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Forbidden("this is no address") from error
    if parts.scheme not in PORTS or not host or not url.isascii() or any(one.isspace() for one in url):
        raise Forbidden("give a whole address, such as https://example.org/hook")
    if parts.username is not None or parts.fragment:
        raise Forbidden("give an address without a user or a fragment")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host, port or PORTS[parts.scheme], path, parts.scheme == "https"


class _Plain(http.client.HTTPConnection):
    """Connects to one checked address."""

    def __init__(self, host: str, port: int, address: Address, deadline: Deadline) -> None:
        super().__init__(host, port, timeout=deadline.seconds)
        self._address, self._deadline = address, deadline

    def connect(self) -> None:
        """No look-up of the name here."""
        family, sockaddr = self._address
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self._deadline.watch(self.sock)
        self.sock.settimeout(self.timeout)
        self.sock.connect(sockaddr)


class _Sealed(_Plain):
    """The same under TLS; the certificate must be that of the name."""

    def __init__(self, host: str, port: int, address: Address, deadline: Deadline, way: Way) -> None:
        super().__init__(host, port, address, deadline)
        self._context = way.context

    def connect(self) -> None:
        """The checked address first, then the name's certificate."""
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        self._deadline.watch(self.sock)
