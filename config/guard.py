"""The guard: waits for its pipe to close, then ends every process group it was told of. Standard library only.

Run as a script by config.lifeline, in a session of its own and deaf to the terminal's signals, so that it outlives the
process that it guards.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 12.0


def main() -> None:
    """Read orders until the end of the pipe, then act."""
    watched: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "watch" in order:
            watched[order["watch"]] = order["signal"]
        elif "forget" in order:
            watched.pop(order["forget"], None)
        elif "remove" in order:
            folders.append(order["remove"])
    end(watched)
    for folder in folders:
        for _ in range(20):  # PostgreSQL's last processes may still be writing
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):  # noqa: PTH110 -- pathlib would double this script's start
                break
            time.sleep(0.1)


def end(watched: dict[int, int]) -> None:
    """Signal each group once, wait, then kill what is left."""
    for pid, number in watched.items():
        try:
            os.kill(pid, number)  # the leader ends its own children in good order
        except OSError:  # it is gone already, its children may not be
            with contextlib.suppress(OSError):
                os.killpg(pid, number)
    deadline = time.monotonic() + GRACE_SECONDS
    left = set(watched)
    while left and time.monotonic() < deadline:
        left = {pid for pid in left if _lives(pid)}
        time.sleep(0.05)
    for pid in watched:  # who did not listen, and what the leaders left of their own children
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    main()
