"""Whatever kills a process, nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# A parent with one child that has a child of its own.
PARENT = """
import os, signal, subprocess, sys, time
from pathlib import Path
from config.lifeline import Guard, die_with_parent
guard = Guard()
mode, folder = sys.argv[1], Path(sys.argv[2])
child = subprocess.Popen(
    ["/bin/sh", "-c", "/bin/sleep 300 & echo $! > grandchild; wait"],
    cwd=folder,
    start_new_session=True,
    preexec_fn=die_with_parent(signal.SIGTERM) if mode != "guard only" else None,
)
if mode != "kernel only":
    guard.watch(child.pid)
guard.remove(folder / "rubbish")
(folder / "child").write_text(str(child.pid))
(folder / "guard").write_text(str(guard._process.pid))
time.sleep(300)
"""


def _soon(what: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return what()


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and ") Z" in state.read_text()


def _start(mode: str, folder: Path) -> subprocess.Popen[bytes]:
    (folder / "rubbish").mkdir()
    process = subprocess.Popen([sys.executable, "-c", PARENT, mode, str(folder)], cwd=ROOT)
    assert _soon(lambda: (folder / "guard").exists() and (folder / "grandchild").exists())
    assert _soon(lambda: (folder / "grandchild").read_text().strip() != "")
    return process


def _pid(folder: Path, name: str) -> int:
    return int((folder / name).read_text())


@pytest.mark.parametrize("mode", ["both", "guard only"])
def test_kill_9_takes_the_whole_family_along(tmp_path: Path, mode: str) -> None:
    parent = _start(mode, tmp_path)
    parent.kill()
    parent.wait()
    assert _soon(lambda: _gone(_pid(tmp_path, "child")))
    assert _soon(lambda: _gone(_pid(tmp_path, "grandchild")), 20)
    assert _soon(lambda: _gone(_pid(tmp_path, "guard")))
    assert not (tmp_path / "rubbish").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's own")
def test_the_kernel_tells_the_child_when_the_guard_is_killed_too(tmp_path: Path) -> None:
    parent = _start("kernel only", tmp_path)
    os.kill(_pid(tmp_path, "guard"), signal.SIGKILL)
    parent.kill()
    parent.wait()
    assert _soon(lambda: _gone(_pid(tmp_path, "child")))
    os.kill(_pid(tmp_path, "grandchild"), signal.SIGKILL)  # what only the guard would have found


def test_the_guard_outlives_the_terminals_signals(tmp_path: Path) -> None:
    parent = _start("both", tmp_path)
    guard = _pid(tmp_path, "guard")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(guard, number)
    time.sleep(0.2)
    assert not _gone(guard)
    assert os.getsid(guard) == guard
    parent.kill()
    parent.wait()
    assert _soon(lambda: _gone(guard), 20)
