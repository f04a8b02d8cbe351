"""How long each service could have failed: the time in which it was in service and the window was open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incidents.patterns.queries import facts
from incidents.patterns.queries.facts import Scope
from incidents.patterns.window import Window

# A service may have failed before it was written down here: its first incident says that it was in service, and one
# after it was retired says that it still was. What was not detected yet as of the instant asked for is not known.
SPANS = """
SELECT s.id, s.slug, s.name, s.tier, begun, ended FROM (
    SELECT s.id, s.slug, s.name, s.tier,
        greatest(%(since)s, CASE WHEN s.created_at > %(since)s THEN least(s.created_at, (
            SELECT min(p.detected_at) FROM {incidents} p WHERE p.service_id = s.id AND {home}
        )) ELSE s.created_at END) AS begun,
        least(%(reached)s, CASE WHEN s.retired_at < %(reached)s THEN greatest(s.retired_at, (
            SELECT max(p.detected_at) FROM {incidents} p
            WHERE p.service_id = s.id AND p.detected_at < %(reached)s AND {home}
        )) END) AS ended
    FROM ownership_service s {narrowed}
) s WHERE begun < ended
"""


@dataclass(frozen=True)
class Span:
    """When a service was in service within the window."""

    number: int
    slug: str
    name: str
    tier: str
    begun: datetime
    ended: datetime

    @property
    def days(self) -> float:
        """How long, in days."""
        return (self.ended - self.begun).total_seconds() / 86400


def reached(window: Window) -> datetime:
    """Until when the window can have shown anything."""
    return min(window.until, window.as_of)


def spans(asked: Scope, window: Window) -> list[Span]:
    """Every service that the window's filters mean and that was in service within it, also those without incidents.

    One query; none when the window asks for incidents that name no service.
    """
    if "p.service_id IS NULL" in asked.where:
        return []
    narrowed = "WHERE s.id = ANY(%(services)s)" if "services" in asked.params else ""
    sql = SPANS.replace("{narrowed}", narrowed)
    return [Span(*row) for row in facts.rows(asked, sql, reached=reached(window))]
