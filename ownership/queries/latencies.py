"""Where a service's latency budget goes, along the path of its requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ownership.models import Service
from ownership.queries import graph, maps
from ownership.queries.graph import Node
from ownership.reckoning import latency
from ownership.reckoning.latency import Band, Reckoning
from ownership.vocabulary import PartRole


@dataclass(frozen=True)
class Hop:
    """A call seam in the budget's unit; milliseconds are None without a share or a budget."""

    band: Band
    upstream: Node
    downstream: Node
    caller: str  # the names of both ends inside the service
    callee: str
    role: str
    share_ms: float | None
    begins_ms: float | None


@dataclass(frozen=True)
class ServiceLatency:
    """What the seams from one entry say about time. `entry` is None for a service without parts."""

    service: Service
    entry: Node | None
    is_marked: bool  # the entry is marked as such; else it is the first part
    others: Sequence[Node]  # further entries
    reckoning: Reckoning | None
    hops: Sequence[Hop]
    nodes: Mapping[int, Node]

    @property
    def bound_ms(self) -> float | None:
        """The sum of the shares, all calls one after the other: an upper planning bound, not a prediction."""
        budget = self.service.latency_budget_ms
        return None if budget is None or self.reckoning is None else budget * self.reckoning.claimed / 100

    @property
    def left_ms(self) -> float | None:
        """What of the budget no seam claims; negative when too much was given away."""
        budget = self.service.latency_budget_ms
        return None if budget is None or self.bound_ms is None else budget - self.bound_ms

    @property
    def with_share(self) -> int:
        """How many seams say their share."""
        return len(self.hops) - self.reckoning.without_share if self.reckoning else 0

    @property
    def kept_by(self) -> float | None:
        """The least percent of requests that keep the sum of the shares, when each seam keeps its own."""
        percentile = self.service.latency_percentile
        if percentile is None or not self.with_share:
            return None
        return latency.kept_together(float(percentile), self.with_share)

    def name_of(self, component_id: int) -> str:
        """How a component is called inside its service."""
        return self.service.label_of(self.nodes[component_id].name)

    @property
    def entry_name(self) -> str:
        """How the entry is called inside its service."""
        return self.service.label_of(self.entry.name) if self.entry else ""

    @property
    def longest_chain(self) -> str:
        """The longest single chain in words: `Gateway → Retriever → Embedding`."""
        if self.reckoning is None:
            return ""
        ids = [self.reckoning.entry, *(seam.downstream for seam in self.reckoning.longest)]
        return " → ".join(self.name_of(one) for one in ids)

    @property
    def met_again(self) -> str:
        """The components that are called from several sides and call others in turn, in words."""
        return ", ".join(self.name_of(one) for one in self.reckoning.met_again) if self.reckoning else ""


def of(service: Service, *, entry: int | None = None, roles: Mapping[int, str] | None = None) -> ServiceLatency:
    """The reckoning from an entry: the one asked for, else the one whose calls claim most.

    Three queries, one of them recursive; two when `maps.roles_of` the service are given. A service without a part
    marked as entry is read from its first part.
    """
    roles = maps.roles_of(service) if roles is None else roles
    marked = [one for one, role in roles.items() if role == PartRole.ENTRY]
    starts = marked or list(roles)[:1]
    if not starts:
        return ServiceLatency(service, None, False, (), None, (), {})
    seams = graph.downstream_of(starts)
    nodes = graph.nodes_of({*starts, *(seam.downstream for seam in seams)})
    chosen = [entry] if entry in starts else starts
    positions = {one: place for place, one in enumerate(roles)}
    found = [latency.reckon(one, seams, budget_ms=service.latency_budget_ms, positions=positions) for one in chosen]
    worst = max(found, key=lambda one: (one.claimed, len(one.bands)))
    return ServiceLatency(
        service=service,
        entry=nodes[worst.entry],
        is_marked=bool(marked),
        others=[nodes[one] for one in starts if one != worst.entry],
        reckoning=worst,
        hops=[_hop(band, nodes, roles, service) for band in worst.bands],
        nodes=nodes,
    )


def _hop(band: Band, nodes: Mapping[int, Node], roles: Mapping[int, str], service: Service) -> Hop:
    seam, budget = band.seam, service.latency_budget_ms
    return Hop(
        band=band,
        upstream=nodes[seam.upstream],
        downstream=nodes[seam.downstream],
        caller=service.label_of(nodes[seam.upstream].name),
        callee=service.label_of(nodes[seam.downstream].name),
        role=roles.get(seam.downstream, ""),
        share_ms=None if budget is None or band.share is None else budget * band.share / 100,
        begins_ms=None if budget is None else budget * band.begins / 100,
    )
