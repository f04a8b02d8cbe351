"""Where an incident stands: its times, how far it went, who has the ball; three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incidents.response.models import ImpactFacts, Incident
from incidents.response.queries import clock, handoffs, impacts
from incidents.response.queries.clock import Clock
from incidents.response.queries.handoffs import Passes
from incidents.response.queries.impacts import Glance


@dataclass(frozen=True)
class Gauges:
    """What the page says of it beside the story."""

    clock: Clock
    facts: ImpactFacts | None
    glances: Sequence[Glance]
    versions: Sequence[tuple[str, str]]
    passes: Passes


def of(incident: Incident) -> Gauges:
    """Of one incident."""
    facts = impacts.current(incident)
    return Gauges(
        clock=clock.of(incident),
        facts=facts,
        glances=impacts.glances(incident, facts),
        versions=impacts.versions(facts) if facts else (),
        passes=handoffs.of(incident),
    )
