"""What the workers of the crash tests do with the ladder: open an incident, and sweep at given times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from incidents.response import escalating, lifecycle
from ownership.models import Service
from tests import factories as make

OPENED = datetime(2025, 11, 3, 12, 0, tzinfo=UTC)
ROUND = (0, 1, 15, 30, 45)  # minutes
BEFORE = datetime(2025, 11, 1, tzinfo=UTC)


def open_incidents(count: int, *, now: datetime | None = None) -> None:
    """A service with a whole ladder, and incidents that hit it."""
    service = Service.objects.get(name="Support answers")
    make.assignment(service, make.person("Deputy"), role="deputy", since=BEFORE)
    team = make.team("Next", make.person("Next one"), make.person("Next two"))
    make.assignment(service, team, role="escalation", since=BEFORE)
    by = make.person("Declarer")
    for number in range(count):
        title = f"Slow answers {number}"
        lifecycle.declare(title=title, service=service, severity="sev2", by=by, now=now or timezone.now())


def climb(later: int) -> None:
    """Sweep at the times of a whole round, `later` minutes after it opened."""
    for minute in ROUND:
        while escalating.sweep(now=OPENED + timedelta(minutes=later + minute), limit=2):
            pass
