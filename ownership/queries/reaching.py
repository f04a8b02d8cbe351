"""Which services a component belongs to. Directly, or over seams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ownership.models import Component, Part, Service
from ownership.queries import graph
from ownership.queries.graph import Node
from ownership.queries.owners import Answering
from ownership.reckoning import walks
from ownership.vocabulary import PartRole

_ROLE_ORDER = {PartRole.CRITICAL: 0, PartRole.ENTRY: 1, PartRole.SUPPORTING: 2, PartRole.FALLBACK: 3}


@dataclass(frozen=True)
class Reach:
    """A service that a component serves, by which role, and over which components when it is no part of it itself.

    `role` is that of the part that is in the service; `path` runs from the component to it and is empty for a part.
    """

    service: Service
    role: str
    path: tuple[Node, ...] = ()

    def why(self, component: Component) -> str:
        """The reason in words."""
        role = PartRole(self.role).label.lower()
        if not self.path:
            return f"{component} is part of {self.service}, as {role}"
        over = " → ".join(str(one) for one in self.path)
        return f"{component} is needed over {over}, which is part of {self.service}, as {role}"


def importance(part: Part) -> tuple[int, str, int]:
    """By which of a component's services is asked first: critical role, then highest tier."""
    return _ROLE_ORDER[PartRole(part.role)], part.service.tier, part.service_id


def services_of(component_ids: Collection[int]) -> Mapping[int, Sequence[Reach]]:
    """The living services of each component, the one that is asked first in front; three queries, one recursive.

    Those that it is a part of: critical role first, then highest tier. Behind them those that need it only over seams:
    what is hit at once first, then highest tier, then nearest.
    """
    seams = graph.upstream_of(component_ids)
    met = {*component_ids, *(seam.upstream for seam in seams)}
    nodes, parts = graph.nodes_of(met), graph.parts_of(met)
    by_component: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_component[part.component_id].append(part)
    roles = graph.roles_in(parts)
    found: dict[int, list[Reach]] = {}
    for one in component_ids:
        direct = [Reach(part.service, part.role) for part in sorted(by_component[one], key=importance)]
        hits = graph.hits_along(walks.hit_from(one, seams), by_component, roles, nodes, defaultdict(Answering))
        own = {reach.service.pk for reach in direct}
        over = [Reach(hit.service, hit.role, hit.path[1:]) for hit in hits if hit.service.pk not in own]
        found[one] = direct + over
    return found
