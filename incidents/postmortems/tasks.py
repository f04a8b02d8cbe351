"""Background work of the postmortems wing; the scheduler sweeps."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from incidents.postmortems import reminding


@shared_task(name="incidents.postmortems.remind")
def remind() -> int:
    """Remind people of what is late: actions, verifications, postmortems, reviews; how many readers are meant."""
    now = timezone.now()
    said = (
        reminding.remind_actions,
        reminding.remind_verifiers,
        reminding.remind_postmortems,
        reminding.remind_reviews,
    )
    return sum(remind_of(now=now) for remind_of in said)
