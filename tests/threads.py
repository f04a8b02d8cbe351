"""Several at once, each with a database connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from django.db import connection, connections

PATIENCE = 60  # seconds until a test gives up waiting for the other connection


def together(*jobs: Callable[[], object]) -> None:
    """Run each job in a thread with a connection of its own, all let go at once; the first failure is raised."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        try:
            barrier.wait()
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        begun = [pool.submit(run, job) for job in jobs]
    for one in begun:
        one.result()


class Other:
    """An act on a connection of its own; what it answered or raised."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._pool = ThreadPoolExecutor(1)
        self._ended: Future[object] = Future()

    def start(self) -> None:
        """Let it go."""
        self._ended = self._pool.submit(self._run)
        self._pool.shutdown(wait=False)

    def join(self, seconds: float = PATIENCE) -> None:
        """Wait until it has ended, so long at most."""
        wait([self._ended], seconds)

    def is_alive(self) -> bool:
        """True until it has ended."""
        return not self._ended.done()

    @property
    def answered(self) -> object:
        """What it answered; None when it raised."""
        return None if self.raised else self._ended.result()

    @property
    def raised(self) -> BaseException | None:
        """What it raised; None while it goes on."""
        return self._ended.exception() if self._ended.done() else None

    def _run(self) -> object:
        try:
            return self._act()
        finally:
            connections.close_all()

    def waits_for_us(self) -> bool:
        """True once it waits for what our transaction holds, False when it ended without."""
        ours = (
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        until = time.monotonic() + PATIENCE
        while self.is_alive() and time.monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute(ours)
                if cursor.fetchone() == (True,):
                    return True
        return False
