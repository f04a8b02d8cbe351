"""Bodies and headers of deliveries are let go after some days; the deliveries stay, with times, state and reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

BATCH = 500  # bodies of up to a MiB: few enough that no transaction lasts
# By the partial index delivery_with_body, oldest first; a row that another worker has is left to it. Chosen once: a
# join may ask a subquery again, and would then be given further rows.
_TRIM = """
WITH chosen AS MATERIALIZED (
    SELECT id FROM incidents_delivery
    WHERE state IN ('digested', 'rejected') AND body_removed_at IS NULL AND received_at < %s
    ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE incidents_delivery AS delivery SET body = '', headers = '{}', content_type = '', body_removed_at = %s
FROM chosen WHERE delivery.id = chosen.id
"""


def batch(*, now: datetime, size: int = BATCH) -> int:
    """Let go of the oldest bodies that are over KEEP_BODIES_DAYS; returns how many, 0 when none is left.

    What was not digested yet keeps its body, however old.
    """
    kept_since = now - timedelta(days=settings.KEEP_BODIES_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_TRIM, [kept_since, size, now])
        return int(cursor.rowcount)
