"""The coverage worklist: every gap in sight, worst first; one statement for a page of any catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ownership import archetypes
from ownership.models import Person, Service
from ownership.queries import confirmations, rules
from ownership.queries.rules import BY_KEY, Rule
from ownership.queries.states import NO_TIER, rows
from ownership.vocabulary import ComponentKind, Tier
from web.pagination import Cursor

SIZE = 50
_CURSOR = Cursor("coverage gaps")

# A gap is of one rule, about one subject; `detail` tells apart several of one rule: the kind of part that is missing,
# or which team names nobody of its own.
_GAPS = """, helper AS (
    SELECT held.role, held.service_id, held.component_id FROM ownership_assignment AS held
    LEFT JOIN ownership_person AS person ON person.id = held.person_id
    LEFT JOIN ownership_team AS team ON team.id = held.team_id
    WHERE held.role IN ('deputy', 'custodian') AND held.superseded_at IS NULL AND held.during @> %(at)s
        AND COALESCE(person.is_active, team.dissolved_at IS NULL)
), gap AS (
    SELECT 'no_owner' AS rule, service.key, '' AS detail FROM service
    WHERE NOT EXISTS (SELECT FROM holder WHERE holder.key = service.key)
        AND NOT EXISTS (SELECT FROM waived WHERE waived.key = service.key)
    UNION ALL
    SELECT 'owner_gone', key, '' FROM holder
    WHERE NOT here AND NOT EXISTS (SELECT FROM waived WHERE waived.key = holder.key)
    UNION ALL
    SELECT 'not_accepted', key, '' FROM holder WHERE here AND said_at IS NULL
    UNION ALL
    SELECT 'stale', key, '' FROM holder WHERE here AND said_at <= %(stale)s
    UNION ALL
    SELECT 'no_answering', key, unnamed FROM holder
    WHERE here AND team_id IS NOT NULL AND unnamed IS NOT NULL
    UNION ALL
    SELECT DISTINCT 'no_answering', COALESCE(service_id * 3, component_id * 3 + 1, dependency_id * 3 + 2),
        CASE WHEN named.is_active THEN 'deputy_out' ELSE 'deputy_left' END
    FROM ownership_assignment AS held
    JOIN ownership_team AS team ON team.id = held.team_id AND team.dissolved_at IS NULL
    JOIN ownership_person AS named ON named.id = held.answering_id
    LEFT JOIN ownership_membership AS mate ON mate.team_id = held.team_id AND mate.person_id = held.answering_id
    WHERE held.role = 'deputy' AND held.superseded_at IS NULL AND held.during @> %(at)s
        AND (mate.id IS NULL OR NOT named.is_active)
    UNION ALL
    SELECT 'no_deputy', service.key, '' FROM service
    WHERE NOT EXISTS (SELECT FROM helper WHERE helper.role = 'deputy' AND helper.service_id = service.id)
        AND NOT EXISTS (SELECT FROM waived WHERE waived.key = service.key)
    UNION ALL
    SELECT 'no_service', component.key, '' FROM component
    WHERE NOT EXISTS (SELECT FROM part WHERE part.component_id = component.id)
        AND NOT EXISTS (SELECT FROM waived WHERE waived.key = component.key)
    UNION ALL
    SELECT 'no_custodian', component.key, '' FROM component
    WHERE component.team_id IS NULL
        AND NOT EXISTS (SELECT FROM helper WHERE helper.role = 'custodian' AND helper.component_id = component.id)
        AND NOT EXISTS (SELECT FROM waived WHERE waived.key = component.key)
    UNION ALL
    SELECT 'half_owned', seam.key, '' FROM seam
    WHERE seam.upstream_team <> seam.downstream_team
        AND NOT EXISTS (SELECT FROM holder WHERE holder.key = seam.key)
        AND NOT EXISTS (SELECT FROM waived WHERE waived.key = seam.key)
    UNION ALL
    SELECT 'no_contract', key, '' FROM seam WHERE kind = 'data' AND contract_url = ''
    UNION ALL
    SELECT 'no_unit', key, '' FROM seam WHERE kind = 'data' AND unit = ''
    UNION ALL
    SELECT 'no_freshness', key, '' FROM seam WHERE kind = 'data' AND freshness_minutes IS NULL
    UNION ALL
    SELECT 'missing_part', service.key, expected.kind FROM service
    JOIN unnest(%(archetypes)s::text[], %(expected)s::text[]) AS expected(archetype, kind) USING (archetype)
    WHERE NOT EXISTS (
        SELECT FROM part JOIN component ON component.id = part.component_id
        WHERE part.service_id = service.id AND component.kind = expected.kind
    )
), rule AS (
    SELECT rule, place::int FROM unnest(%(rules)s::text[]) WITH ORDINALITY AS rule(rule, place)
), belongs AS (
    -- A service has its parts, and the seams by which they need others.
    SELECT key, id AS service_id FROM service
    UNION ALL SELECT component_id * 3 + 1, service_id FROM part
    UNION ALL SELECT seam.key, part.service_id FROM seam JOIN part ON part.component_id = seam.upstream_id
), first_place AS (
    SELECT DISTINCT ON (component_id) component_id, service_id, tier, name, slug
    FROM part ORDER BY component_id, tier, name, service_id
), subject AS (
    SELECT key, 'service' AS kind, id, name, tier, slug, name AS service FROM service
    UNION ALL
    SELECT component.key, 'component', component.id, component.name, COALESCE(place.tier, %(no_tier)s), place.slug,
        place.name
    FROM component LEFT JOIN first_place AS place ON place.component_id = component.id
    UNION ALL
    SELECT seam.key, 'dependency', seam.id, seam.upstream || ' → ' || seam.downstream,
        COALESCE(place.tier, %(no_tier)s), place.slug, place.name
    FROM seam LEFT JOIN first_place AS place ON place.component_id = seam.upstream_id
), my_team AS (
    SELECT team_id FROM ownership_membership WHERE person_id = %(person_id)s
), mine AS (
    SELECT held.service_id, held.component_id, held.dependency_id FROM ownership_assignment AS held
    WHERE held.role IN ('accountable', 'deputy') AND held.superseded_at IS NULL AND held.during @> %(at)s
        AND (%(person_id)s IN (held.person_id, held.answering_id) OR held.team_id IN (SELECT team_id FROM my_team))
), reach AS (
    SELECT key FROM belongs WHERE service_id IN (SELECT service_id FROM mine)
    UNION SELECT component_id * 3 + 1 FROM mine WHERE component_id IS NOT NULL
    UNION SELECT dependency_id * 3 + 2 FROM mine WHERE dependency_id IS NOT NULL
    UNION SELECT key FROM touch WHERE key %% 3 <> 0 AND team_id IN (SELECT team_id FROM my_team)
), wanted AS (
    SELECT gap.rule, rule.place, gap.detail, subject.*
    FROM gap JOIN rule ON rule.rule = gap.rule JOIN subject ON subject.key = gap.key"""

# What narrows `wanted` further, each where it is asked for.
_NARROWED = {
    "rule": " AND gap.rule = %(rule)s",
    "tier": " AND subject.tier = %(tier)s",
    "service_id": " AND gap.key IN (SELECT key FROM belongs WHERE service_id = %(service_id)s)",
    "team_id": " AND gap.key IN (SELECT key FROM touch WHERE team_id = %(team_id)s)",
    "person_id": " AND gap.key IN (SELECT key FROM reach)",
}

_LIST = """)
SELECT rule, kind, id, detail, name, tier, slug, service, place, key FROM wanted
WHERE %(after_tier)s::text IS NULL
    OR (tier, place, name, key, detail)
        > (%(after_tier)s, %(after_place)s, %(after_name)s, %(after_key)s, %(after_detail)s)
