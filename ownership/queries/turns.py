"""When it changed who is accountable: read off the assignments, kept nowhere else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.db import connection

from ownership.models import Assignment, Component, Person, Service

# A turn is known by its assignment and by which end of it: it began, or ended with nobody after it.
_TURNS = """
WITH held AS (
    SELECT id, service_id, component_id, person_id, team_id, answering_id, during FROM ownership_assignment
    WHERE role = 'accountable' AND superseded_at IS NULL AND dependency_id IS NULL
        AND (
            NOT %(narrowed)s OR service_id = ANY(%(services)s::bigint[]) OR component_id = ANY(%(components)s::bigint[])
        )
), turn AS (
    SELECT lower(during) AS at, id, true AS begins, service_id, component_id FROM held
    WHERE NOT EXISTS (
        SELECT FROM held AS previous
        WHERE upper(previous.during) = lower(held.during)
            AND (
                previous.service_id, previous.component_id, previous.person_id, previous.team_id, previous.answering_id
            ) IS NOT DISTINCT FROM
                (held.service_id, held.component_id, held.person_id, held.team_id, held.answering_id)
    )
  UNION ALL
    SELECT upper(during), id, false, service_id, component_id FROM held
    WHERE NOT upper_inf(during) AND NOT EXISTS (
        SELECT FROM held AS following
        WHERE lower(following.during) = upper(held.during)
            AND following.service_id IS NOT DISTINCT FROM held.service_id
            AND following.component_id IS NOT DISTINCT FROM held.component_id
    )
), shown AS (
    SELECT * FROM turn
    WHERE at <= %(until)s AND at >= %(since)s
        AND (%(below)s::timestamptz IS NULL OR (at, id) < (%(below)s, %(below_id)s))
    ORDER BY at DESC, id DESC LIMIT %(limit)s
)
SELECT shown.at, shown.id, shown.begins, (
    SELECT previous.id FROM ownership_assignment AS previous
    WHERE shown.begins AND previous.role = 'accountable' AND previous.superseded_at IS NULL
        AND upper(previous.during) = shown.at
        AND (previous.service_id = shown.service_id OR previous.component_id = shown.component_id)
    LIMIT 1
) FROM shown ORDER BY shown.at DESC, shown.id DESC
"""
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Turn:
    """From `at` on somebody else, or nobody (empty), is accountable for a service or a component."""

    id: int
    at: datetime
    subject: Service | Component
    before: str
    after: str
    by: Person | None

    @property
    def service(self) -> Service | None:
        """The service that it is about, None for a component."""
        return self.subject if isinstance(self.subject, Service) else None

    @property
    def component(self) -> Component | None:
        """The component that it is about, None for a service."""
        return self.subject if isinstance(self.subject, Component) else None

    @property
    def title(self) -> str:
        """`Priya Nair answers for Support answers`."""
        return f"{self.after or 'Nobody'} answers for {self.subject}"

    @property
    def values(self) -> str:
        """Who was, and who is."""
        return f"{self.before or 'nobody'} → {self.after or 'nobody'}"


def of(
    *,
    since: datetime | None = None,
    until: datetime,
    limit: int,
    services: Collection[int] | None = None,
    components: Collection[int] | None = None,
    below: tuple[datetime, int] | None = None,
) -> list[Turn]:
    """The latest turns within the time, of these services and components or of all; two queries.

    `below` is the (at, id) of the last one seen. Turns of a time to come are not told: nothing has changed yet.
    """
    asked: dict[str, Any] = {
        "narrowed": services is not None or components is not None,
        "services": list(services or ()),
        "components": list(components or ()),
        "since": since or LONG_AGO,
        "until": until,
        "below": below[0] if below else None,
        "below_id": below[1] if below else None,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TURNS, asked)
        rows = cursor.fetchall()
    ids = {one for _, number, _, previous in rows for one in (number, previous) if one is not None}
    if not ids:
        return []
    rows_of = Assignment.objects.select_related("person", "team", "answering", "service", "component", "made_by")
    named = rows_of.in_bulk(ids)
    return [_turn(at, named[number], begins, named.get(previous)) for at, number, begins, previous in rows]


def _turn(at: datetime, row: Assignment, begins: bool, previous: Assignment | None) -> Turn:
    subject = cast("Service | Component", row.service or row.component)  # seams are left out above
    was = previous if begins else row
    return Turn(row.pk, at, subject, _named(was), _named(row) if begins else "", row.made_by)


def _named(row: Assignment | None) -> str:
    """`Priya Nair`, or `Answers team (Maya Okafor)`; empty for nobody."""
    if row is None:
        return ""
    return f"{row.party} ({row.answering})" if row.answering else str(row.party)
