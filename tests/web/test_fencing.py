"""Where a library may connect to: looked at when it connects, whatever way it took."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
import requests

from tests.ownership.endpoint import Endpoint, endpoint
from web import outgoing
from web.fencing import Fence, Fenced

LOOPBACK = [ip_network("127.0.0.0/8")]


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint() as opened:
        yield opened


def url(server: Endpoint, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.port}/x"


def test_private_addresses_are_refused_by_number_and_by_name(server: Endpoint) -> None:
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"):
        with Fence(seconds=5) as fence, pytest.raises(requests.ConnectionError):
            requests.get(url(server, host), timeout=5)
        assert fence.refused, host
    assert server.posts == []


def test_what_the_operator_allows_is_called(server: Endpoint, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = LOOPBACK
    assert outgoing.is_allowed("127.0.0.1")
    assert outgoing.is_allowed("::ffff:127.0.0.1")
    assert not outgoing.is_allowed("10.0.0.1")
    with Fence(seconds=5) as fence:
        assert requests.get(url(server), timeout=5).status_code == 200
    assert fence.refused == ""


def test_a_name_that_answers_otherwise_the_second_time_leads_nowhere_else(
    server: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was looked up before: the address that is connected to is the one that is looked at."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kw: [(2, 1, 6, "", ("127.0.0.1", server.port))])
    with Fence(seconds=5) as fence, pytest.raises(requests.ConnectionError):
        requests.get("http://hooks.example.org/x", timeout=5)
    assert fence.refused == "127.0.0.1"
    assert server.posts == []


def test_a_redirect_to_a_private_address_is_not_followed(server: Endpoint) -> None:
    """Here 127.0.0.1 counts as public and 127.0.0.2 does not."""
    server.status, server.headers = 302, {"Location": url(server, "127.0.0.2")}
    with Fence(seconds=5, permits=lambda ip: ip == "127.0.0.1") as fence, pytest.raises(requests.ConnectionError):
        requests.get(url(server), timeout=5)
    assert fence.refused == "127.0.0.2"
    assert len(server.posts) == 1


def test_a_slow_drip_ends_with_the_time(server: Endpoint, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = LOOPBACK
    server.drips = True
    with Fence(seconds=0.3) as fence:
        answer = requests.get(url(server), timeout=60)
        assert len(answer.content) > 0  # it would never end by itself
    assert fence.is_over


def test_after_the_time_nothing_new_is_opened(server: Endpoint, settings: Any) -> None:
    settings.OUTGOING_NETWORKS = LOOPBACK
    with Fence(seconds=0.01) as fence:
        threading.Event().wait(0.1)
        with pytest.raises(requests.ConnectionError):
            requests.get(url(server), timeout=5)
    assert fence.is_over
    assert server.posts == []


def test_local_sockets_datagrams_names_and_programs_are_refused() -> None:
    with Fence(seconds=5):
        with socket.socket(socket.AF_UNIX) as local, pytest.raises(Fenced):
            local.connect("/tmp/none")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, pytest.raises(Fenced):
            datagrams.sendto(b"x", ("127.0.0.1", 9))
        with socket.socket() as named, pytest.raises(Fenced):
            named.connect(("localhost", 9))
        with pytest.raises(Fenced):
            subprocess.run([sys.executable, "-c", ""], check=True)


def test_outside_of_the_fence_and_in_other_threads_nothing_changes(server: Endpoint) -> None:
    seen: list[int] = []
    with Fence(seconds=5):
        other = threading.Thread(target=lambda: seen.append(requests.get(url(server), timeout=5).status_code))
        other.start()
        other.join()
    seen.append(requests.get(url(server), timeout=5).status_code)
    assert seen == [200, 200]