ORDER BY tier, place, name, key, detail
LIMIT %(limit)s
"""

_COUNTS = ") SELECT rule, count(*) FROM wanted GROUP BY rule"

# A gap counts with each service that it belongs to; services beyond the first `limit` are one row, service NULL.
_BY_SERVICE = """), counted AS (
    SELECT belongs.service_id, gap.rule, count(*) AS gaps
    FROM gap JOIN belongs ON belongs.key = gap.key GROUP BY 1, 2
), ranked AS (
    SELECT service.id, service.tier, service.name, service.slug,
        row_number() OVER (ORDER BY service.tier, sum(counted.gaps) DESC, service.name, service.id) AS place
    FROM counted JOIN service ON service.id = counted.service_id GROUP BY 1, 2, 3, 4
)
SELECT ranked.slug, ranked.name, ranked.tier, ranked.place, counted.rule, counted.gaps, 1
FROM counted JOIN ranked ON ranked.id = counted.service_id WHERE ranked.place <= %(limit)s
UNION ALL
SELECT NULL, NULL, NULL, %(limit)s + 1, counted.rule, sum(counted.gaps)::bigint,
    (SELECT count(*) FROM ranked WHERE place > %(limit)s)
FROM counted JOIN ranked ON ranked.id = counted.service_id WHERE ranked.place > %(limit)s GROUP BY counted.rule
ORDER BY 4, 5
"""


@dataclass(frozen=True)
class Asked:
    """Which gaps: of one rule, tier, service, team, or within one person's reach; empty means all."""

    rule: str = ""
    tier: str = ""
    service_id: int | None = None
    team_id: int | None = None
    person_id: int | None = None


