from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.embedded.errors import CannotStart
from config.supervisor import alone


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    first = alone.lock(tmp_path)
    alone.note(first, "http://localhost:8000, process 7")
    with pytest.raises(CannotStart, match="already running here: http://localhost:8000, process 7"):
        alone.lock(tmp_path)
    os.close(first)
    os.close(alone.lock(tmp_path))


def test_a_port_in_use_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"port {port} is in use") as caught:
            alone.free_port("127.0.0.1", port)
    assert "\n" not in str(caught.value)
    alone.free_port("127.0.0.1", port)


def test_a_listener_that_would_share_the_port_is_seen_too() -> None:
    with socket.socket() as sharing:
        sharing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sharing.bind(("0.0.0.0", 0))
        sharing.listen()
        with pytest.raises(CannotStart, match="in use"):
            alone.free_port("127.0.0.1", sharing.getsockname()[1])


def test_connections_that_linger_do_no_harm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()  # the server's side closes first: TIME_WAIT stays with the port
    alone.free_port("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port", "words"), [("127.0.0.1", 0, "between"), ("127.0.0.1", 70_000, "between")])
def test_a_port_that_is_none(host: str, port: int, words: str) -> None:
    with pytest.raises(CannotStart, match=words):
        alone.free_port(host, port)


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1"])
def test_a_host_that_is_not_this_machine(host: str) -> None:
    with pytest.raises(CannotStart, match=host):
        alone.free_port(host, 8000)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_an_earlier_run_left_is_ended_and_nothing_else(tmp_path: Path) -> None:
    ours = subprocess.Popen(["/bin/sleep", "60"], env={alone.MARK: str(tmp_path)})
    others = subprocess.Popen(["/bin/sleep", "60"], env={alone.MARK: f"{tmp_path}-other"})
    try:
        time.sleep(0.2)  # until exec
        assert alone.end_orphans(tmp_path) == 1
        assert ours.wait(5) == -9
        assert others.poll() is None
        assert alone.end_orphans(tmp_path) == 0
    finally:
        ours.kill()
        others.kill()
        others.wait()


def test_files_of_another_user_are_told_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "web.log").touch()
    alone.own_files(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(CannotStart, match="chown"):
        alone.own_files(tmp_path)
