"""Background work of the response wing; the scheduler sweeps."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from incidents.response import attaching, broadcasting, escalating, reminding

LONGEST = 30.0  # seconds; then the next sweep goes on


@shared_task(name="incidents.response.escalate")
def escalate() -> int:
    """Tell whoever is next of incidents that nobody has taken; returns how many rounds it handled."""
    until, total = time.monotonic() + LONGEST, 0
    while time.monotonic() < until and (handled := escalating.sweep(now=timezone.now())):
        total += handled
    return total


@shared_task(name="incidents.response.broadcast")
def broadcast() -> int:
    """Write what webhooks are told of incidents; returns how many events."""
    until, total = time.monotonic() + LONGEST, 0
    while time.monotonic() < until and (handled := broadcasting.drain(now=timezone.now())):
        total += handled
    return total


@shared_task(name="incidents.response.remind")
def remind() -> int:
    """Remind people of incidents without an update; returns how many readers are meant."""
    return reminding.remind_silent(now=timezone.now())


@shared_task(name="incidents.response.sweep_files")
def sweep_files() -> int:
    """Remove bytes that no attachment names; returns how many files."""
    return attaching.sweep()
