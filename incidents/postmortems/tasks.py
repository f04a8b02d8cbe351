"""Background work of the postmortems wing; the scheduler sweeps."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from incidents.postmortems import reminding


@shared_task(name="incidents.postmortems.remind")
def remind() -> int:
    """Remind people of overdue actions and postmortems that are due; returns how many readers are meant."""
    now = timezone.now()
    return reminding.remind_actions(now=now) + reminding.remind_postmortems(now=now)
