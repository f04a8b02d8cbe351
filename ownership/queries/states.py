"""The SQL on which coverage and its gaps stand: what lives, who holds it, and in which state each subject is.

States exclude each other and cover everything that lives. The first that holds counts:

- accepted: the accountable party is here and said yes itself (a confirmation; see `ownership.speaking`);
- named: an accountable party is here, but only others put it down;
- deliberate: an open waiver says that nobody needs to answer, and why;
- vacant: the accountable party is no longer here; counted as unknown, and named so;
- inherited, without an accountable party of its own:
  a component from its services, a seam from its ends when one team looks after both. What is inherited is never
  better than what it comes from: `inherited` when all of it is settled by a yes or on purpose, `named` when one of it
  is only named, `deliberate` when all of it is unowned on purpose, and else nothing is inherited;
- unknown: nobody.

When somebody last said yes is what `confirmations` says; here it is computed for all subjects in one go, and a test
holds the two together. Parameters: `at`, the instant asked about; `only`, a service whose parts, with what they need,
are all the components looked at (then gaps are right for that service alone, states for nothing else).
"""

from __future__ import annotations

from typing import Any, cast

from django.db import connection
from django.db.models import TextChoices


class State(TextChoices):
    """How a service, component or seam is covered; see the module."""

    ACCEPTED = "accepted", "Said yes"
    INHERITED = "inherited", "Inherited"
    DELIBERATE = "deliberate", "Deliberately unowned"
    NAMED = "named", "Named, not accepted"
    VACANT = "vacant", "Owner no longer here"
    UNKNOWN = "unknown", "Nobody"


COVERED = (State.ACCEPTED, State.INHERITED, State.DELIBERATE)
NO_TIER = "t9"  # of what is in no service: behind every tier

# How each subject's state begins, whichever kind it is.
_OWN = """\
WHEN holder.here AND holder.said_at IS NOT NULL THEN 'accepted'
        WHEN holder.here THEN 'named'
        WHEN waived.key IS NOT NULL THEN 'deliberate'
        WHEN holder.id IS NOT NULL THEN 'vacant'"""

