"""How much incidents hurt: minutes of impact times the share of traffic, by service and month."""

from __future__ import annotations

from collections.abc import Collection

from incidents.patterns.answers.hurt import Objective, Pain
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window, month_bounds

# An incident is cut at the ends of months. What overlaps at one service is an island; an island is cut wherever
# anything begins or ends, and each cut piece counts once: at least the largest share, at most all shares together.
PAIN = """
WITH hit AS (
    SELECT p.incident_id AS number, coalesce(p.service_id, 0) AS service, {began} AS began, {latest} AS latest,
        coalesce({over}, %(as_of)s) AS ended, p.share_from, p.share_until, {hurt_known} IS TRUE AS known
    FROM {incidents} p WHERE {where}
), pieces AS (
    SELECT hit.number, hit.service, m.begins, greatest(hit.began, m.begins) AS began,
        greatest(hit.latest, m.begins) AS latest, least(hit.ended, m.ends) AS ended, share_from, share_until, known,
        m.place = firsts.place AS is_first
    FROM hit
    CROSS JOIN LATERAL (SELECT width_bucket(greatest(hit.began, %(since)s), %(begins)s::timestamptz[]) AS place) firsts
    CROSS JOIN LATERAL (
        SELECT place, (%(begins)s::timestamptz[])[place] AS begins, (%(ends)s::timestamptz[])[place] AS ends
        FROM generate_series(firsts.place, greatest(firsts.place, width_bucket(
            hit.ended - interval '1 microsecond', %(begins)s::timestamptz[]))) place
    ) m
), chained AS (
    SELECT *, coalesce(began >= max(ended) OVER before, true) AS is_new FROM pieces WHERE known
    WINDOW before AS (PARTITION BY service, begins ORDER BY began, number
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), grouped AS (
    SELECT *, count(*) FILTER (WHERE is_new) OVER (PARTITION BY service, begins ORDER BY began, number
        ROWS UNBOUNDED PRECEDING) AS island FROM chained
), islands AS (
    SELECT *, count(*) OVER (PARTITION BY service, begins, island) = 1 AS is_alone FROM grouped
), cuts AS (
    SELECT service, begins, island, at, lead(at) OVER (PARTITION BY service, begins, island ORDER BY at) AS until
    FROM (SELECT DISTINCT service, begins, island, unnest(ARRAY[began, least(latest, ended), ended]) AS at
        FROM islands WHERE NOT is_alone) moments
), measured AS (
    SELECT c.service, c.begins, c.until - c.at AS lasted,
        coalesce(max(i.share_from) FILTER (WHERE i.latest <= c.at), 0) AS least, least(100, sum(i.share_until)) AS most
    FROM cuts c JOIN islands i USING (service, begins, island)
    WHERE i.began <= c.at AND i.ended >= c.until GROUP BY c.service, c.begins, c.island, c.at, c.until
), sums AS (
    SELECT service, begins, sum(low) AS low, sum(high) AS high FROM (
        SELECT service, begins, extract(epoch FROM lasted) * least / 100 AS low,
            extract(epoch FROM lasted) * most / 100 AS high FROM measured
        UNION ALL SELECT service, begins, extract(epoch FROM ended - least(latest, ended)) * share_from / 100,
            extract(epoch FROM ended - began) * share_until / 100 FROM islands WHERE is_alone
    ) parts GROUP BY 1, 2
), counted AS (
    SELECT service, begins, count(*) FILTER (WHERE known) AS known, count(*) FILTER (WHERE NOT known) AS unknown,
        count(*) FILTER (WHERE known AND is_first) AS known_first,
        count(*) FILTER (WHERE NOT known AND is_first) AS unknown_first
    FROM pieces GROUP BY 1, 2
)
SELECT service, (begins AT TIME ZONE 'UTC')::date, known, unknown, known_first, unknown_first,
    coalesce(low, 0)::float, coalesce(high, 0)::float
FROM counted LEFT JOIN sums USING (service, begins) ORDER BY 1, 2
"""
OBJECTIVES = """
SELECT s.id, s.slug, s.name, s.objective::float, least(s.created_at, first.at), s.retired_at
FROM ownership_service s LEFT JOIN LATERAL (
    SELECT coalesce(p.impact_from, p.detected_at) AS at FROM {incidents} p WHERE p.service_id = s.id AND {home}
    ORDER BY p.detected_at LIMIT 1
) first ON true
WHERE s.id = ANY(%(services_hurt)s)
"""


def pains(asked: Scope, window: Window) -> list[Pain]:
    """Minutes and incidents by service and month of the window, where any went on; one query."""
    bounds = [month_bounds(month) for month in window.months]
    rows = facts.rows(
        asked.hurting(),
        PAIN,
        begins=[max(since, window.since) for since, _ in bounds],
        ends=[min(until, window.until) for _, until in bounds],
    )
    return [Pain(service, month.replace(day=1), *rest) for service, month, *rest in rows]


def objectives(asked: Scope, services: Collection[int]) -> dict[int, Objective]:
    """What these services promise, and since when they are there: registered or first in an incident; one query."""
    rows = facts.rows(asked, OBJECTIVES, services_hurt=list(services))
    return {number: Objective(*rest) for number, *rest in rows}
