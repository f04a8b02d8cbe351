"""What comes back: the same mode in the same service."""

from __future__ import annotations

from incidents.patterns.answers.recurrence import Gap
from incidents.patterns.answers.repeats import Hits, Watched
from incidents.patterns.queries import exposure, facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window

# An incident counts once for a mode, however many findings say so. What has not come back has not until the end of the
# window, the instant asked for, or the service's retirement. Hours are rounded up: what took 7 days at most says so.
GAPS = """
WITH hits AS (
    SELECT DISTINCT p.service_id, coalesce(m.counts_as_id, m.code) AS mode, p.incident_id, p.detected_at
    FROM {findings} p JOIN incidents_failuremode m ON m.code = p.mode_id
    WHERE {where} AND p.service_id IS NOT NULL
), gaps AS (
    SELECT service_id, detected_at,
        lead(detected_at) OVER (PARTITION BY service_id, mode ORDER BY detected_at, incident_id) AS again
    FROM hits
)
SELECT greatest(0, ceil(extract(
        epoch FROM coalesce(again, least(%(reached)s, s.retired_at)) - detected_at) / 3600))::int,
    again IS NOT NULL, count(*)
FROM gaps JOIN ownership_service s ON s.id = service_id GROUP BY 1, 2
"""
UNTOLD = """
SELECT count(*) FROM {findings} p WHERE {where} AND (p.mode_id IS NULL OR p.service_id IS NULL)
"""
HITS = """
SELECT s.slug, s.name, hit.mode, h.name, h.layer, hit.incidents FROM (
    SELECT p.service_id, coalesce(m.counts_as_id, m.code) AS mode, count(DISTINCT p.incident_id) AS incidents
    FROM {findings} p JOIN incidents_failuremode m ON m.code = p.mode_id
    WHERE {where} AND p.service_id IS NOT NULL GROUP BY 1, 2
) hit JOIN ownership_service s ON s.id = hit.service_id JOIN incidents_failuremode h ON h.code = hit.mode
"""


def gaps(asked: Scope, window: Window) -> tuple[list[Gap], int]:
    """How long until the same mode failed in the same service again, and how many findings cannot say; two queries."""
    found = [Gap(*row) for row in facts.rows(asked, GAPS, reached=exposure.reached(window))]
    return found, facts.rows(asked, UNTOLD)[0][0]


def hits(asked: Scope, window: Window) -> tuple[list[Hits], list[Watched]]:
    """Incidents by service and mode, and how long each service was in service; two queries."""
    found = [Hits(*row) for row in facts.rows(asked, HITS)]
    return found, [Watched(span.slug, span.name, span.days) for span in exposure.spans(asked, window)]
