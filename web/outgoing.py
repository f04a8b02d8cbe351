"""Fetching what stands at an address that came from outside, without being led into our own network.

The name is resolved here, every address it has must be public, and the connection goes to the very address that was
checked, so that a second answer of the name server cannot lead elsewhere. Only https, no redirects, no proxy, a limit
on size, and one on the time of all of it together, once the name is resolved.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

MAX_BYTES = 64 * 1024
SECONDS = 10.0
PORT = 443
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = tuple[int, tuple[Any, ...]]  # family, and what a socket of it connects to


class Unreachable(Exception):
    """Nobody answered as hoped; it may be otherwise in a while."""


class Forbidden(Exception):
    """An address that nothing is fetched from, now or later."""


@dataclass(frozen=True)
class Answer:
    """What came back; redirects too are answers, nobody follows them."""

    status: int
    body: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet: not private, loopback, link-local, shared, reserved, multicast.

    Of IPv6 addresses that carry an IPv4 one inside, that one counts as well.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None and not (inner.is_global and not inner.is_multicast):
            return False
        if ip.ipv4_mapped:
            return True
    return ip.is_global and not ip.is_multicast


def is_allowed(address: str) -> bool:
    """Whether it is of the public internet, or of a network that the operator allows (OUTGOING_NETWORKS)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return is_public(address) or any(ip in network for network in settings.OUTGOING_NETWORKS)


def resolved(host: str, port: int) -> list[Address]:
    """The addresses of a host; OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, sockaddr) for family, _, _, _, sockaddr in found]


@dataclass(frozen=True)
class Way:
    """How to get out; tests put their own in place of names, addresses and certificates of the internet."""

    resolve: Callable[[str, int], list[Address]] = resolved
    permits: Callable[[str], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)


def fetch(url: str, *, max_bytes: int = MAX_BYTES, seconds: float = SECONDS, way: Way | None = None) -> Answer:
    """GET it; Forbidden for an address that is not public https, Unreachable for all that may pass."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or parts.username is not None or not url.isascii():
        raise Forbidden("only plain https addresses are fetched")
    port = parts.port or PORT
    way = way or Way()
    with Deadline(seconds) as deadline:
        try:
            connection = _Connection(host, port, chosen(host, port, way), deadline, way.context)
            connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            response = connection.getresponse()
            body = response.read(max_bytes + 1)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            late = f"no answer within {seconds:g} s" if deadline.is_over else f"{type(error).__name__}: {error}"
            raise Unreachable(f"{host}: {late}") from error
        if deadline.is_over:  # a connection cut short looks like the end of a body
            raise Unreachable(f"{host}: no answer within {seconds:g} s")
    if len(body) > max_bytes:
        raise Unreachable(f"{host}: the answer is longer than {max_bytes} bytes")
    return Answer(response.status, body)


def chosen(host: str, port: int, way: Way) -> Address:
    """The first address of a host; Forbidden when any of them is not public."""
    addresses = way.resolve(host, port)
    if not addresses:
        raise Unreachable(f"{host} has no address")
    for _, sockaddr in addresses:
        if not way.permits(str(sockaddr[0])):
            raise Forbidden(f"{host} leads to {sockaddr[0]}, which is not an address of the public internet")
    return addresses[0]


class Deadline:
    """Cuts the connection when the time is over, wherever it then is: no slow drip of bytes outlasts it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def watch(self, opened: socket.socket) -> None:
        """The socket to cut."""
        self._socket = opened

    def _cut(self) -> None:
        self.is_over = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # closed already


class _Connection(http.client.HTTPSConnection):
    """Connects to one checked address; the certificate must still be that of the name."""

    def __init__(self, host: str, port: int, address: Address, deadline: Deadline, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=deadline.seconds, context=context)
        self._address, self._deadline, self._tls = address, deadline, context

    def connect(self) -> None:
        """No look-up of the name here."""
        family, sockaddr = self._address
        plain = socket.socket(family, socket.SOCK_STREAM)
        self._deadline.watch(plain)
        plain.settimeout(self.timeout)
        plain.connect(sockaddr)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        self._deadline.watch(self.sock)
