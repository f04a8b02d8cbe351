"""Where it fails: services by layer, kinds of parts, failure modes."""

from __future__ import annotations

from incidents.patterns.answers.kinds import SEAM
from incidents.patterns.answers.kinds import Row as KindRow
from incidents.patterns.answers.modes import Row as ModeRow
from incidents.patterns.answers.places import Row as PlaceRow
from incidents.patterns.models import BITS
from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import NO_SERVICE
from ownership.vocabulary import Tier

COUNTS = ", ".join(f"count(*) FILTER (WHERE {{found}} & {bit} > 0)" for bit in BITS.values())
SERVICES = """
SELECT s.slug, s.name, s.tier, counted.* FROM (
    SELECT p.service_id, count(*), {counts} FROM {incidents} p WHERE {where} AND {found} > 0 GROUP BY 1
) counted LEFT JOIN ownership_service s ON s.id = counted.service_id
""".replace("{counts}", COUNTS)
# A finding names a component, a dependency, or neither. The row without a kind counts the incidents of all of them.
KINDS = """
SELECT kind, count(DISTINCT incident_id), count(DISTINCT incident_id) FILTER (WHERE state = 'reviewed') FROM (
    SELECT coalesce(c.kind, '{seam}') AS kind, p.incident_id, p.state
    FROM {findings} p LEFT JOIN ownership_component c ON c.id = p.component_id
    WHERE {where} AND (p.component_id IS NOT NULL OR p.dependency_id IS NOT NULL)
) placed GROUP BY GROUPING SETS ((kind), ())
""".replace("{seam}", SEAM)
MODES = """
SELECT coalesce(h.code, ''), coalesce(h.name, ''), coalesce(h.layer, ''), count(DISTINCT p.incident_id), count(*),
    count(*) FILTER (WHERE p.state = 'reviewed')
FROM {findings} p LEFT JOIN incidents_failuremode m ON m.code = p.mode_id
    LEFT JOIN incidents_failuremode h ON h.code = coalesce(m.counts_as_id, m.code)
WHERE {where} GROUP BY 1, 2, 3
"""


def services(asked: Scope) -> list[PlaceRow]:
    """Incidents with a finding, and of these those with one in each layer, of every service that has any; one query."""
    return [
        PlaceRow(
            slug or NO_SERVICE,
            name or "",
            Tier(tier).short if tier else "",
            tagged,
            dict(zip(BITS, found, strict=True)),
        )
        for slug, name, tier, _, tagged, *found in facts.rows(asked, SERVICES)
    ]


def kinds(asked: Scope) -> tuple[list[KindRow], int]:
    """Incidents by kind of the parts found failing, and in how many a finding names any part; one query."""
    rows = [KindRow(*row) for row in facts.rows(asked, KINDS)]
    return [row for row in rows if row.kind], next((row.incidents for row in rows if not row.kind), 0)


def modes(asked: Scope) -> list[ModeRow]:
    """Findings by what their mode counts as, "" for those without one; one query."""
    return [ModeRow(*row) for row in facts.rows(asked, MODES)]
