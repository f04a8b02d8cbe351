"""What the hook turned away, counted by source in the memory of this process: no refusal costs a statement."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Tally:
    """What one source's senders were refused since this process began to count, and the last reason."""

    since: datetime
    bad_signatures: int = 0
    too_often: int = 0
    last_at: datetime | None = None
    last_reason: str = ""


_lock = threading.Lock()
_tallies: dict[int, Tally] = {}


def bad_signature(source_id: int, reason: str, *, now: datetime) -> None:
    """One more that was not signed as it should be."""
    with _lock:
        tally = _tallies.get(source_id) or Tally(since=now)
        _tallies[source_id] = replace(tally, bad_signatures=tally.bad_signatures + 1, last_at=now, last_reason=reason)


def too_often(source_id: int, *, now: datetime) -> None:
    """One more over the limit."""
    with _lock:
        tally = _tallies.get(source_id) or Tally(since=now)
        _tallies[source_id] = replace(
            tally, too_often=tally.too_often + 1, last_at=now, last_reason="it sent more than its limit"
        )


def of(source_id: int) -> Tally | None:
    """The counts of one source; None when nothing was refused."""
    return _tallies.get(source_id)


def forget_all() -> None:
    """As after a start of the process."""
    with _lock:
        _tallies.clear()
