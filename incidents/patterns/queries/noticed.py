"""Who noticed, and how long monitors were green before anybody did."""

from __future__ import annotations

from incidents.patterns.answers.green import Shown
from incidents.patterns.answers.noticed import Noticed
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

SOURCES = """
SELECT date_trunc('month', p.detected_at AT TIME ZONE 'UTC')::date, p.detected_by, count(*)
FROM {incidents} p WHERE {where} GROUP BY 1, 2
"""
# The same times as "until noticed" of queries/durations.py.
SHOWN = """
SELECT p.monitors_green, CASE WHEN p.monitors_green = 'yes' AND p.impact_precision IN ('exact', 'minute', 'hour')
    AND p.detected_at > p.impact_from
    AND NOT EXISTS (SELECT {doubted} AND d.at IN (p.impact_from, p.detected_at))
    THEN (extract(epoch FROM p.detected_at - p.impact_from) / 60)::int END, count(*)
FROM {incidents} p WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2
"""


def sources(asked: Scope) -> list[Noticed]:
    """Incidents by month and by who or what noticed first, only where there are any; one query."""
    return [Noticed(*row) for row in facts.rows(asked, SOURCES)]


def shown(asked: Scope) -> list[Shown]:
    """Incidents by what the monitors showed and, where they were green, the minutes until noticed; one query."""
    return [Shown(*row) for row in facts.rows(asked, SHOWN)]
