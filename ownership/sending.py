"""Sending what is due, through all channels at once: claimed, sent, and each marked as soon as it went.

A channel is claimed by one sender at a time (SKIP LOCKED, then a lease), so nothing goes out twice; a sender that dies
between a message and its mark sends that one again, when its lease is over. All mails share a lane and a connection,
every other channel has a lane of its own in a thread of its own: what is slow or broken holds up nobody else. Threads
know no database; whoever started them reads and marks.
"""

from __future__ import annotations

import queue
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from ownership import outbox, posting
from ownership.composing import Letter
from ownership.mailing import Server
from ownership.outbox import Parcel
from ownership.receivers import EMAIL

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
LANES = 12  # at the same time, all mail being one
MAIL_LANE = "mail"
GRACE = posting.SECONDS + 5  # after the time is over, for what is under way
CLAIMED = 500  # channels in one round


@dataclass(frozen=True)
class _Outcome:
    """What became of a parcel; a lane that has ended says so with None."""

    parcel: Parcel | None
    failure: str = ""


class _Sweep:
    """One sweep over what is due."""

    def __init__(self, *, now: datetime, within: float) -> None:
        self.now = now
        self.until = time.monotonic() + within
        self.outcomes: queue.Queue[_Outcome] = queue.Queue()
        self.server = Server() if settings.EMAIL_CONFIGURED else None

    @property
    def is_over(self) -> bool:
        """Nothing new is begun any more."""
        return time.monotonic() >= self.until

    def drive(self, parcels: Sequence[Parcel]) -> None:
        """Send the parcels of one lane, one after the other; runs in a thread."""
        try:
            for parcel in parcels:
                if self.is_over:
                    break
                failure = self._send(parcel)
                self.outcomes.put(_Outcome(parcel, failure))
                if failure and (parcel.kind != EMAIL or self.server is None or self.server.is_silent):
                    break  # the next of this lane would fare no better
        finally:
            self.outcomes.put(_Outcome(None))

    def _send(self, parcel: Parcel) -> str:
        letter: Letter | None = parcel.letter
        if parcel.failure or letter is None:
            return parcel.failure or "There is nothing to say."
        if parcel.kind == EMAIL:
            return self.server.send(letter, to=parcel.url) if self.server else NO_SERVER
        return posting.post(parcel.kind, parcel.url, title=letter.title, body=letter.body, urgent=letter.urgent)


NO_SERVER = "No mail server is set up here (EMAIL_URL)."


def send_due(*, now: datetime, within: float = 25.0) -> int:
    """Send what is due, for at most `within` seconds and what is under way then; returns how many messages went out."""
    outbox.give_up_old(now=now)
    sweep = _Sweep(now=now, within=within)
    sent = 0
    pool = ThreadPoolExecutor(max_workers=LANES, thread_name_prefix="channel")
    try:
        while not sweep.is_over:
            claimed = outbox.claim(now=now, limit=CLAIMED)
            if not claimed:
                break
            went, all_ended = _round(sweep, pool, outbox.parcels(claimed, now=now))
            sent += went
            if all_ended:
                outbox.release(claimed)
            if sweep.server is not None and sweep.server.is_silent:
                break
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if sweep.server is not None:
            sweep.server.close()
    return sent


def _round(sweep: _Sweep, pool: ThreadPoolExecutor, parcels: Sequence[Parcel]) -> tuple[int, bool]:
    """All lanes at once; what each says is marked at once. Returns how many went out, and whether all lanes ended."""
    lanes: dict[object, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        lanes[MAIL_LANE if parcel.kind == EMAIL else parcel.channel_id].append(parcel)
    for lane in lanes.values():
        pool.submit(sweep.drive, lane)
    sent, open_lanes = 0, len(lanes)
    while open_lanes:
        try:
            outcome = sweep.outcomes.get(timeout=max(0.0, sweep.until - time.monotonic()) + GRACE)
        except queue.Empty:
            break  # a name server that does not answer, at worst: the lease ends, and it is tried again
        if outcome.parcel is None:
            open_lanes -= 1
        else:
            sent += _mark(outcome.parcel, outcome.failure, now=sweep.now)
    return sent, not open_lanes


def _mark(parcel: Parcel, failure: str, *, now: datetime) -> bool:
    if not failure:
        outbox.went(parcel, now=now)
        return True
    attempts = parcel.attempts + 1
    final = parcel.is_test or attempts > len(BACK_OFF)
    outbox.failed(parcel, failure, again=None if final else now + BACK_OFF[attempts - 1], now=now)
    return False
