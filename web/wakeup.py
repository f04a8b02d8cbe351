"""Wake the worker without a broker message per request.

Rows in the database are the truth and the scheduler sweeps them every two seconds; this only shortens the wait. One
thread a process sends at most one message each INTERVAL seconds, and a dead broker costs nothing but that wait.
"""

from __future__ import annotations

import logging
import threading
import time

from celery import current_app

INTERVAL = 0.2
_log = logging.getLogger("seamline.wakeup")


class Bell:
    """Rings one task, coalescing all rings that come while it sleeps."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._rung = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Ask for a run of the task soon; returns at once and never raises."""
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._send_forever, name=f"bell {self._task}", daemon=True)
                    self._thread.start()
        self._rung.set()

    def _send_forever(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            try:
                current_app.send_task(self._task, expires=10, retry=False)
            except Exception as error:  # noqa: BLE001 -- the sweep will come; who rang was answered long ago
                _log.warning("broker away, the sweep will do it", extra={"error": f"{type(error).__name__}: {error}"})
            time.sleep(INTERVAL)
