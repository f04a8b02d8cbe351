"""Why deliveries of a source were rejected, and how many of each cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from incidents.alerts.models import Source

NEWEST = 10_000  # what is counted by cause
SHOWN = 12

_CAUSES = """
SELECT cause, count(*), count(*) FILTER (WHERE attempts > 0 AND body_removed_at IS NULL) FROM (
    SELECT cause, attempts, body_removed_at FROM incidents_delivery WHERE source_id = %s AND state = 'rejected'
    ORDER BY received_at DESC, id DESC LIMIT %s
) AS newest
GROUP BY cause ORDER BY count(*) DESC, cause
"""


@dataclass(frozen=True)
class Cause:
    """The beginning of a reason, its numbers as #; how many have it, and how many of them may be tried again."""

    text: str
    count: int
    replayable: int


@dataclass(frozen=True)
class Rejections:
    """The newest rejected deliveries of a source by cause, most frequent first, at most SHOWN causes."""

    causes: Sequence[Cause]
    replayable: int


def of(source: Source) -> Rejections:
    """One query, bounded by NEWEST."""
    with connection.cursor() as cursor:
        cursor.execute(_CAUSES, [source.pk, NEWEST])
        causes = [Cause(*row) for row in cursor.fetchall()]
    return Rejections(causes[:SHOWN], sum(cause.replayable for cause in causes))
