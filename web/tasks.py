"""The worker's sign of life: sent by the scheduler, written by the worker, read by /readyz."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from web.models import Heartbeat


@shared_task(name="web.heartbeat")
def heartbeat() -> None:
    """Write that scheduler, broker and worker all just worked."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
