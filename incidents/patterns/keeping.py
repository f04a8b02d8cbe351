"""The tables that charts count, held against what was recorded: compared, mended, rewritten, some incidents at a time.

A batch is compared by one statement, so it sees one moment, in which triggers have kept rows and facts alike. Mending
locks what it mends as the triggers do; readers are never held up, and see each incident as it was or as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection, transaction

BATCH = 5_000  # incidents in one statement
ENDS = """
SELECT coalesce(min(number), 0), coalesce(max(number), -1) FROM (
    SELECT min(id) AS number FROM incidents_incident UNION ALL SELECT max(id) FROM incidents_incident
    UNION ALL SELECT min(incident_id) FROM incidents_patternincident
    UNION ALL SELECT max(incident_id) FROM incidents_patternincident
    UNION ALL SELECT min(incident_id) FROM incidents_patternfinding
    UNION ALL SELECT max(incident_id) FROM incidents_patternfinding
) AS ends
"""
_TABLES = ("incident", "finding")
_LESS = """
SELECT incident_id FROM (
    SELECT * FROM {one} WHERE incident_id BETWEEN %(first)s AND %(last)s
    EXCEPT ALL SELECT * FROM {other} WHERE incident_id BETWEEN %(first)s AND %(last)s
) AS {name}
"""
_PAIRS = [(f"incidents_pattern{name}", f"seamline_pattern_{name}s('infinity')") for name in _TABLES]
WRONG = " UNION ".join(
    _LESS.format(one=one, other=other, name=f"less_{place}")
    for place, (one, other) in enumerate([*_PAIRS, *((reckoned, kept) for kept, reckoned in _PAIRS)])
)
# A missing row has nothing to lock: it is put there first, by a transaction of its own.
PLACE = """
INSERT INTO incidents_patternincident
    SELECT * FROM seamline_pattern_incidents('infinity') WHERE incident_id = ANY(%s) ON CONFLICT DO NOTHING
"""
REFRESH = "SELECT seamline_pattern_refresh(%s::bigint[])"
FORGET = """
DELETE FROM incidents_pattern{table} AS kept WHERE kept.incident_id = ANY(%s)
    AND NOT EXISTS (SELECT FROM incidents_incident AS one WHERE one.id = kept.incident_id)
"""


def batches() -> Iterator[tuple[int, int]]:
    """The first and the last number of each batch of incidents, over all that are in any of the tables."""
    with connection.cursor() as cursor:
        cursor.execute(ENDS)
        first, last = cursor.fetchone()
    return ((number, number + BATCH - 1) for number in range(first, last + 1, BATCH))


def wrong(first: int, last: int) -> list[int]:
    """The incidents numbered from `first` to `last` whose rows are not what was recorded, in order; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"{WRONG} ORDER BY 1", {"first": first, "last": last})
        return [number for (number,) in cursor.fetchall()]


def repair(numbers: Collection[int]) -> None:
    """Make the rows of these incidents what was recorded, in two transactions; those of no incident go."""
    asked = [sorted(numbers)]
    with connection.cursor() as cursor:
        cursor.execute(PLACE, asked)
        with transaction.atomic():
            cursor.execute(REFRESH, asked)
            for table in _TABLES:
                cursor.execute(FORGET.format(table=table), asked)


def compare(*, mend: bool) -> list[int]:
    """The incidents whose rows were not what was recorded, in order; with `mend` they are by now."""
    found: list[int] = []
    for first, last in batches():
        numbers = wrong(first, last)
        if numbers and mend:
            repair(numbers)
        found += numbers
    return found


def rebuild() -> int:
    """Reckon every row anew, batch by batch; returns how many incidents there are rows of."""
    for first, last in batches():
        repair(range(first, last + 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM incidents_patternincident")
        return int(cursor.fetchone()[0])
