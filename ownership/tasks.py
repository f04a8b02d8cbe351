"""Background work of the ownership room; the scheduler sweeps."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from ownership import handing_over


@shared_task(name="ownership.expire_handovers")
def expire_handovers() -> int:
    """Note down which proposals are past their time; returns how many."""
    return handing_over.expire(timezone.now())
