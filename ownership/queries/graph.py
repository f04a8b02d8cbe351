"""Walks over the seams in the database: one recursive query each, whatever the depth, cycles included.

A recursive query that UNIONs component ids alone is a walk with a visited set: PostgreSQL drops an id that it has
seen, so each component is expanded once and the cost is linear in the seams touched. Ways are found afterwards, in
`ownership.reckoning.walks`, from the seams that the query returns; a query that carried the ways along would meet
every way, and there can be exponentially many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from ownership.models import Component, Part, Service
from ownership.queries.owners import Answering
from ownership.reckoning import walks
from ownership.reckoning.walks import Seam, Ways

# OFFSET 0 keeps the inner query as it stands, so that seams are looked up by index at any size of the table.
_WALK = """
WITH RECURSIVE met(id) AS (
    SELECT unnest(%s::bigint[])
  UNION
    SELECT seam.{other} FROM met
    CROSS JOIN LATERAL (SELECT * FROM ownership_dependency WHERE {own} = met.id OFFSET 0) AS seam
    CROSS JOIN LATERAL (
        SELECT id FROM ownership_component WHERE id = seam.{other} AND retired_at IS NULL OFFSET 0
    ) AS living
)
SELECT seam.id, seam.upstream_id, seam.downstream_id, seam.kind, seam.timeout_ms, seam.attempts,
    seam.latency_share::float
FROM met
CROSS JOIN LATERAL (SELECT * FROM ownership_dependency WHERE {own} = met.id OFFSET 0) AS seam
CROSS JOIN LATERAL (
    SELECT id FROM ownership_component WHERE id = seam.{other} AND retired_at IS NULL OFFSET 0
) AS living
"""
UPSTREAM = _WALK.format(own="downstream_id", other="upstream_id")
DOWNSTREAM = _WALK.format(own="upstream_id", other="downstream_id")


@dataclass(frozen=True, slots=True)
class Node:
    """A component as pictures and paths name it; `custodian` is its team's name, None when no team looks after it."""

    id: int
    name: str
    kind: str
    custodian: str | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class ServiceHit:
    """A service that a failing component reaches, and who answers for it.

    `path` leads from the failing component over those that need it to a part of the service; a part itself is a path
    of one. `role` is what the path is to the service: the softest role among the service's parts on it. `hardness` is
    `walks.AT_ONCE`, `LATER` (data or events on the way) or `NEXT_BUILD`.
    """

    service: Service
    path: tuple[Node, ...]
    role: str
    hardness: int
    answering: Answering

    @property
    def is_direct(self) -> bool:
        """True when the failing component itself is a part of the service."""
        return len(self.path) == 1

    @property
    def is_softened(self) -> bool:
        """True when a supporting or fallback part, or data, events or builds, stand between."""
        return self.hardness != walks.AT_ONCE or walks.ROLE_RANK[self.role] > 0

    @property
    def way(self) -> str:
        """The path in words: `Search fallback → Retriever → Gateway`."""
        return " → ".join(node.name for node in self.path)

    @property
    def why(self) -> str:
        """The reason in words: `Search fallback → Retriever, critical in Support answers`."""
        return f"{self.way}, {self.role} in {self.service}"


def hits_along(
    ways: Ways,
    parts: Mapping[int, Sequence[Part]],
    roles: Mapping[int, Mapping[int, str]],
    nodes: Mapping[int, Node],
    answering: Mapping[int, Answering],
) -> list[ServiceHit]:
    """The services on the ways of one failure, each by the part that is hit hardest; pure."""
    found: dict[int, ServiceHit] = {}
    ranks: dict[int, tuple[int, ...]] = {}
    for node, hardness in ways.hardness.items():
        for part in parts.get(node, ()):
            way = ways.way_to(node)
            role = walks.role_on(way, roles[part.service_id])
            rank = (max(hardness, walks.ROLE_RANK[role]), walks.ROLE_RANK[role], hardness, len(way), node)
            if part.service_id not in ranks or rank < ranks[part.service_id]:
                ranks[part.service_id] = rank
                path = tuple(nodes[one] for one in way)
                found[part.service_id] = ServiceHit(part.service, path, role, hardness, answering[part.service_id])
    return sorted(found.values(), key=_urgency)


def _urgency(hit: ServiceHit) -> tuple[bool, str, int, str, int]:
    return hit.is_softened, hit.service.tier, len(hit.path), hit.service.name, hit.service.pk


def roles_in(parts: Iterable[Part]) -> dict[int, dict[int, str]]:
    """The role of each part by service and component; pure."""
    roles: dict[int, dict[int, str]] = defaultdict(dict)
    for part in parts:
        roles[part.service_id][part.component_id] = part.role
    return roles


def upstream_of(component_ids: Collection[int]) -> list[Seam]:
    """Every seam over which a failure of these components can travel; one recursive query.

    Retired components are not passed. In the order of their ids.
    """
    return _walked(UPSTREAM, component_ids)


def downstream_of(component_ids: Collection[int]) -> list[Seam]:
    """Every seam that these components need, directly or through others; one recursive query."""
    return _walked(DOWNSTREAM, component_ids)


def _walked(sql: str, component_ids: Collection[int]) -> list[Seam]:
    if not component_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(component_ids)])
        return [Seam(*row) for row in sorted(cursor.fetchall())]


def nodes_of(component_ids: Collection[int]) -> dict[int, Node]:
    """The components behind ids, retired ones too; one query."""
    if not component_ids:
        return {}
    rows = Component.objects.filter(pk__in=component_ids).values_list("pk", "name", "kind", "custodian__name")
    return {row[0]: Node(*row) for row in rows}


def parts_of(component_ids: Collection[int]) -> list[Part]:
    """The places of components in living services; one query."""
    if not component_ids:
        return []
    rows = Part.objects.filter(component__in=component_ids, service__retired_at=None)
    return list(rows.select_related("service").order_by("service__tier", "service__name", "position", "pk"))
