"""A child process: started in a session of its own, restarted when it dies, ended with one signal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.errors import CannotStart
from config.lifeline import Guard, die_with_parent
from config.supervisor import console

GRACE_SECONDS = 15.0
STEADY_SECONDS = 60.0  # who lived that long is forgiven its earlier deaths
LONGEST_WAIT_SECONDS = 15.0
ATTEMPTS = 6


class Patience:
    """How often something may die: a growing pause each time, until that is no use."""

    def __init__(self) -> None:
        self._deaths = 0

    def pause(self, lived: float) -> float | None:
        """Seconds to wait before the next start, after `lived` seconds of life; None to give up."""
        self._deaths = 1 if lived > STEADY_SECONDS else self._deaths + 1
        return None if self._deaths >= ATTEMPTS else min(2.0 ** (self._deaths - 1), LONGEST_WAIT_SECONDS)


@dataclass
class Child:
    """One of web, worker, scheduler."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    patience: Patience = field(default_factory=Patience)
    born: float = 0.0
    again_at: float = 0.0
    begin: int = field(default=0, repr=False)

    def start(self, guard: Guard) -> None:
        """Start it with the lifelines tied."""
        with self.log.open("ab") as log:
            self.begin = log.tell()
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- the supervisor runs no threads
            )
        guard.watch(self.process.pid)
        self.born = time.monotonic()

    @property
    def lives(self) -> bool:
        """Whether it runs right now."""
        return self.process is not None and self.process.poll() is None

    def tend(self, guard: Guard) -> None:
        """Notice a death, clear up behind it, start it again after a growing pause; give up when that is no use."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            code = self.process.returncode
            self.buried(guard)
            pause = self.patience.pause(now - self.born)
            if pause is None:
                raise CannotStart(
                    f"the {self.name} keeps ending; its last words: {console.last_words(self.log)} (see {self.log})"
                )
            self.again_at = now + pause
            console.warn(f"the {self.name} ended ({_how(code)}), starts again in {pause:.0f} s; see {self.log}")
        if self.process is None and now >= self.again_at:
            self.start(guard)

    def buried(self, guard: Guard) -> None:
        """After its end: kill what it left of its own children."""
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        guard.forget(self.process.pid)
        self.process = None


def end_all(children: Iterable[Child], guard: Guard, *, hurry: object = None) -> None:
    """One SIGTERM each, time to finish, SIGKILL for the rest. `hurry()` true cuts the waiting short."""
    living = [child for child in children if child.process is not None]
    for child in living:
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    while any(child.lives for child in living) and time.monotonic() < deadline and not (callable(hurry) and hurry()):
        time.sleep(0.05)
    for child in living:
        if child.lives:
            console.warn(f"the {child.name} did not end within {GRACE_SECONDS:.0f} s and is killed")
            if child.process is not None:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        child.buried(guard)


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
