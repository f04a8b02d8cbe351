"""Noting who has a draft open. What is noted means something for seconds, and is gone within minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from incidents.postmortems.models import Postmortem
from ownership.models import Person

KEPT = timedelta(minutes=5)

# An unknown key is nowhere in particular.
_NOTE = """
INSERT INTO incidents_presence (postmortem_id, person_id, section_id, seen_at)
VALUES (%(postmortem)s, %(person)s,
        (SELECT id FROM incidents_section WHERE postmortem_id = %(postmortem)s AND key = %(key)s), %(now)s)
ON CONFLICT (postmortem_id, person_id, section_id) DO UPDATE SET seen_at = excluded.seen_at
"""
# Of every postmortem: so the table holds no more than who was here in the last minutes, and needs no index for it.
_TRIM = """
WITH old AS MATERIALIZED (
    SELECT id FROM incidents_presence WHERE seen_at < %(before)s ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
)
DELETE FROM incidents_presence USING old WHERE incidents_presence.id = old.id
"""


def note(postmortem: Postmortem, *, key: str, by: Person, now: datetime) -> None:
    """Say that somebody has this draft open and writes in the section of this key, or in none; two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"postmortem": postmortem.pk, "person": by.pk, "key": key, "now": now})
        cursor.execute(_TRIM, {"before": now - KEPT})
