from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.errors import CannotStart
from config.lifeline import Guard
from config.supervisor import children, console
from config.supervisor.children import Child, Patience
from config.supervisor.logs import KEPT, Logs


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    yield guard
    guard.dismiss()


@pytest.fixture
def make(tmp_path: Path, guard: Guard) -> Iterator[Callable[[str], Child]]:
    made: list[Child] = []

    def child(code: str) -> Child:
        new = Child(
            name="worker",
            command=[sys.executable, "-c", code],
            environment={},
            folder=tmp_path,
            log=tmp_path / "worker.log",
        )
        made.append(new)
        return new

    yield child
    children.end_all(made, guard, hurry=lambda: True)


def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_patience_grows_and_ends() -> None:
    patience = Patience()
    assert [patience.pause(0.1) for _ in range(6)] == [1, 2, 4, 8, 15, None]


def test_who_lived_long_is_forgiven() -> None:
    patience = Patience()
    for _ in range(4):
        patience.pause(0.1)
    assert patience.pause(3600) == 1


def test_a_child_that_dies_is_started_again(
    make: Callable[[str], Child], guard: Guard, capsys: pytest.CaptureFixture[str]
) -> None:
    child = make("import time; time.sleep(60)")
    child.start(guard)
    assert child.process is not None
    child.process.kill()
    _until(lambda: not child.lives)
    child.tend(guard)
    assert child.process is None
    assert "the worker ended (SIGKILL), starts again in 1 s" in capsys.readouterr().err
    child.again_at = 0
    child.tend(guard)
    assert child.lives


def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(
    make: Callable[[str], Child], guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LONGEST_WAIT_SECONDS", 0.0)
    child = make("raise SystemExit('the queue is on fire')")

    def tend_for_ever() -> None:
        for _ in range(2000):
            child.tend(guard)
            time.sleep(0.01)

    with pytest.raises(CannotStart, match="the worker keeps ending; its last words: the queue is on fire"):
        tend_for_ever()


def test_ending_sends_one_signal_and_waits(make: Callable[[str], Child], guard: Guard, tmp_path: Path) -> None:
    child = make(
        "import signal, sys, time\n"
        "def end(number, frame):\n"
        "    print('told', number, flush=True); time.sleep(0.5); print('done', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True)\n"
        "time.sleep(60)"
    )
    child.start(guard)
    _until(lambda: "up" in child.log.read_text())
    children.end_all([child], guard)
    assert child.log.read_text().split("\n") == ["up", f"told {int(signal.SIGTERM)}", "done", ""]


def test_who_does_not_listen_is_killed_with_all_its_own(
    make: Callable[[str], Child], guard: Guard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(children, "GRACE_SECONDS", 0.3)
    child = make(
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(os.fork(), flush=True)\n"
        "time.sleep(60)"
    )
    child.start(guard)
    _until(lambda: child.log.read_text().count("\n") == 2)
    children.end_all([child], guard)
    assert child.process is None
    assert "is killed" in capsys.readouterr().err
    grandchild = max(int(line) for line in child.log.read_text().split())
    _until(lambda: _is_gone(grandchild))


def _is_gone(pid: int) -> bool:
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def test_last_words_are_the_last_line_since_the_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    begin = log.stat().st_size
    assert console.last_words(log, begin=begin) == "nothing"
    with log.open("a") as file:
        file.write("Traceback\n  ...\nValueError: no\n\n")
    assert console.last_words(log, begin=begin) == "ValueError: no"
    assert console.last_words(tmp_path / "none") == "nothing"


def test_a_large_log_moves_on_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.supervisor.logs.LARGEST_BYTES", 10)
    logs = Logs(tmp_path / "log")
    with logs.path("web").open("ab", buffering=0) as writer:
        for turn in range(KEPT + 2):
            writer.write(b"line of turn %d\n" % turn)
            logs.trim()
        writer.write(b"end\n")
    assert logs.path("web").read_text() == "end\n"
    kept = sorted(path.name for path in logs.folder.glob("web.log.*"))
    assert kept == [f"web.log.{number}" for number in range(1, KEPT + 1)]
    assert (logs.folder / "web.log.1").read_text() == f"line of turn {KEPT + 1}\n"
