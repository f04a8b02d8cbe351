"""From notices to messages: what waits for quiet to end, what goes out at once, what becomes one message with a count.

The first thing that a reader is told goes out at once; what follows within a while is gathered and goes out together.
What is urgent breaks quiet hours, and is gathered by itself and for less long. A sweep takes the same few statements
for one notice and for thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from ownership.reckoning import quiet

WHILE = timedelta(minutes=5)
URGENT_WHILE = timedelta(minutes=1)
LATEST = timedelta(days=1)  # what was due longer ago is no news
TOO_OLD = "Not sent: more than a day passed before it could be."
READERS = 5_000  # in one sweep; the next follows in seconds

# One gatherer at a time; who comes second has nothing to do.
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('ownership.gathering'))"

# Nobody needs to be told who has left, nor what is no news any more; and who hears it as a member of a team whose
# own channel takes it, and works, hears it there: if the team was told it, for it may have its channel since later.
_SPARE = """
UPDATE ownership_notice n
SET due_at = NULL, failure = CASE WHEN n.due_at <= %(old)s THEN %(too_old)s ELSE n.failure END
WHERE n.due_at <= %(now)s AND (
    n.due_at <= %(old)s
    OR n.person_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ownership_person p WHERE p.id = n.person_id AND p.is_active)
    OR n.team_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ownership_team t WHERE t.id = n.team_id AND t.dissolved_at IS NULL)
    OR n.via_id IS NOT NULL AND EXISTS (
        SELECT FROM ownership_channel c
        WHERE c.team_id = n.via_id AND c.enabled AND c.failing_since IS NULL AND NOT n.kind = ANY (c.muted)
        AND (c.kind <> 'email' OR %(mail)s))
    AND EXISTS (
        SELECT FROM ownership_notice t
        WHERE t.team_id = n.via_id AND t.made_at = n.made_at AND t.kind = n.kind AND t.path = n.path)
    AND NOT EXISTS (SELECT FROM ownership_manner m WHERE m.team_id = n.via_id AND m.members_too))
"""

# A reader is a person's id, or a team's with a minus.
_WAITING = """
WITH waiting AS (
    SELECT person_id, team_id, urgent, min(due_at) AS first
    FROM ownership_notice WHERE due_at <= %(now)s
    GROUP BY person_id, team_id, urgent ORDER BY first LIMIT %(limit)s)
SELECT COALESCE(w.person_id, -w.team_id), w.urgent,
    COALESCE(
        (SELECT max(made_at) FROM ownership_bundle b WHERE b.person_id = w.person_id AND b.urgent = w.urgent),
        (SELECT max(made_at) FROM ownership_bundle b WHERE b.team_id = w.team_id AND b.urgent = w.urgent)),
    COALESCE(mp.time_zone, mt.time_zone), COALESCE(mp.quiet_from, mt.quiet_from),
    COALESCE(mp.quiet_until, mt.quiet_until), COALESCE(mp.quiet_days, mt.quiet_days),
    COALESCE(mp.whole_days, mt.whole_days)
FROM waiting w
LEFT JOIN ownership_manner mp ON mp.person_id = w.person_id
LEFT JOIN ownership_manner mt ON mt.team_id = w.team_id
"""

_HOLD = """
UPDATE ownership_notice n SET due_at = held.until
FROM unnest(%(readers)s::bigint[], %(urgent)s::boolean[], %(until)s::timestamptz[]) AS held (reader, urgent, until)
WHERE n.due_at <= %(now)s AND COALESCE(n.person_id, -n.team_id) = held.reader AND n.urgent = held.urgent
"""

_GATHER = """
WITH chosen AS (SELECT * FROM unnest(%(readers)s::bigint[], %(urgent)s::boolean[]) AS chosen (reader, urgent)),
made AS (
    INSERT INTO ownership_bundle (person_id, team_id, urgent, made_at)
    SELECT CASE WHEN reader > 0 THEN reader END, CASE WHEN reader < 0 THEN -reader END, urgent, %(now)s FROM chosen
    RETURNING id, person_id, team_id, urgent),
taken AS (
    UPDATE ownership_notice n SET due_at = NULL, bundle_id = made.id
    FROM made
    WHERE n.due_at <= %(now)s AND n.urgent = made.urgent
    AND COALESCE(n.person_id, -n.team_id) = COALESCE(made.person_id, -made.team_id)
    RETURNING made.id AS bundle_id, made.person_id, made.team_id, n.kind)
INSERT INTO ownership_message
    (bundle_id, channel_id, is_test, count, made_at, attempts, next_try_at, failure)
SELECT taken.bundle_id, c.id, FALSE, count(*), %(now)s, 0, %(now)s, ''
FROM taken JOIN ownership_channel c ON c.person_id = taken.person_id OR c.team_id = taken.team_id
WHERE c.enabled AND NOT taken.kind = ANY (c.muted) AND (c.kind <> 'email' OR %(mail)s)
GROUP BY taken.bundle_id, c.id
"""


@dataclass(frozen=True)
class _Waiting:
    """What one reader is to be told, urgent or not: when they were told last, and their quiet hours."""

    reader: int
    urgent: bool
    told_at: datetime | None
    hours: quiet.Hours | None


def gather(*, now: datetime) -> int:
    """Make messages of the notices that are due; returns how many messages."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ALONE)
        (is_first,) = cursor.fetchone() or (False,)
        if not is_first:
            return 0
        facts: dict[str, Any] = {"now": now, "mail": settings.EMAIL_CONFIGURED}
        cursor.execute(_SPARE, {**facts, "old": now - LATEST, "too_old": TOO_OLD})
        cursor.execute(_WAITING, {"now": now, "limit": READERS})
        waiting = [_read(row) for row in cursor.fetchall()]
        until = {(one.reader, one.urgent): _held_until(one, now=now) for one in waiting}
        held = [(*which, end) for which, end in until.items() if end is not None]
        ready = [which for which, end in until.items() if end is None]
        if held:
            cursor.execute(_HOLD, {"now": now, **_columns(("readers", "urgent", "until"), held)})
        if not ready:
            return 0
        cursor.execute(_GATHER, {**facts, **_columns(("readers", "urgent"), ready)})
        return int(cursor.rowcount)


def _held_until(one: _Waiting, *, now: datetime) -> datetime | None:
    """When it may go out; None when now."""
    if one.hours is not None and not one.urgent:
        end = quiet.ends_at(one.hours, now)
        if end is not None:
            return end
    again = one.told_at + (URGENT_WHILE if one.urgent else WHILE) if one.told_at else now
    return again if again > now else None


def _read(row: Any) -> _Waiting:
    reader, urgent, told_at, zone, begins, ends, days, whole_days = row
    hours = quiet.Hours(ZoneInfo(zone), begins, ends, days or (), whole_days or ()) if zone else None
    return _Waiting(reader, urgent, told_at, hours)


def _columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Any]:
    return {name: [row[number] for row in rows] for number, name in enumerate(names)}
