"""Layers that rules suggested against what people found, and how often each rule was right."""

from __future__ import annotations

from incidents.patterns.answers.rules import Judged
from incidents.patterns.answers.suggestions import Pair
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

PAIRS = """
SELECT p.suggested_layer, p.primary_layer, count(*) FILTER (WHERE p.primary_state = 'reviewed'), count(*)
FROM {incidents} p WHERE {where} AND p.suggested_layer <> '' GROUP BY 1, 2
"""
RULES = """
SELECT v.book, v.rule, max(v.version), count(*), count(*) FILTER (WHERE v.verdict = 'accepted'),
    count(*) FILTER (WHERE v.layer = v.suggested_layer)
FROM {incidents} p JOIN incidents_suggestionverdict v ON v.incident_id = p.incident_id
WHERE {where} AND v.at <= %(known)s::timestamptz
    AND (v.superseded_at IS NULL OR v.superseded_at > %(known)s::timestamptz)
GROUP BY 1, 2 ORDER BY 1, 2
"""


def pairs(asked: Scope) -> list[Pair]:
    """Incidents by suggested layer and layer of the primary finding, "" where there is none yet; one query."""
    return [Pair(*row) for row in facts.rows(asked, PAIRS)]


def rules(asked: Scope) -> list[Judged]:
    """The verdicts on each rule, whatever its version, as they were known at the instant asked for; one query."""
    return [Judged(*row) for row in facts.rows(asked, RULES, known=asked.instant)]
