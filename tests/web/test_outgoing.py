"""Fetching from outside: into our own network it leads nowhere, and nothing comes back but a short, quick answer."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import certificates
from web import outgoing
from web.outgoing import Forbidden, Unreachable, Way

HOST = "sns.example.test"


class Answers(http.server.BaseHTTPRequestHandler):
    """/ok, /moved, /long, /slow; anything else is 404."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.send_response({"/ok": 200, "/moved": 302, "/long": 200, "/slow": 200}.get(path, 404))
        if path == "/moved":
            self.send_header("Location", "/ok")
        self.end_headers()
        try:
            self.wfile.write(f"{self.path} for {self.headers['Host']}".encode())
            if path == "/long":
                self.wfile.write(b"x" * 100_000)
            for _ in range(200 if path == "/slow" else 0):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return  # the client had enough

    def log_message(self, *args: object) -> None:
        """Quiet."""


class Server(http.server.ThreadingHTTPServer):
    """Says nothing of clients that hang up, as half of these do."""

    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own, and a server's certificate by it."""
    folder = tmp_path_factory.mktemp("tls")
    begins = datetime.now(UTC) - timedelta(days=1)
    authority = certificates.certificate("Our own authority", certificates.rsa_key(), begins=begins)
    key = certificates.rsa_key(2)
    server = certificates.certificate(HOST, key, begins=begins, issuer=authority, issuer_key=certificates.rsa_key())
    (folder / "ca.pem").write_text(certificates.pem(authority))
    (folder / "server.pem").write_text(certificates.key_pem(key) + certificates.pem(server))
    return folder


@pytest.fixture
def way(made: Path) -> Iterator[Way]:
    """To a server of our own on loopback, whatever the name; its authority is trusted."""
    server = Server(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    yield Way(
        resolve=lambda host, asked: [(socket.AF_INET, ("127.0.0.1", port))],
        permits=lambda address: True,
        context=ssl.create_default_context(cafile=str(made / "ca.pem")),
    )
    server.shutdown()
    server.server_close()


def test_an_answer_comes_back(way: Way) -> None:
    answer = outgoing.fetch(f"https://{HOST}/ok?a=1&b=2", way=way)
    assert (answer.status, answer.body.decode()) == (200, f"/ok?a=1&b=2 for {HOST}")


def test_a_redirect_is_an_answer_that_nobody_follows(way: Way) -> None:
    assert outgoing.fetch(f"https://{HOST}/moved", way=way).status == 302


def test_a_long_answer_is_refused(way: Way) -> None:
    with pytest.raises(Unreachable, match="longer than 65536 bytes"):
        outgoing.fetch(f"https://{HOST}/long", way=way)


def test_a_slow_drip_ends_with_the_time_of_all_together(way: Way) -> None:
    """Each byte comes in time; all of them together, in ten seconds, do not."""
    with pytest.raises(Unreachable, match=r"no answer within 0\.5 s"):
        outgoing.fetch(f"https://{HOST}/slow", seconds=0.5, way=way)


def test_the_certificate_must_be_that_of_the_name(way: Way) -> None:
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        outgoing.fetch("https://other.example.test/ok", way=way)


def test_an_authority_that_is_not_trusted(way: Way) -> None:
    unknown = Way(resolve=way.resolve, permits=way.permits)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        outgoing.fetch(f"https://{HOST}/ok", way=unknown)


PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_no_public_network_are_never_dialled(address: str, way: Way) -> None:
    inward = Way(resolve=lambda host, port: [(socket.AF_INET, (address, port))], context=way.context)
    with pytest.raises(Forbidden, match="not an address of the public internet"):
        outgoing.fetch(f"https://{HOST}/ok", way=inward)


@pytest.mark.parametrize("address", ["52.94.5.1", "2600:1f00::1", "::ffff:52.94.5.1", "64:ff9b::345e:501"])
def test_public_addresses(address: str) -> None:
    assert outgoing.is_public(address)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    both = Way(resolve=lambda host, port: [(socket.AF_INET, (ip, port)) for ip in ("52.94.5.1", "10.0.0.1")])
    with pytest.raises(Forbidden, match=r"leads to 10\.0\.0\.1"):
        outgoing.fetch(f"https://{HOST}/ok", way=both)


def test_the_name_is_resolved_once(way: Way) -> None:
    """A name server that answers differently the second time is not asked a second time."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Any:
        asked.append(host)
        return way.resolve(host, port)

    outgoing.fetch(f"https://{HOST}/ok", way=Way(resolve=resolve, permits=way.permits, context=way.context))
    assert asked == [HOST]


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/ok",
        f"ftp://{HOST}/ok",
        "https:///ok",
        f"https://user@{HOST}/ok",
        f"https://user:pw@{HOST}/ok",
        "https://snß.example.test/ok",
        "//sns.example.test/ok",
    ],
)
def test_only_plain_https_addresses(url: str) -> None:
    with pytest.raises(Forbidden):
        outgoing.fetch(url)


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listening
        port = taken.getsockname()[1]
        nobody = Way(resolve=lambda *_: [(socket.AF_INET, ("127.0.0.1", port))], permits=lambda address: True)
        with pytest.raises(Unreachable, match="ConnectionRefused"):
            outgoing.fetch(f"https://{HOST}/ok", way=nobody)
    with pytest.raises(Unreachable, match="has no address"):
        outgoing.fetch(f"https://{HOST}/ok", way=Way(resolve=lambda *_: []))