# Named rows of one statement; PostgreSQL runs only those that are used. `key` is one number for services, components
# and seams together: id times three, plus none, one or two. (Joined by kind and id, the planner expects too few rows.)
_ROWS = """
WITH service AS (
    SELECT id, id * 3 AS key, name, slug, tier, archetype FROM ownership_service WHERE retired_at IS NULL
), component AS (
    SELECT component.id, component.id * 3 + 1 AS key, component.name, component.kind, team.id AS team_id
    FROM ownership_component AS component
    LEFT JOIN ownership_team AS team ON team.id = component.custodian_id AND team.dissolved_at IS NULL
    WHERE component.retired_at IS NULL AND (%(only)s::bigint IS NULL OR component.id IN (
        SELECT component_id FROM ownership_part WHERE service_id = %(only)s
        UNION SELECT seam.downstream_id FROM ownership_part AS part
            JOIN ownership_dependency AS seam ON seam.upstream_id = part.component_id WHERE part.service_id = %(only)s
    ))
), seam AS (
    SELECT seam.id, seam.id * 3 + 2 AS key, seam.kind, seam.upstream_id, seam.downstream_id, seam.contract_url,
        seam.unit, seam.freshness_minutes, upstream.name AS upstream, downstream.name AS downstream,
        upstream.team_id AS upstream_team, downstream.team_id AS downstream_team
    FROM ownership_dependency AS seam
    JOIN component AS upstream ON upstream.id = seam.upstream_id
    JOIN component AS downstream ON downstream.id = seam.downstream_id
), part AS (
    SELECT part.component_id, part.service_id, service.tier, service.name, service.slug
    FROM ownership_part AS part JOIN service ON service.id = part.service_id
), word AS (
    SELECT COALESCE(held.service_id, 0) AS service_id, COALESCE(held.component_id, 0) AS component_id,
        COALESCE(held.dependency_id, 0) AS dependency_id, COALESCE(held.person_id, 0) AS person_id,
        COALESCE(held.team_id, 0) AS team_id, max(said.at) AS said_at
    FROM ownership_confirmation AS said JOIN ownership_assignment AS held ON held.id = said.assignment_id
    WHERE said.at <= %(at)s GROUP BY 1, 2, 3, 4, 5
), holder AS (
    SELECT held.id, held.service_id, held.component_id, held.dependency_id, held.person_id, held.team_id,
        held.answering_id, CASE
            WHEN held.answering_id IS NULL THEN ''
            WHEN NOT named.is_active THEN 'left'
            WHEN mate.id IS NULL THEN 'out'
        END AS unnamed,
        COALESCE(held.service_id * 3, held.component_id * 3 + 1, held.dependency_id * 3 + 2) AS key,
        COALESCE(person.is_active, team.dissolved_at IS NULL) AS here, word.said_at
    FROM ownership_assignment AS held
    LEFT JOIN ownership_person AS person ON person.id = held.person_id
    LEFT JOIN ownership_person AS named ON named.id = held.answering_id
    LEFT JOIN ownership_membership AS mate ON mate.team_id = held.team_id AND mate.person_id = held.answering_id
    LEFT JOIN ownership_team AS team ON team.id = held.team_id
    LEFT JOIN word ON word.service_id = COALESCE(held.service_id, 0)
        AND word.component_id = COALESCE(held.component_id, 0) AND word.dependency_id = COALESCE(held.dependency_id, 0)
        AND word.person_id = COALESCE(held.person_id, 0) AND word.team_id = COALESCE(held.team_id, 0)
    WHERE held.role = 'accountable' AND held.superseded_at IS NULL AND held.during @> %(at)s
), waived AS (
    SELECT waiver.key FROM (
        SELECT COALESCE(service_id * 3, component_id * 3 + 1, dependency_id * 3 + 2) AS key
        FROM ownership_waiver WHERE ended_at IS NULL
    ) AS waiver WHERE NOT EXISTS (SELECT FROM holder WHERE holder.key = waiver.key AND holder.here)
), service_state AS (
    SELECT service.id, service.key, CASE
        {own}
        ELSE 'unknown'
    END AS state
    FROM service
    LEFT JOIN holder ON holder.key = service.key
    LEFT JOIN waived ON waived.key = service.key
), served AS (
    SELECT part.component_id, CASE
        WHEN bool_or(above.state IN ('vacant', 'unknown')) THEN 'unknown'
        WHEN bool_or(above.state = 'named') THEN 'named'
        WHEN bool_and(above.state = 'deliberate') THEN 'deliberate'
        ELSE 'inherited'
    END AS state
    FROM part JOIN service_state AS above ON above.id = part.service_id GROUP BY part.component_id
), component_state AS (
    SELECT component.id, component.key, CASE
        {own}
        ELSE COALESCE(served.state, 'unknown')
    END AS state
    FROM component
    LEFT JOIN holder ON holder.key = component.key
    LEFT JOIN waived ON waived.key = component.key
    LEFT JOIN served ON served.component_id = component.id
), seam_state AS (
    SELECT seam.id, seam.key, CASE
        {own}
        WHEN seam.upstream_team IS NULL OR seam.upstream_team IS DISTINCT FROM seam.downstream_team THEN 'unknown'
        WHEN upstream.state IN ('vacant', 'unknown') OR downstream.state IN ('vacant', 'unknown') THEN 'unknown'
        WHEN 'named' IN (upstream.state, downstream.state) THEN 'named'
        WHEN upstream.state = 'deliberate' AND downstream.state = 'deliberate' THEN 'deliberate'
        ELSE 'inherited'
    END AS state
    FROM seam
    JOIN component_state AS upstream ON upstream.id = seam.upstream_id
    JOIN component_state AS downstream ON downstream.id = seam.downstream_id
    LEFT JOIN holder ON holder.key = seam.key
    LEFT JOIN waived ON waived.key = seam.key
), state AS (
    SELECT 'service' AS kind, id, key, state FROM service_state
    UNION ALL SELECT 'component', id, key, state FROM component_state
    UNION ALL SELECT 'dependency', id, key, state FROM seam_state
), touch AS (
    -- What a team has a hand in: what it or one of its people answers for, what it looks after, the seams there, and
    -- the services of what it looks after, so that a service nobody answers for counts with those who work on it.
    SELECT team_id, key FROM component WHERE team_id IS NOT NULL
    UNION SELECT component.team_id, part.service_id * 3
        FROM part JOIN component ON component.id = part.component_id WHERE component.team_id IS NOT NULL
    UNION SELECT upstream_team, key FROM seam WHERE upstream_team IS NOT NULL
    UNION SELECT downstream_team, key FROM seam WHERE downstream_team IS NOT NULL
    UNION SELECT team.id, holder.key
        FROM holder LEFT JOIN ownership_membership AS mate ON mate.person_id = holder.person_id
        JOIN ownership_team AS team ON team.id = COALESCE(holder.team_id, mate.team_id) AND team.dissolved_at IS NULL
)
"""
ROWS = _ROWS.format(own=_OWN)


def rows(*statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """What a statement on top of ROWS answers, whole; its parts are constants, all that varies is a parameter."""
    with connection.cursor() as cursor:
        cursor.execute("".join([ROWS, *statement]), {"only": None, **parameters})
        return cast("list[tuple[Any, ...]]", cursor.fetchall())
