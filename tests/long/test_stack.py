"""Two commands on a bare machine, for real: start, stop, kill -9, start again. The tests build on each other's data."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config.embedded import address
from tests.long.stack import PASSWORD, Stack, until


def _people(stack: Stack) -> list[str]:
    place = address.place(stack.folder / "var")
    with psycopg.connect(**place.conninfo()) as connection:
        return [row[0] for row in connection.execute("SELECT email FROM ownership_person ORDER BY email").fetchall()]


def _nothing_left(stack: Stack, seconds: float = 25) -> None:
    until(lambda: not stack.family(), seconds, saying="still there")
    until(lambda: _is_free(stack.port), 3)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _report(request: pytest.FixtureRequest, words: str) -> None:
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write(f"\n  {words} ")


def test_first_start_on_a_bare_clone(stack: Stack, request: pytest.FixtureRequest) -> None:
    took = stack.start()
    _report(request, f"first start, virtual environment included: {took:.1f} s")
    said = stack.said
    assert said.count("http") == 1
    told = PASSWORD.findall(said)
    assert len(told) == 1
    email, password = told[0]
    stack.await_ready()
    assert "password" in stack.sign_in(email, password)  # they must choose their own first
    assert "login" in stack.sign_in(email, "wrong")
    assert _people(stack) == [email]

    stopping = stack.interrupt()
    _report(request, f"Ctrl-C: {stopping:.1f} s")
    assert stack.said.rstrip().endswith("stopped")
    assert "make: ***" not in stack.said
    assert "Traceback" not in stack.said
    _nothing_left(stack, 1)


def test_second_start_is_quick_and_keeps_the_data(stack: Stack, request: pytest.FixtureRequest) -> None:
    took = stack.start()
    _report(request, f"second start: {took:.1f} s")
    assert took < 20
    assert not PASSWORD.search(stack.said)
    assert len(_people(stack)) == 1
    stack.interrupt()
    _nothing_left(stack, 1)


def test_kill_9_of_the_supervisor_leaves_no_orphan(stack: Stack) -> None:
    stack.start()
    stack.await_ready()
    os.kill(stack.supervisor(), signal.SIGKILL)
    _nothing_left(stack)
    again = stack.start()
    assert again < 30
    assert len(_people(stack)) == 1
    stack.await_ready()
    stack.interrupt()
    _nothing_left(stack, 1)


def test_a_start_right_after_kill_9_of_the_supervisor_does_not_trip(stack: Stack) -> None:
    """The lifelines are still at work while the next supervisor starts."""
    stack.start()
    stack.await_ready()
    os.kill(stack.supervisor(), signal.SIGKILL)
    until(lambda: stack.has_ended, 5)
    stack.start()
    stack.await_ready()
    assert len(_people(stack)) == 1
    stack.interrupt()
    _nothing_left(stack, 1)


def test_kill_9_of_everything_loses_nothing(stack: Stack) -> None:
    stack.start()
    stack.await_ready()
    stack.kill_everything()
    _nothing_left(stack, 5)
    stack.start()
    stack.await_ready()
    assert len(_people(stack)) == 1
    stack.interrupt()
    _nothing_left(stack, 1)


def test_kill_9_of_supervisor_and_guard_at_once(stack: Stack) -> None:
    """Only the kernel's signal is left; what does not hear it is ended by the next start."""
    stack.start()
    stack.await_ready()
    guards = [pid for pid, line in stack.family().items() if "guard.py" in line]
    assert guards
    for pid in (*guards, stack.supervisor()):
        os.kill(pid, signal.SIGKILL)
    until(lambda: stack.has_ended, 5)
    time.sleep(8)
    stack.start()
    stack.await_ready()
    stack.interrupt()
    _nothing_left(stack, 1)


def test_whatever_child_is_killed_comes_back(stack: Stack) -> None:
    stack.start()
    stack.await_ready()
    for name in ("web", "worker", "scheduler", "postgres"):
        old = stack.pid_of(name)
        os.kill(old, signal.SIGKILL)

        def is_back(name: str = name, old: int = old) -> bool:
            try:
                return stack.pid_of(name) != old
            except AssertionError:
                return False

        until(is_back, 20, saying=f"{name} is not back")
        time.sleep(2)
        stack.await_ready()
    stack.interrupt()
    _nothing_left(stack, 1)


def test_a_second_supervisor_and_a_second_stack_on_the_port(stack: Stack, project: Path) -> None:
    stack.start()
    second = Stack(project)
    second.output = project.parent / "second.out"
    second.launch()
    until(lambda: second.has_ended, 30)
    assert f"seamline: already running here: {stack.url}, process {stack.supervisor()}" in second.said
    stack.await_ready()
    stack.interrupt()
    _nothing_left(stack, 1)


def _one_line(stack: Stack, words: str) -> None:
    """It ends by itself, with one line of ours (and make's own about the exit code)."""
    stack.launch()
    until(lambda: stack.has_ended, 60)
    assert stack.process is not None
    assert stack.process.returncode != 0
    lines = [line for line in stack.said.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, stack.said
    assert lines[0].startswith("seamline: ")
    assert words in lines[0]
    assert not stack.family()


def test_a_port_in_use_ends_in_one_line(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        _one_line(stack, f"port {stack.port} is in use")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/seamline", "DATABASE_URL: 127.0.0.1:1/seamline"),
        ("DATABASE_URL", "sqlite:///x", "DATABASE_URL must begin with"),
        ("CELERY_BROKER_URL", "redis://127.0.0.1:1/0", "CELERY_BROKER_URL"),
        ("BASE_URL", "localhost", "BASE_URL"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
    ],
)
def test_a_wrong_setting_ends_in_one_line(stack: Stack, name: str, value: str, words: str) -> None:
    stack.extra = {name: value}
    _one_line(stack, words)
    assert "secret" not in stack.said


def test_an_external_database_is_used_instead(stack: Stack) -> None:
    from tests.database import start_throwaway

    stack.extra = {"DATABASE_URL": start_throwaway()}
    stack.start()
    assert PASSWORD.search(stack.said)  # an empty installation: its own first admin
    stack.await_ready()
    assert not [line for line in stack.family().values() if "bin/postgres" in line]
    stack.interrupt()
    _nothing_left(stack, 1)


@pytest.mark.parametrize("moment", [0.4, 0.8, 1.3, 2.0, 3.0])
def test_ctrl_c_at_any_moment_of_the_start_is_clean(stack: Stack, moment: float) -> None:
    stack.launch()
    time.sleep(moment)
    stack.interrupt()
    if "Fatal Python error: init" not in stack.said:  # the interpreter's own first milliseconds are not ours
        assert "Traceback" not in stack.said
        assert "***" not in stack.said
    _nothing_left(stack, 5)


def test_sigterm_and_a_closed_terminal_stop_it_too(stack: Stack) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        stack.start()
        os.kill(stack.supervisor(), number)
        until(lambda: stack.has_ended, 30)
        assert stack.said.rstrip().endswith("stopped")
        _nothing_left(stack, 1)


def test_a_command_without_a_running_seamline_says_so_in_one_line(project: Path) -> None:
    done = subprocess.run(
        [project / ".venv" / "bin" / "python", "manage.py", "migrate"],
        cwd=project,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("seamline: the database does not answer; is Seamline running (make run)?")
    assert done.stderr.count("\n") == 1
