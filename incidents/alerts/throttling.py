"""How many deliveries a second a source may send: a bucket of tokens for each source, in the memory of this process.

The hook does not know whose key it was given before the database has answered. What it was told is kept here by the
key's hash, so that the limit costs no statement: the first request with a key passes, each later one meets the bucket
before the database. Several web processes have a bucket each.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from django.conf import settings

BURST_SECONDS = 60  # a full bucket holds what the limit gives in a minute


class TooOften(Exception):
    """The source sent more than its limit; `retry_after` is in whole seconds."""

    def __init__(self, source_id: int, retry_after: int) -> None:
        super().__init__(f"over its limit; try again in {retry_after} s")
        self.source_id, self.retry_after = source_id, retry_after


@dataclass
class _Bucket:
    rate: int  # tokens a second; 0: no limit
    tokens: float
    at: float


_lock = threading.Lock()
_sources: dict[str, int] = {}  # by a live key's hash
_buckets: dict[int, _Bucket] = {}


def rate_of(limit: int | None) -> int:
    """Deliveries a second under a source's own limit, or the usual one where it has none; 0 is no limit."""
    return settings.HOOK_PER_SECOND if limit is None else limit


def enter(digest: str) -> None:
    """Take a token for a request with this key; TooOften when the source has none left. Unknown keys pass."""
    with _lock:
        source_id = _sources.get(digest)
        bucket = _buckets.get(source_id) if source_id is not None else None
        if source_id is None or bucket is None or not bucket.rate:
            return
        now = time.monotonic()
        bucket.tokens = min(bucket.rate * BURST_SECONDS, bucket.tokens + (now - bucket.at) * bucket.rate)
        bucket.at = now
        if bucket.tokens < 1:
            raise TooOften(source_id, max(1, math.ceil((1 - bucket.tokens) / bucket.rate)))
        bucket.tokens -= 1


def learn(digest: str, source_id: int, limit: int | None) -> None:
    """What the database said of this key; a limit that was changed begins with a full bucket."""
    rate = rate_of(limit)
    with _lock:
        _sources[digest] = source_id
        bucket = _buckets.get(source_id)
        if bucket is None or bucket.rate != rate:
            _buckets[source_id] = _Bucket(rate, rate * BURST_SECONDS - 1, time.monotonic())


def forget(digest: str) -> None:
    """No source has this key (any more)."""
    with _lock:
        _sources.pop(digest, None)


def forget_all() -> None:
    """As after a start of the process."""
    with _lock:
        _sources.clear()
        _buckets.clear()
