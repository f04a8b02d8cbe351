"""How long incidents lasted, to the minute."""

from __future__ import annotations

from datetime import datetime

from incidents.patterns.answers.durations import Lasted
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

# From the impact until noticed, where the start is known to the hour or better; the others from then on. What has not
# ended has lasted until the instant asked for. A span of no time or of less is not known: see docs/patterns.md.
LASTED = """
SELECT span, {group}, (extract(epoch FROM coalesce(ended, %(instant)s) - begun) / 60)::int, ended IS NOT NULL, count(*)
FROM {incidents} p CROSS JOIN LATERAL (VALUES
    ('detect', CASE WHEN p.impact_precision IN ('exact', 'minute', 'hour') THEN p.impact_from END, p.detected_at),
    ('acknowledge', p.detected_at, p.acknowledged_at),
    ('mitigate', p.detected_at, p.mitigated_at),
    ('resolve', p.detected_at, p.resolved_at)
) AS spans (span, begun, ended)
WHERE {where} AND begun IS NOT NULL AND (span = 'resolve' OR ended IS NOT NULL OR p.resolved_at IS NULL)
    AND coalesce(ended, %(instant)s) > begun
GROUP BY 1, 2, 3, 4
"""


def lasted(asked: Scope, *, until: datetime, group: str = "''::text") -> list[Lasted]:
    """The spans of the incidents in scope, counted by what they share; `group` is SQL on `p`, ours. One query."""
    sql = LASTED.replace("{group}", group)
    return [Lasted(*row) for row in facts.rows(asked, sql, instant=until)]
