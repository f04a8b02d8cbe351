"""How long stages took beside their budgets, as reviews of incidents wrote it down."""

from __future__ import annotations

from incidents.patterns.answers.budgets import Stage
from incidents.patterns.queries import facts
from incidents.patterns.queries.beside import STAGE_KEY
from incidents.patterns.queries.facts import Scope

# Quantiles of observed p95 over budget interpolate as type 7 does. A finding counts with the part or seam it names.
STAGES = """
WITH written AS (
    SELECT {key} AS key, s.*, s.p95_ms::float / s.budget_ms AS p95, s.p99_ms::float / s.budget_ms AS p99
    FROM {incidents} p JOIN incidents_postmortem review ON review.incident_id = p.incident_id
    JOIN incidents_stagelatency s ON s.postmortem_id = review.id
    WHERE {where} AND s.known_from <= %(known)s::timestamptz
        AND (s.superseded_at IS NULL OR s.superseded_at > %(known)s::timestamptz)
), measured AS (
    SELECT key, max(service_id) AS service_id, max(component_id) AS component_id, max(dependency_id) AS dependency_id,
        min(name) AS name, count(DISTINCT postmortem_id) AS reviews, count(*) FILTER (WHERE budget_ms IS NULL) AS bare,
        (array_agg(budget_ms ORDER BY known_from DESC, id DESC) FILTER (WHERE budget_ms IS NOT NULL))[1] AS budget,
        count(p95) AS n95, count(*) FILTER (WHERE p95 > 1) AS over95,
        count(p99) AS n99, count(*) FILTER (WHERE p99 > 1) AS over99,
        min(p95) AS lowest, percentile_cont(0.5) WITHIN GROUP (ORDER BY p95) AS half,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY p95) AS nine, max(p95) AS highest
    FROM written GROUP BY key
), found AS (
    SELECT CASE WHEN p.component_id IS NOT NULL THEN 'component:' || p.component_id
        WHEN p.dependency_id IS NOT NULL THEN 'seam:' || p.dependency_id ELSE '' END AS key,
        max(p.component_id) AS component_id, max(p.dependency_id) AS dependency_id,
        count(DISTINCT p.incident_id) AS incidents
    FROM {findings} p WHERE {where} AND p.layer = 'latency' GROUP BY 1
)
SELECT key, coalesce(service.name || ', whole answer', component.name, upstream.name || ' → ' || downstream.name,
        measured.name, ''),
    coalesce(reviews, 0), coalesce(bare, 0), budget, coalesce(n95, 0), coalesce(over95, 0), coalesce(n99, 0),
    coalesce(over99, 0), lowest, half, nine, highest, coalesce(found.incidents, 0)
FROM measured FULL JOIN found USING (key)
LEFT JOIN ownership_service service ON service.id = measured.service_id
LEFT JOIN ownership_component component ON component.id = coalesce(measured.component_id, found.component_id)
LEFT JOIN ownership_dependency seam ON seam.id = coalesce(measured.dependency_id, found.dependency_id)
LEFT JOIN ownership_component upstream ON upstream.id = seam.upstream_id
LEFT JOIN ownership_component downstream ON downstream.id = seam.downstream_id
""".replace("{key}", STAGE_KEY)


def stages(asked: Scope) -> list[Stage]:
    """Every stage of which a review of an incident in scope, or a latency finding, says something; one query."""
    return [Stage(*row) for row in facts.rows(asked, STAGES, known=asked.instant)]
