"""What the benchmark reads from the database while it runs, and the million alerts that it puts there."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from datetime import datetime
from typing import Self

from benchmarks.servers import Database

EVERY = 0.05  # seconds between two looks; a lag is rounded up to the next
LONGEST = 300.0
OLDEST = """
SELECT clock_timestamp(),
    (SELECT received_at FROM incidents_delivery WHERE state = 'waiting' ORDER BY received_at, id LIMIT 1)
"""

# Each alert with its delivery, both of the last thirty days; every hundredth still fires.
FILL = (
    """
INSERT INTO incidents_incident (title, severity, impact, detected_by, impact_precision, detected_at, opened_at,
    resolved_at, resolved_how, first_blame, declared_via, chain, no_postmortem_reason, grouping_key, joinable,
    changed_at, suggested_layer, suggestion, private, type)
SELECT 'Stored ' || n, 'sev3', '', 'monitor', 'unknown', now() - interval '1 h' * (n %% 720), now(),
    CASE WHEN n %% 100 > 0 THEN now() END, CASE WHEN n %% 100 > 0 THEN 'alerts' ELSE '' END, '', 'alert', '{}', '',
    'stored:' || n, false, now(), '', '{}', false, ''
FROM generate_series(1, 2000) AS n
""",
    """
INSERT INTO incidents_alert (source_id, problem_key, name, title, summary, severity, severity_raw, labels, links,
    started_at, last_event_at, resolved_at, received_at, last_received_at, processed_at, times_seen, firings,
    incident_id, why, is_test, lately, flapping, layer, suggestion)
SELECT source.id, 'stored-' || n, 'Stored' || n %% 20, 'Stored alert ' || n, 'Made by the benchmark.', 'medium',
    'warning', jsonb_build_object('alertname', 'Stored' || n %% 20, 'instance', 'resource-' || n), '[]', at, at,
    CASE WHEN n %% 100 > 0 THEN at + interval '5 min' END, at, at, at, 1, jsonb_build_array(jsonb_build_array(at, 1)),
    first.id + n %% 2000, 'stored by the benchmark', false, 1, false, '', '{}'
FROM generate_series(1, %(count)s) AS n
CROSS JOIN LATERAL (SELECT now() - interval '2 s' * n - interval '1 h' AS at) AS time
CROSS JOIN (SELECT id FROM incidents_source ORDER BY id LIMIT 1) AS source
CROSS JOIN (SELECT min(id) AS id FROM incidents_incident WHERE grouping_key LIKE 'stored:%%') AS first
""",
    """
INSERT INTO incidents_delivery (id, source_id, received_at, processed_at, content_type, headers, body, state, reason,
    attempts, is_test)
SELECT gen_random_uuid(), source.id, at, at, 'application/json', '{}', convert_to(repeat('x', 600), 'UTF8'),
    'digested', '', 1, false
FROM generate_series(1, %(count)s) AS n
CROSS JOIN LATERAL (SELECT now() - interval '2 s' * n - interval '1 h' AS at) AS time
CROSS JOIN (SELECT id FROM incidents_source ORDER BY id LIMIT 1) AS source
""",
)


class Watch:
    """Looks from time to time how far the digest has come: the receipt of the oldest delivery that waits."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connect()
        self._looks: list[tuple[datetime, datetime | None]] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        row = self._connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        self._begin = row[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._thread.join()

    def until_drained(self) -> None:
        """Wait until nothing waits."""
        deadline, posted = time.monotonic() + LONGEST, len(self._looks)
        while len(self._looks) <= posted or self._looks[-1][1] is not None:
            if time.monotonic() > deadline:
                raise TimeoutError("the worker does not get there")
            time.sleep(EVERY)

    def lags(self) -> list[float]:
        """Of each delivery received since the watch began: seconds until it was seen digested."""
        digested: list[datetime] = []
        at: list[datetime] = []  # what came before `digested` was digested by `at`
        for looked, oldest in self._looks:
            digested.append(max(oldest or looked, digested[-1] if digested else self._begin))
            at.append(looked)
        lags = []
        for received in self._received():
            place = bisect_right(digested, received)
            if place < len(at):
                lags.append((at[place] - received).total_seconds())
        return lags

    def seconds(self) -> float:
        """From the first receipt until all was seen digested."""
        return (self._looks[-1][0] - min(self._received())).total_seconds()

    def _received(self) -> list[datetime]:
        query = "SELECT received_at FROM incidents_delivery WHERE received_at >= %s AND processed_at IS NOT NULL"
        return [row[0] for row in self._connection.execute(query, [self._begin]).fetchall()]

    def _look_on(self) -> None:
        while not self._done.is_set():
            row = self._connection.execute(OLDEST).fetchone()
            assert row is not None
            self._looks.append((row[0], row[1]))
            self._done.wait(EVERY)


def fill(database: Database, count: int) -> None:
    """That many alerts stored before, by SQL."""
    with database.connect() as connection:
        for statement in FILL:
            connection.execute(statement, {"count": count})
        for table in ("incidents_incident", "incidents_alert", "incidents_delivery"):
            connection.execute(f"VACUUM ANALYZE {table}")


def incidents(database: Database) -> int:
    """How many the run made."""
    with database.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM incidents_incident WHERE grouping_key LIKE 'service:%'"
        ).fetchone()
        assert row is not None
        return int(str(row[0]))
