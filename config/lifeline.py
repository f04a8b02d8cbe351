"""No orphans: whatever kills this process, its children end too.

Two lifelines, because each has a hole. The kernel's parent-death signal (Linux) reaches direct children only; the
guard, a tiny process that reads a pipe, ends whole process groups, but could itself be killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int) -> Callable[[], None] | None:
    """A `preexec_fn` by which the kernel sends this signal when the parent dies; None where there is no such thing.

    To be used from the main thread: the kernel watches the thread that forked. A change of user clears it, so it must
    run after that, which subprocess does.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os.kill(os.getpid(), number)

    return ask


def _turn_deaf() -> None:
    """The guard ignores these from its first moment on: what is ignored stays so across exec."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


class Guard:
    """Our end of the pipe. The guard acts when the pipe closes, which the kernel does for us whatever happens."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("guard.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            preexec_fn=_turn_deaf,  # noqa: PLW1509 -- it only calls signal()
        )

    @property
    def alive(self) -> bool:
        """Whether the guard still stands."""
        return self._process.poll() is None

    def watch(self, pid: int, number: int = signal.SIGTERM) -> None:
        """End this process group with that signal, then SIGKILL, should we die."""
        self._say({"watch": pid, "signal": int(number)})

    def forget(self, pid: int) -> None:
        """The group has ended."""
        self._say({"forget": pid})

    def remove(self, folder: Path) -> None:
        """Delete this folder at the end, whether we die or dismiss."""
        self._say({"remove": str(folder)})

    def dismiss(self) -> None:
        """A clean end: the guard does what is left to do (folders, forgotten groups) and goes."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _say(self, order: dict[str, object]) -> None:
        if self._process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):  # killed: the supervisor sees it in `alive` and makes a new one
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
