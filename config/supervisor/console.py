"""What the person at the terminal reads: Seamline's own lines, nothing of its children's."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path


def say(line: str = "") -> None:
    """Print one line at once; a terminal that went away is no reason to fail."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def warn(line: str) -> None:
    """Print one line to standard error."""
    with contextlib.suppress(OSError):
        print(f"seamline: {line}", file=sys.stderr, flush=True)


def last_words(log: Path, *, begin: int = 0, limit: int = 300) -> str:
    """The last line that a child wrote into its log since `begin` (bytes), shortened."""
    try:
        with log.open("rb") as file:
            file.seek(begin)
            lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1][:limit] if lines else "nothing"
