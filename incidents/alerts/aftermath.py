"""What still fires after a person resolved its incident: told there once for each alert; nothing opens by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from incidents.alerts.episodes import Episode
from incidents.alerts.ledger import Problem

_TELL = """
INSERT INTO incidents_timelinerow (incident_id, kind, at, recorded_at, text, why, data)
SELECT incident.id, 'still_firing', alert.last_received_at, %s, alert.title, %s, jsonb_build_object('alert', alert.id)
FROM incidents_alert AS alert
JOIN incidents_incident AS incident ON incident.id = alert.incident_id
WHERE alert.id = ANY(%s) AND alert.resolved_at IS NULL
  AND incident.resolved_how = 'person' AND alert.last_received_at > incident.resolved_at
  AND NOT EXISTS (
    SELECT FROM incidents_timelinerow AS row
    WHERE row.incident_id = incident.id AND row.kind = 'still_firing' AND row.data -> 'alert' = to_jsonb(alert.id)
  )
ORDER BY alert.id
"""
WHY = "a person resolved it although this still fired; its next beginning is grouped anew"


def tell(episodes: Sequence[tuple[Problem, Episode]], *, now: datetime) -> None:
    """One statement, after the batch was saved; none when no stored alert goes on firing."""
    going_on = [one.id for _, one in episodes if one.id is not None and not one.opened and one.resolved_at is None]
    if going_on:
        with connection.cursor() as cursor:
            cursor.execute(_TELL, [now, WHY, going_on])
