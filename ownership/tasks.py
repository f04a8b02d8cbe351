"""Background work of the ownership room; the scheduler sweeps."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from ownership import confirming, delivering, gathering, handing_over, sending


@shared_task(name="ownership.expire_handovers")
def expire_handovers() -> int:
    """Note down which proposals are past their time; returns how many."""
    return handing_over.expire(timezone.now())


@shared_task(name="ownership.send_notices")
def send_notices() -> int:
    """Make messages of the notices that are due, and send them; returns how many messages went out."""
    now = timezone.now()
    gathering.gather(now=now)
    return sending.send_due(now=now)


@shared_task(name="ownership.remind_owners")
def remind_owners() -> int:
    """Ask owners whose word is due or overdue; returns how many answers are due or overdue."""
    return confirming.remind_due(now=timezone.now())


@shared_task(name="ownership.send_webhooks")
def send_webhooks() -> int:
    """Send what webhooks are told; returns how many messages got through."""
    return delivering.send_due(now=timezone.now())


@shared_task(name="ownership.trim_webhooks")
def trim_webhooks() -> int:
    """Forget what was sent to webhooks long ago; returns how many messages."""
    return delivering.trim(now=timezone.now())
