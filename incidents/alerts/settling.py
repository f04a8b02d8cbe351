"""Settling: incidents whose alerts are all resolved and quiet resolve; what is past its window takes no more alerts.

The clock of settling never overtakes the deliveries that still wait: what they say may change the picture.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from incidents.alerts.models import Alert, Delivery, DeliveryState
from incidents.response import closing, opening
from incidents.response.closing import Verdict
from incidents.response.models import Incident
from web.wording import duration

BATCH = 500
HELD = timedelta(days=3)  # longer than any sender goes on trying

# A person who reopened an incident after its last alert decides when it ends.
_CANDIDATES = """
SELECT incident.id FROM incidents_incident AS incident
WHERE incident.resolved_at IS NULL
  AND EXISTS (SELECT FROM incidents_alert AS alert WHERE alert.incident_id = incident.id)
  AND NOT EXISTS (SELECT FROM incidents_alert AS alert
                  WHERE alert.incident_id = incident.id AND alert.resolved_at IS NULL)
  AND NOT EXISTS (SELECT FROM incidents_alert AS alert
                  WHERE alert.incident_id = incident.id AND alert.last_received_at > %s)
ORDER BY incident.id LIMIT %s
FOR NO KEY UPDATE OF incident SKIP LOCKED
"""

# Asked again with the rows locked: an alert may have joined between the look and the lock.
_ENDED = """
SELECT alert.incident_id, count(*), max(alert.resolved_at) FROM incidents_alert AS alert
WHERE alert.incident_id = ANY(%s)
GROUP BY alert.incident_id
HAVING bool_and(alert.resolved_at IS NOT NULL) AND max(alert.last_received_at) <= %s
   AND NOT EXISTS (SELECT FROM incidents_timelinerow AS row
                   WHERE row.incident_id = alert.incident_id AND row.kind = 'reopened'
                     AND row.recorded_at > max(alert.last_received_at))
"""


def settle(*, now: datetime, as_of: datetime | None = None) -> int:
    """Resolve what is over and end joining where the window is past; returns how many incidents it resolved.

    `as_of` is the instant of receipt to which all is digested, by default the oldest that still waits.
    """
    as_of = as_of or _as_of(now)
    quiet = timedelta(seconds=settings.QUIET_SECONDS)
    with transaction.atomic():
        verdicts = _verdicts(as_of - quiet, quiet)
        closing.by_alerts(verdicts, now=now)
        opening.end_joining(as_of=as_of)
    return len(verdicts)


def forget_held(*, now: datetime) -> int:
    """Drop resolves whose firing never came within HELD; returns how many.

    Senders that tell of every pass, such as test suites, would else leave one with each run.
    """
    held = Alert.objects.filter(times_seen=0, incident=None, processed_at__lt=now - HELD)
    return held.delete()[0]


def _as_of(now: datetime) -> datetime:
    """The receipt of the oldest delivery that still waits, or now."""
    oldest = (
        Delivery.objects.filter(state=DeliveryState.WAITING)
        .order_by("received_at", "id")
        .values_list("received_at", flat=True)
        .first()
    )
    return min(oldest, now) if oldest else now


def _verdicts(quiet_since: datetime, quiet: timedelta) -> list[Verdict]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [quiet_since, BATCH])
        locked = [row[0] for row in cursor.fetchall()]
    ended = _ended(locked, quiet_since)
    incidents = Incident.objects.in_bulk(ended)
    verdicts = []
    for number, (count, at) in ended.items():
        alerts = "its alert is resolved" if count == 1 else f"all {count} of its alerts are resolved"
        why = f"{alerts} and nothing came for {duration(quiet)}"
        verdicts.append(Verdict(incidents[number], at=at, why=why))
    return verdicts


def _ended(incident_ids: Collection[int], quiet_since: datetime) -> dict[int, tuple[int, datetime]]:
    if not incident_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [list(incident_ids), quiet_since])
        return {number: (count, at) for number, count, at in cursor.fetchall()}
