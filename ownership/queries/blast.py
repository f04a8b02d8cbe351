"""Blast radius: who is hit when a component fails, by which way, and what softens it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ownership.models import Component, Part
from ownership.queries import graph, owners
from ownership.queries.graph import Node, ServiceHit
from ownership.reckoning import walks
from ownership.reckoning.walks import Seam


@dataclass(frozen=True)
class ComponentHit:
    """A component that a failure reaches; `path` leads from the failing component to it."""

    path: tuple[Node, ...]
    hardness: int

    @property
    def node(self) -> Node:
        """Who is hit."""
        return self.path[-1]

    @property
    def way(self) -> str:
        """The path in words."""
        return " → ".join(node.name for node in self.path)


@dataclass(frozen=True)
class BlastRadius:
    """Everything that a failure of `failing` reaches: services by urgency, components hardest and nearest first."""

    failing: Node
    services: Sequence[ServiceHit]
    components: Sequence[ComponentHit]
    seams: Sequence[Seam]

    @property
    def hard(self) -> Sequence[ServiceHit]:
        """Services that are hit at once, with nothing between."""
        return [hit for hit in self.services if not hit.is_softened]

    @property
    def softened(self) -> Sequence[ServiceHit]:
        """Services that go on for a while, or go on worse."""
        return [hit for hit in self.services if hit.is_softened]

    @property
    def unanswered(self) -> int:
        """How many of the services nobody answers for."""
        return sum(not hit.answering.is_answered for hit in self.services)


def of(component: Component, *, at: datetime) -> BlastRadius:
    """The blast radius of one component; four queries whatever its size, one of them recursive."""
    seams = graph.upstream_of([component.pk])
    ways = walks.hit_from(component.pk, seams)
    nodes = graph.nodes_of(ways.hardness)
    parts = graph.parts_of(ways.hardness)
    by_component: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_component[part.component_id].append(part)
    ids = {part.service_id for part in parts}
    answering = owners.of_services(ids, at=at) if ids else {}
    components = [
        ComponentHit(tuple(nodes[one] for one in ways.way_to(node)), hardness)
        for node, hardness in ways.hardness.items()
        if node != component.pk
    ]
    return BlastRadius(
        failing=nodes[component.pk],
        services=graph.hits_along(ways, by_component, graph.roles_in(parts), nodes, answering),
        components=sorted(components, key=lambda hit: (hit.hardness, len(hit.path), hit.node.name, hit.node.id)),
        seams=seams,
    )
