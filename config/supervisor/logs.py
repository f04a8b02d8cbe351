"""The children's logs: one file each in var/log, kept within bounds while they write."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

LARGEST_BYTES = 20 * 1024 * 1024
KEPT = 3


class Logs:
    """The folder of logs. Children append, so a file can be copied away and emptied under them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)

    def path(self, name: str) -> Path:
        """The log of one child."""
        return self.folder / f"{name}.log"

    def trim(self) -> None:
        """Move on each log that has grown too large: web.log becomes web.log.1, and so on."""
        for log in self.folder.glob("*.log"):
            with contextlib.suppress(OSError):
                if log.stat().st_size > LARGEST_BYTES:
                    _shift(log)


def _shift(log: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    with log.open("r+b") as file:
        file.truncate(0)