ALL = Asked()
# What a gap is called and means when a team names somebody, but who that is has left, or is in the team no more.
_LEFT = {
    "left": (
        "Team names somebody who left",
        "A team is accountable, and the one person who answered for it is no longer here.",
    ),
    "deputy_left": (
        "Deputy team names somebody who left",
        "A team stands in, and the one person who answered for it is no longer here.",
    ),
    "out": (
        "Team names somebody who is not in it",
        "A team is accountable, and the one person who answered for it is in the team no more.",
    ),
    "deputy_out": (
        "Deputy team names somebody who is not in it",
        "A team stands in, and the one person who answered for it is in the team no more.",
    ),
}


@dataclass(frozen=True)
class Gap:
    """One gap. `kind` is service, component or dependency; `service` the one that matters most of those it is in."""

    rule: Rule
    kind: str
    subject_id: int
    detail: str
    name: str
    tier: str
    service_slug: str | None
    service: str | None

    @property
    def tier_name(self) -> str:
        """`Tier 1`; empty for what is in no service."""
        return Tier(self.tier).short if self.tier != NO_TIER else ""

    @property
    def what(self) -> str:
        """What is missing, in words: the rule's name, the kind of part, or which team names nobody of its own."""
        if self.missing_kind:
            return f"No {ComponentKind(self.missing_kind).label.lower()}"
        return _LEFT[self.detail][0] if self.detail else self.rule.name

    @property
    def sentence(self) -> str:
        """What that means."""
        return _LEFT[self.detail][1] if self.detail in _LEFT else self.rule.sentence

    @property
    def missing_kind(self) -> str:
        """The kind of part that is missing; empty for other gaps."""
        return "" if self.detail in _LEFT else self.detail


@dataclass(frozen=True)
class GapList:
    """A page of the worklist and the cursor of the next."""

    rows: Sequence[Gap]
    following: str | None


@dataclass(frozen=True)
class ServiceGaps:
    """How many gaps one service has, by rule; `services` is more than one where the rest is summed up."""

    slug: str | None
    name: str
    tier: str
    by_rule: Mapping[str, int]
    services: int = 1


def listed(asked: Asked = ALL, *, at: datetime, after: str | None = None, size: int = SIZE) -> GapList:
    """The worklist: highest tier first, then the worst rule, then by name; one query."""
    found = _rows(_LIST, asked, at=at, limit=size + 1, **_beyond(after))
    shown = [Gap(BY_KEY[row[0]], *row[1:8]) for row in found[:size]]
    if len(found) <= size:
        return GapList(shown, None)
    _, _, _, detail, name, tier, *_, place, key = found[size - 1]
    return GapList(shown, _CURSOR.write([tier, place, name, key, detail]))


def counted(asked: Asked = ALL, *, at: datetime) -> dict[str, int]:
    """How many gaps there are, for each rule in its order, zeros too; one query."""
    found = dict(_rows(_COUNTS, asked, at=at))
    return {key: found.get(key, 0) for key in rules.KEYS}


def by_service(*, at: datetime, limit: int) -> list[ServiceGaps]:
    """The services with gaps, highest tier first, then most gaps; beyond `limit` they are one last row; one query.

    A gap of a part or seam counts with each service that it belongs to.
    """
    found: dict[int, tuple[Any, dict[str, int]]] = {}
    for slug, name, tier, place, rule, gaps, services in _rows(_BY_SERVICE, ALL, at=at, limit=limit):
        found.setdefault(place, ((slug, name, tier, services), {}))[1][rule] = gaps
    return [
        ServiceGaps(slug, name or "", tier or "", by_rule, services)
        for (slug, name, tier, services), by_rule in found.values()
    ]


def of_service(service: Service, *, at: datetime) -> GapList:
    """The first gaps of a service, its parts and the seams by which they need others; one query."""
    return listed(Asked(service_id=service.pk), at=at)


def of_person(person: Person, *, at: datetime, size: int = SIZE) -> GapList:
    """The first gaps in what a person, or a team of theirs, answers for or looks after; one query."""
    return listed(Asked(person_id=person.pk), at=at, size=size)


def _rows(statement: str, asked: Asked, **more: Any) -> list[tuple[Any, ...]]:
    pairs = [(plan.archetype.value, kind) for plan in archetypes.every() for kind in sorted(plan.expected)]
    narrowed = [sql for name, sql in _NARROWED.items() if getattr(asked, name)]
    parameters = {
        "stale": more["at"] - confirmations.lasts(),
        "archetypes": [archetype for archetype, _ in pairs],
        "expected": [kind for _, kind in pairs],
        "rules": list(rules.KEYS),
        "no_tier": NO_TIER,
        **asdict(asked),
        "only": asked.service_id,
        **more,
    }
    return rows(_GAPS, *narrowed, statement, **parameters)


def _beyond(after: str | None) -> dict[str, Any]:
    names = ("tier", "place", "name", "key", "detail")
    values = _CURSOR.read(after) or [None] * len(names)
    return {f"after_{name}": value for name, value in zip(names, values, strict=True)}
