"""Which incidents were merged into which; a chain leads to its last."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import QuerySet

from incidents.response.models import IncidentMerge

_FAMILY = """
WITH RECURSIVE inside AS (
    SELECT id FROM incidents_incident WHERE merged_into_id = %s
    UNION SELECT incident.id FROM incidents_incident AS incident JOIN inside ON incident.merged_into_id = inside.id
)
SELECT incident.id, incident.title FROM inside JOIN incidents_incident AS incident USING (id) ORDER BY id
"""
_HEADS = """
WITH RECURSIVE walk AS (
    SELECT id AS start, merged_into_id AS next, id AS place FROM incidents_incident WHERE id = ANY(%s)
    UNION SELECT walk.start, incident.merged_into_id, incident.id
    FROM walk JOIN incidents_incident AS incident ON incident.id = walk.next
)
SELECT start, place FROM walk WHERE next IS NULL
"""


def family(number: int) -> Mapping[int, str]:
    """What was merged into this incident, also by way of others: titles by number; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [number])
        return dict(cursor.fetchall())


def heads(numbers: Collection[int]) -> Mapping[int, int]:
    """Where the story of each of these incidents goes on: itself, unless it was merged; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [list(numbers)])
        return dict(cursor.fetchall())


def current() -> QuerySet[IncidentMerge]:
    """The merges that hold."""
    return IncidentMerge.objects.filter(ended_at=None).select_related("by", "merged", "into")
