"""What the supervisor decides; tests/long starts it for real."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from config.embedded.errors import CannotStart
from config.supervisor import alone, running
from config.supervisor.children import Child
from config.supervisor.running import Supervisor, Wish


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8123"),
        ("0.0.0.0", "http://localhost:8123"),
        ("::1", "http://localhost:8123"),
        ("192.0.2.7", "http://192.0.2.7:8123"),
        ("2001:db8::7", "http://[2001:db8::7]:8123"),
    ],
)
def test_the_url_is_one_that_a_browser_can_open(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    monkeypatch.delenv("BASE_URL", raising=False)
    assert Wish(host=host, port=8123, demo=False).url == url


def test_the_url_is_base_url_where_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "https://seamline.example.org/")
    assert Wish(host="127.0.0.1", port=8000, demo=False).url == "https://seamline.example.org"


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.delenv("BASE_URL", raising=False)
    return Supervisor(Wish(host="127.0.0.1", port=8123, demo=False))


def test_each_child_knows_what_it_is_and_whose(supervisor: Supervisor) -> None:
    environment = supervisor._environment("web")
    assert environment["SEAMLINE_PROCESS"] == "web"
    assert environment["BASE_URL"] == "http://localhost:8123"
    assert environment[alone.MARK] == environment["SEAMLINE_VAR"] == str(supervisor._var)
    names = [name for name, _ in supervisor._commands()]
    assert names == ["web", "worker", "scheduler"]


def test_the_password_is_told_once(supervisor: Supervisor, capsys: pytest.CaptureFixture[str]) -> None:
    supervisor._admin = ("admin@localhost", "one-time")
    supervisor._tell_password()
    supervisor._tell_password()
    said = capsys.readouterr().out
    assert said.count("one-time password one-time") == 1


def test_the_first_ctrl_c_stops_and_the_second_hurries(supervisor: Supervisor) -> None:
    with pytest.raises(running.Stop):
        supervisor._asked_to_stop(2, None)
    assert not supervisor._hurry
    supervisor._asked_to_stop(2, None)
    assert supervisor._hurry


class _Answers(http.server.BaseHTTPRequestHandler):
    status = 200
    hosts: list[str] = []

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[http.server.HTTPServer]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_up_means_that_healthz_answers_under_the_public_name(
    monkeypatch: pytest.MonkeyPatch, web: http.server.HTTPServer
) -> None:
    monkeypatch.setenv("BASE_URL", "https://seamline.example.org")  # the only host that ALLOWED_HOSTS may hold
    supervisor = Supervisor(Wish(host="0.0.0.0", port=web.server_port, demo=False))
    assert supervisor._answers()
    assert _Answers.hosts[-1] == "seamline.example.org"
    monkeypatch.setattr(_Answers, "status", 503)
    assert not supervisor._answers()
    assert not Supervisor(Wish(host="127.0.0.1", port=1, demo=False))._answers()


def test_a_web_server_that_dies_at_once_is_told_with_its_words(
    supervisor: Supervisor, tmp_path: os.PathLike[str]
) -> None:
    child = Child(name="web", command=[], environment={}, folder=tmp_path, log=tmp_path / "web.log")
    child.log.write_text("address already in use\n")
    with pytest.raises(CannotStart, match="the web server does not start: address already in use"):
        supervisor._await_answer(child)


def test_the_command_asks_for_what_the_line_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Wish] = []
    monkeypatch.setattr(Supervisor, "run", lambda self: asked.append(self._wish))
    call_command("up", "--port", "8123", "--host", "0.0.0.0", "--demo")
    assert asked == [Wish(host="0.0.0.0", port=8123, demo=True)]
