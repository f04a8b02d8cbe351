"""Deliveries counted by the hour, so that pictures of months never walk through the deliveries themselves.

The latest hours are counted anew each time, never added to, so a count cannot drift. What is rejected is what was so
when its hour was counted last: a replay that mends it later does not repaint the picture.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from incidents.alerts.watch_models import SourceHour

HOUR = timedelta(hours=1)
LOOK_BACK = timedelta(days=30)  # when nothing was counted yet
KEPT = timedelta(days=35)

_COUNT = """
INSERT INTO incidents_sourcehour (source_id, hour, deliveries, rejected)
SELECT source.id, counted.hour, counted.deliveries, counted.rejected
FROM incidents_source AS source
CROSS JOIN LATERAL (
    SELECT date_trunc('hour', received_at, 'UTC') AS hour, count(*) AS deliveries,
        count(*) FILTER (WHERE state = 'rejected') AS rejected
    FROM incidents_delivery WHERE source_id = source.id AND received_at >= %s AND received_at < %s
    GROUP BY 1
) AS counted
ON CONFLICT (source_id, hour) DO UPDATE SET deliveries = EXCLUDED.deliveries, rejected = EXCLUDED.rejected
"""


def tally(*, now: datetime) -> int:
    """Count the hours since the last count, this one and the one before included; returns how many rows it wrote."""
    latest = SourceHour.objects.order_by("-hour").values_list("hour", flat=True).first()
    since = max(latest or now - LOOK_BACK, now - LOOK_BACK)
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [min(since, this_hour) - HOUR, this_hour + HOUR])
        written: int = cursor.rowcount
    SourceHour.objects.filter(hour__lt=now - KEPT).delete()
    return written
