"""What becomes of the alerts when incidents are merged: they come along, and go back when that is undone.

Each goes with a row of its membership that names the merge. While it holds, the next episode of such a problem goes
where the story goes on (`following`); once it is undone it is as if it had never been.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from incidents.alerts import digest, moving, regrading
from incidents.alerts.models import Alert
from incidents.response import opening
from incidents.response.models import IncidentMerge
from ownership.models import Person

_MOVE = """
WITH moved AS (
    UPDATE incidents_alert AS alert SET incident_id = %(to)s, why = alert.why || %(why)s
    WHERE alert.incident_id = %(here)s RETURNING alert.id, alert.source_id, alert.problem_key
)
INSERT INTO incidents_alertmove (alert_id, source_id, problem_key, came_from_id, went_to_id, at, by_id, merge_id)
SELECT id, source_id, problem_key, %(here)s, %(to)s, %(now)s, %(by)s, %(merge)s FROM moved ORDER BY id
"""

# What came along and was not moved by a person since, and what of these problems has begun since. Merges that were
# undone meanwhile brought back what they took.
_MOVE_BACK = """
WITH came AS (
    SELECT DISTINCT source_id, problem_key FROM incidents_alertmove
    WHERE merge_id = %(merge)s AND came_from_id = %(to)s
), moved AS (
    UPDATE incidents_alert AS alert SET incident_id = %(to)s, why = alert.why || %(why)s
    FROM came
    WHERE alert.source_id = came.source_id AND alert.problem_key = came.problem_key AND alert.incident_id = %(here)s
      AND (
        SELECT CASE WHEN count(*) = 0 THEN alert.received_at >= %(merged_at)s
            ELSE (array_agg(move.merge_id ORDER BY move.id DESC))[1] IS NOT DISTINCT FROM %(merge)s END
        FROM incidents_alertmove AS move LEFT JOIN incidents_incidentmerge AS merge ON merge.id = move.merge_id
        WHERE move.alert_id = alert.id AND (merge.ended_at IS NULL OR merge.id = %(merge)s)
      )
    RETURNING alert.id, alert.source_id, alert.problem_key
)
INSERT INTO incidents_alertmove (alert_id, source_id, problem_key, came_from_id, went_to_id, at, by_id, merge_id)
SELECT id, source_id, problem_key, %(here)s, %(to)s, %(now)s, %(by)s, %(merge)s FROM moved ORDER BY id
"""


def take_turn(*, now: datetime) -> None:
    """The digest would hold alerts and want incidents, while a merge holds those and wants these: it waits."""
    digest.await_turn()


def along(*, merge: IncidentMerge, now: datetime) -> None:
    """The alerts of what was merged come along; one statement for any number, and the times of where they come to."""
    why = f"; came along when {merge.merged.ref} was merged into {merge.into.ref}"
    _move(_MOVE, merge, here=merge.merged_id, to=merge.into_id, why=why, by=merge.by, now=now)
    opening.retime(moving.times_of([merge.into_id]), now=now)
    regrading.by_alerts(incident=merge.into, now=now)


def back(*, merge: IncidentMerge, by: Person, now: datetime) -> None:
    """They go back, and with them what began anew of the same problems."""
    why = f"; back when {merge.merged.ref} was taken out of {merge.into.ref}"
    _move(_MOVE_BACK, merge, here=merge.into_id, to=merge.merged_id, why=why, by=by, now=now)
    begun = Alert.objects.filter(received_at__gte=merge.at, times_seen__gt=0)
    later = begun.filter(incident=merge.merged_id).values_list("started_at", flat=True)
    if later:
        opening.reach({merge.merged_id: list(later)}, now=now)
    if later or begun.filter(incident=merge.into_id).exists():
        opening.retime(moving.times_of([merge.into_id]), now=now)


def _move(statement: str, merge: IncidentMerge, *, here: int, to: int, why: str, by: Person, now: datetime) -> None:
    asked: dict[str, Any] = {
        "here": here,
        "to": to,
        "why": why,
        "by": by.pk,
        "now": now,
        "merge": merge.pk,
        "merged_at": merge.at,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
