"""What a service's map shows: its parts, and everything that they need, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ownership.models import Part, Service
from ownership.queries import graph, owners
from ownership.queries.graph import Node
from ownership.queries.owners import NOBODY, Answering
from ownership.reckoning import walks
from ownership.reckoning.walks import Seam
from ownership.vocabulary import ComponentKind, DependencyKind, PartRole
from web import wording

PICTURED, LISTED = 60, 400
DEEPEST = 7  # a list indented further is hard to read; it goes on below instead


@dataclass(frozen=True)
class MapNode:
    """A component on a map; `role` is empty for what is not a part of the service.

    `label` is its name without the service's own in front.
    """

    node: Node
    label: str
    role: str = ""
    answering: Answering = NOBODY

    @property
    def custodian(self) -> str | None:
        """Who looks after it: its team, else whoever holds that role for it."""
        held = next((str(one.party) for one in self.answering.custodians if not one.is_vacant), None)
        return self.node.custodian or held


@dataclass(frozen=True)
class ServiceMap:
    """Parts in the order of the request's path, entries first, then what they need, nearest first."""

    service: Service
    nodes: Sequence[MapNode]
    seams: Sequence[Seam]
    back: frozenset[int]  # ids of seams that close a cycle

    @property
    def pictured(self) -> Sequence[MapNode]:
        """As many as a picture can hold."""
        return self.nodes[:PICTURED]

    @property
    def beyond_picture(self) -> int:
        """How many only the list names."""
        return len(self.nodes) - len(self.pictured)

    @property
    def beyond_list(self) -> int:
        """How many not even the list names."""
        return max(0, len(self.nodes) - LISTED)

    @property
    def parts(self) -> int:
        """How many of the nodes are parts of the service."""
        return sum(bool(node.role) for node in self.nodes)

    @property
    def without_custodian(self) -> int:
        """How many nobody looks after."""
        return sum(node.custodian is None for node in self.nodes)


@dataclass(frozen=True)
class Branch:
    """A component in the indented list, the seam that leads to it, and what it needs in turn.

    `again` says where the rest is when it is not here: `above` or `below`.
    """

    place: MapNode
    seam: Seam | None
    again: str = ""
    is_back: bool = False
    branches: list[Branch] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """What sort of part it is, in words."""
        return str(ComponentKind(self.place.node.kind).label)

    @property
    def words(self) -> str:
        """The seam that leads here, in words: `calls (waits 800 ms, 2 tries)`."""
        if self.seam is None:
            return ""
        said = str(DependencyKind(self.seam.kind).label).lower()
        facts = [] if self.seam.timeout_ms is None else [f"waits {self.seam.timeout_ms} ms"]
        if self.seam.attempts is not None:
            facts.append(wording.tries(self.seam.attempts))
        return f"{said} ({', '.join(facts)})" if facts else said


def of(service: Service, *, at: datetime) -> ServiceMap:
    """A service's map; four queries whatever its size, one of them recursive."""
    roles = roles_of(service)
    seams = graph.downstream_of(roles)
    away = walks.distances(roles, seams)
    known = graph.nodes_of(away)
    answering = owners.of_subjects("component", away, at=at) if away else {}
    nodes = [MapNode(known[one], service.label_of(known[one].name), roles.get(one, ""), answering[one]) for one in away]
    return ServiceMap(service, nodes, seams, frozenset(walks.backward(roles, seams)))


def roles_of(service: Service) -> dict[int, str]:
    """The role of each living part by component id, entries first, then in the order of the path; one query."""
    parts = Part.objects.filter(service=service, component__retired_at=None).order_by("position", "pk")
    return entries_first(parts.values_list("component_id", "role"))


def entries_first(rows: Iterable[tuple[int, str]]) -> dict[int, str]:
    """The same of parts that are read already, given in the order of the path; pure."""
    return dict(sorted(rows, key=lambda row: row[1] != PartRole.ENTRY))


def branches_of(found: ServiceMap) -> list[Branch]:
    """The map as an indented list: each component once with all that it needs, elsewhere only by name."""
    return _Tree(found).grow()


class _Tree:
    """An indented list in the making."""

    def __init__(self, found: ServiceMap) -> None:
        self.places = {one.node.id: one for one in found.nodes[:LISTED]}
        self.needs: dict[int, list[Seam]] = {one: [] for one in self.places}
        for seam in found.seams:
            if seam.upstream in self.places and seam.downstream in self.places:
                self.needs[seam.upstream].append(seam)
        self.back = found.back
        self.met: dict[int, str] = {}
        self.waiting: list[int] = []

    def grow(self) -> list[Branch]:
        """The roots, in the order of the map."""
        roots = []
        for one in self.places:
            self.waiting.append(one)
            while self.waiting:
                root = self.waiting.pop(0)
                if self.met.get(root) != "above":
                    roots.append(self._grown(Branch(self.places[root], None), 0))
        return roots

    def _grown(self, branch: Branch, depth: int) -> Branch:
        here = branch.place.node.id
        self.met[here] = "above"
        for seam in self.needs[here]:
            branch.branches.append(self._branch(seam, depth))
        return branch

    def _branch(self, seam: Seam, depth: int) -> Branch:
        there = seam.downstream
        if there in self.met:
            return Branch(self.places[there], seam, self.met[there], seam.id in self.back)
        if depth == DEEPEST and self.needs[there]:
            self.met[there] = "below"
            self.waiting.append(there)
            return Branch(self.places[there], seam, "below")
        return self._grown(Branch(self.places[there], seam), depth + 1)
