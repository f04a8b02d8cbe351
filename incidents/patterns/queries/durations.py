"""How long incidents lasted, to the minute."""

from __future__ import annotations

from incidents.patterns.answers.durations import Lasted
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

# From the impact until noticed, where the start is known to the hour or better; the others from then on. What has not
# ended has lasted until the instant asked for. A span of no time, of less, or with a doubted end is not known.
LASTED = """
SELECT span, {group}, CASE
    WHEN coalesce(ended, %(as_of)s) > begun AND (begun = ANY(doubts.moments) OR ended = ANY(doubts.moments)) IS NOT TRUE
    THEN (extract(epoch FROM coalesce(ended, %(as_of)s) - begun) / 60)::int END, ended IS NOT NULL, count(*)
FROM {incidents} p CROSS JOIN LATERAL (SELECT array_agg(d.at) AS moments {doubted}) doubts
CROSS JOIN LATERAL (VALUES
    ('detect', CASE WHEN p.impact_precision IN ('exact', 'minute', 'hour') THEN p.impact_from END, p.detected_at),
    ('acknowledge', p.detected_at, p.acknowledged_at),
    ('mitigate', p.detected_at, p.mitigated_at),
    ('resolve', p.detected_at, p.resolved_at)
) AS spans (span, begun, ended)
WHERE {where} AND begun IS NOT NULL AND (span = 'resolve' OR ended IS NOT NULL OR p.resolved_at IS NULL)
GROUP BY 1, 2, 3, 4
"""

BY = {
    "layer": "CASE p.primary_layer WHEN '' THEN 'not found' ELSE p.primary_layer END",
    "severity": "p.severity",
    "owned": "CASE WHEN p.owned THEN 'owned' WHEN NOT p.owned THEN 'unowned' ELSE 'not recorded' END",
}


def lasted(asked: Scope, *, by: str = "") -> list[Lasted]:
    """The spans of the incidents in scope, counted by what they share; `by` is one of BY, or none. One query."""
    sql = LASTED.replace("{group}", BY.get(by, "''::text"))
    return [Lasted(*row) for row in facts.rows(asked, sql)]
