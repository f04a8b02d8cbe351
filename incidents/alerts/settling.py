"""Settling: incidents whose alerts are all resolved and quiet resolve; what is past its window takes no more alerts.

The clock of settling never overtakes the deliveries that still wait: what they say may change the picture.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from incidents.alerts.models import Alert, Delivery, DeliveryState
from incidents.response import closing, opening
from incidents.response.closing import Verdict
from incidents.response.models import Incident
from incidents.response.queries import policies
from web.wording import duration

BATCH = 500
HELD = timedelta(days=3)  # longer than any sender goes on trying

# How long after an alert's latest reading it must be quiet, by its incident's policy; longer when it flaps.
_DELAY = """
make_interval(secs => CASE WHEN alert.flapping
    THEN GREATEST(COALESCE(policy.quiet_seconds, %(quiet)s), COALESCE(policy.calm_minutes, %(calm)s) * 60)
    ELSE COALESCE(policy.quiet_seconds, %(quiet)s) END)
"""
_CANDIDATES = """
SELECT incident.id FROM incidents_incident AS incident
LEFT JOIN incidents_groupingpolicy AS policy ON policy.id = incident.policy_id
WHERE incident.resolved_at IS NULL AND incident.merged_into_id IS NULL
  AND EXISTS (SELECT FROM incidents_alert AS alert WHERE alert.incident_id = incident.id)
  AND NOT EXISTS (SELECT FROM incidents_alert AS alert
                  WHERE alert.incident_id = incident.id AND alert.resolved_at IS NULL)
  AND NOT EXISTS (SELECT FROM incidents_alert AS alert
                  WHERE alert.incident_id = incident.id AND alert.last_received_at + DELAY > %(as_of)s)
ORDER BY incident.id LIMIT %(batch)s
FOR NO KEY UPDATE OF incident SKIP LOCKED
""".replace("DELAY", _DELAY)

# Asked again with the rows locked: an alert may have joined between the look and the lock.
# A person who reopened an incident after its last alert decides when it ends.
_ENDED = """
SELECT alert.incident_id, count(*), max(alert.resolved_at),
    bool_or(alert.flapping AND alert.last_received_at + make_interval(mins => COALESCE(policy.calm_minutes, %(calm)s))
        > latest.received_at)
FROM incidents_alert AS alert
JOIN incidents_incident AS incident ON incident.id = alert.incident_id
LEFT JOIN incidents_groupingpolicy AS policy ON policy.id = incident.policy_id
CROSS JOIN LATERAL (
    SELECT max(last_received_at) AS received_at FROM incidents_alert WHERE incident_id = incident.id
) AS latest
WHERE alert.incident_id = ANY(%(ids)s)
GROUP BY alert.incident_id
HAVING bool_and(alert.resolved_at IS NOT NULL AND alert.last_received_at + DELAY <= %(as_of)s)
   AND NOT EXISTS (SELECT FROM incidents_timelinerow AS row
                   WHERE row.incident_id = alert.incident_id AND row.kind = 'reopened' AND row.by_id IS NOT NULL
                     AND row.recorded_at > max(alert.last_received_at))
""".replace("DELAY", _DELAY)


def settle(*, now: datetime, as_of: datetime | None = None) -> int:
    """Resolve what is over and end joining where the window is past; returns how many incidents it resolved.

    `as_of` is the instant of receipt to which all is digested, by default the oldest that still waits.
    """
    as_of = as_of or _as_of(now)
    with transaction.atomic():
        verdicts = _verdicts(as_of)
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


def _verdicts(as_of: datetime) -> list[Verdict]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, _asked(as_of))
        locked = [row[0] for row in cursor.fetchall()]
    ended = _ended(locked, as_of)
    incidents = Incident.objects.select_related("policy__service").in_bulk(ended)
    verdicts = []
    for number, (count, at, flapped) in ended.items():
        policy = incidents[number].policy
        quiet = policies.rules_of(policy).quiet_after(flapping=flapped)
        alerts = "its alert is resolved" if count == 1 else f"all {count} of its alerts are resolved"
        longer = ", longer than usual because it was flapping" if flapped else ""
        why = f"{alerts} and nothing came for {duration(quiet)}{longer}; {policies.named(policy)}"
        verdicts.append(Verdict(incidents[number], at=at, why=why))
    return verdicts


def _ended(incident_ids: Collection[int], as_of: datetime) -> dict[int, tuple[int, datetime, bool]]:
    if not incident_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {**_asked(as_of), "ids": list(incident_ids)})
        return {number: (count, at, flapped) for number, count, at, flapped in cursor.fetchall()}


def _asked(as_of: datetime) -> dict[str, Any]:
    """What the statements take; the built-in policy for incidents without one."""
    rules = policies.rules_of(None)
    quiet, calm = int(rules.quiet.total_seconds()), int(rules.calm.total_seconds()) // 60
    return {"as_of": as_of, "quiet": quiet, "calm": calm, "batch": BATCH}
