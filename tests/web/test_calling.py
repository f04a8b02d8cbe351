"""Sending to an address that somebody gave us: never into our own network, never further than asked."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from tests.receiver import listening
from web import calling, outgoing

LOCAL = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture
def allowed(settings: Any) -> None:
    settings.OUTGOING_NETWORKS = LOCAL


@pytest.mark.usefixtures("allowed")
def test_it_posts_and_reads_a_little_of_the_answer() -> None:
    with listening() as receiver:
        receiver.answers, receiver.said = [418], b"x" * 10_000
        answer = calling.post(receiver.url + "?a=b", b"{}", {"Content-Type": "application/json"})
    assert (answer.status, len(answer.body)) == (418, calling.MAX_BYTES)
    assert (receiver.came[0].path, receiver.came[0].body) == ("/hook?a=b", b"{}")
    assert receiver.came[0].headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_our_own_network_is_not_reached_unless_the_operator_allows_it() -> None:
    with listening() as receiver, pytest.raises(outgoing.Forbidden, match="not an address of the public internet"):
        calling.post(receiver.url, b"", {})
    assert receiver.came == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_private_address_is_reached(scheme: str, host: str) -> None:
    with pytest.raises(outgoing.Forbidden):
        calling.post(f"{scheme}://{host}/", b"", {}, seconds=2)


def resolving_to(*answers: str) -> outgoing.Way:
    """A name server that says something else each time it is asked."""
    left = list(answers)

    def resolve(host: str, port: int) -> list[outgoing.Address]:
        return [(socket.AF_INET, (left.pop(0), port))]

    return outgoing.Way(resolve=resolve, permits=outgoing.is_allowed)


@pytest.mark.usefixtures("allowed")
def test_the_checked_address_is_the_one_connected_to() -> None:
    """A second answer of the name server, which would lead elsewhere, is never asked for."""
    with listening() as receiver:
        way = resolving_to("127.0.0.1", "10.9.9.9")
        assert calling.post(f"http://rebind.example.org:{receiver.port}/", b"", {}, way=way).status == 200
        with pytest.raises(outgoing.Forbidden):
            calling.post(f"http://rebind.example.org:{receiver.port}/", b"", {}, way=way)
    assert len(receiver.came) == 1


def test_plain_http_stays_inside_allowed_networks() -> None:
    with pytest.raises(outgoing.Forbidden, match="use https"):
        calling.post("http://example.org/", b"", {}, way=resolving_to("93.184.215.14"))


@pytest.mark.usefixtures("allowed")
def test_redirects_are_answers() -> None:
    with listening() as receiver, listening() as other:
        receiver.answers, receiver.location = [302], other.url
        assert calling.post(receiver.url, b"", {}).status == 302
    assert other.came == []


@pytest.mark.usefixtures("allowed")
def test_who_takes_the_call_and_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(outgoing.Unreachable, match=r"no answer within 0.3 s|timed out"):
            calling.post(f"http://127.0.0.1:{port}/", b"", {}, seconds=0.3)


@pytest.mark.usefixtures("allowed")
def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(outgoing.Unreachable):
        calling.post(f"http://127.0.0.1:{port}/", b"", {})


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://example.org/", "https://", "https://me:pw@example.org/", "https://x/#y", "https://a b/",
     "https://exämple.org/", "https://example.org:99999/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_it_is_kept(url: str) -> None:
    with pytest.raises(outgoing.Forbidden):
        calling.require_sendable(url)
