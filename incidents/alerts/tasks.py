"""Background work of the alerts wing; the scheduler sweeps, hooks ring for it."""

from __future__ import annotations

import time
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from incidents.alerts import certifying, confirming, counting, digest, settling, silence, trimming

LONGEST = 30.0  # seconds; then the next sweep goes on
# After a batch of FEW or less, what comes is let gather: a batch costs some twenty statements however small it is, and
# the hooks need the cores.
FEW, GATHER = 100, 0.1  # deliveries, seconds


@shared_task(name="incidents.alerts.digest")
def digest_waiting() -> int:
    """Digest until nothing waits, within LONGEST seconds; returns how many deliveries it claimed.

    Who finds another worker at it leaves the rest to that one, which therefore looks once more after its turn.
    """
    until, total = time.monotonic() + LONGEST, 0
    while time.monotonic() < until:
        claimed = digest.batch(now=timezone.now())
        total += claimed or 0
        if claimed is None or (not claimed and digest.waiting_since() is None):
            break
        if claimed <= FEW:
            time.sleep(_until_gathered(digest.waiting_since(), now=timezone.now()))
    return total


def _until_gathered(since: datetime | None, *, now: datetime) -> float:
    """Seconds until what waits since then has waited for GATHER."""
    waited = (now - since).total_seconds() if since else 0.0
    return max(0.0, GATHER - max(waited, 0.0))


@shared_task(name="incidents.alerts.settle")
def settle_quiet() -> int:
    """Resolve incidents that are over; returns how many."""
    return settling.settle(now=timezone.now())


@shared_task(name="incidents.alerts.forget")
def forget_held() -> int:
    """Drop resolves whose firing never came; returns how many."""
    return settling.forget_held(now=timezone.now())


@shared_task(name="incidents.alerts.certify")
def fetch_certificates() -> int:
    """Fetch the certificates of Amazon SNS that held deliveries wait for; returns how many were tried."""
    return certifying.drain(now=timezone.now())


@shared_task(name="incidents.alerts.confirm")
def confirm_subscriptions() -> int:
    """Confirm what may be confirmed of Amazon SNS; returns how many were tried."""
    return confirming.drain(now=timezone.now())


@shared_task(name="incidents.alerts.trim")
def trim_bodies() -> int:
    """Let go of bodies that are old enough, within LONGEST seconds; returns how many."""
    until, total = time.monotonic() + LONGEST, 0
    while time.monotonic() < until and (gone := trimming.batch(now=timezone.now())):
        total += gone
    return total


@shared_task(name="incidents.alerts.tally")
def tally_hours() -> int:
    """Count the deliveries of the latest hours; returns how many rows it wrote."""
    return counting.tally(now=timezone.now())


@shared_task(name="incidents.alerts.silence")
def tell_of_silence() -> int:
    """Tell of sources that fell silent; returns how many."""
    return silence.tell(now=timezone.now())
