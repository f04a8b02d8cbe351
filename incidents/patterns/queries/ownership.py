"""Who was accountable for services when, by what is known at the instant asked for; and how incidents opened."""

from __future__ import annotations

from datetime import datetime

from incidents.patterns.answers.ownership import Gap, Opened, Service
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope

# A service counts from its creation, or from the first owner recorded for it, until it was retired. Who has left is no
# owner from then on; who left at a time that nobody noted counts as gone all along, as on the pages of owners.
GAPS = """
WITH known AS (
    SELECT held.service_id, held.during, CASE WHEN person.id IS NULL THEN team.dissolved_at
        WHEN NOT person.is_active THEN coalesce(person.left_at, '-infinity') END AS left_at
    FROM ownership_assignment held
    LEFT JOIN ownership_person person ON person.id = held.person_id
    LEFT JOIN ownership_team team ON team.id = held.team_id
    WHERE held.role = 'accountable' AND held.service_id IS NOT NULL AND held.known_from <= %(known)s::timestamptz
        AND (held.superseded_at IS NULL OR held.superseded_at > %(known)s::timestamptz)
), held AS (
    SELECT service_id, min(lower(during)) AS first, range_agg(during * tstzrange(NULL, left_at)) AS during
    FROM known GROUP BY 1
), waived AS (
    SELECT service_id, range_agg(tstzrange(made_at, ended_at)) AS during
    FROM ownership_waiver WHERE service_id IS NOT NULL AND made_at <= %(clock)s GROUP BY 1
), span AS (
    SELECT service.id, service.slug, service.name, service.tier, held.during AS held, waived.during AS waived,
        greatest(%(since)s, least(service.created_at, held.first)) AS begins,
        least(%(until)s, %(clock)s, service.retired_at) AS ends
    FROM ownership_service service
    LEFT JOIN held ON held.service_id = service.id LEFT JOIN waived ON waived.service_id = service.id
    WHERE {services}
), lived AS (
    SELECT id, slug, name, tier, begins, ends, coalesce(waived, '{{}}') AS waived,
        multirange(tstzrange(begins, ends)) - coalesce(held, '{{}}') AS unowned
    FROM span WHERE begins < ends
)
SELECT id, slug, name, tier, begins, ends, gap.on_purpose, lower(gap.during), upper(gap.during)
FROM lived LEFT JOIN LATERAL (
    SELECT false, unnest(unowned - waived) UNION ALL SELECT true, unnest(unowned * waived)
) gap (on_purpose, during) ON true
ORDER BY tier, lower(name), id, lower(gap.during)
"""
OPENED = """
SELECT p.service_id, max(service.slug), max(service.name), max(service.tier), count(*), count(p.owned),
    count(*) FILTER (WHERE NOT p.owned)
FROM {incidents} p LEFT JOIN ownership_service service ON service.id = p.service_id WHERE {where} GROUP BY 1
"""


def services(asked: Scope, *, clock: datetime) -> list[Service]:
    """The services in scope that were there in the window, by tier and name, with when nobody was accountable.

    The window's service, team, tier and kind of system narrow them; what else incidents are filtered by does not. The
    window ends at `clock`. One query.
    """
    narrowed = "service.id = ANY(%(services)s)" if "services" in asked.params else "true"
    known = asked.instant
    found: dict[int, Service] = {}
    for number, slug, name, tier, begins, ends, on_purpose, first, last in facts.rows(
        asked, GAPS.replace("{services}", narrowed), clock=clock, known=known
    ):
        service = found.setdefault(number, Service(number, slug, name, tier, begins, ends, []))
        if first is not None:
            service.gaps.append(Gap(first, last, on_purpose))
    return list(found.values())


def opened(asked: Scope) -> list[Opened]:
    """Incidents in scope by service: of how many it is known whether they had an owner, and how many had none."""
    return [Opened(*row) for row in facts.rows(asked, OPENED)]
