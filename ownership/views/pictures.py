"""From what a map or a blast radius knows to a drawing that a template can write down as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from ownership.drawing.layout import lay_out
from ownership.drawing.lettering import fitted
from ownership.drawing.shapes import Box, Line, Measures
from ownership.queries.blast import BlastRadius
from ownership.queries.graph import Node, ServiceHit
from ownership.queries.maps import MapNode, ServiceMap
from ownership.reckoning.walks import Seam
from ownership.vocabulary import ComponentKind, DependencyKind, PartRole

WIDE = Measures()
CROWDED = Measures(width=144, gap=12, between=56, per_row=6)
TANGLED = Measures(width=154, gap=14, between=56)  # fewer in a row leave room for the lines between them
NARROW = Measures(width=146, gap=10, between=50, per_row=2)  # for a phone, which scrolls downwards
MANY = 24  # from here on boxes are narrower
WIDEST = 1120  # what must shrink more than this to fit a page is not read any more
PHONE = 400  # a narrow drawing that needs more room than this is no better than the wide one
PAD, NAME_SIZE, SMALL_SIZE = 11, 12.5, 11
SHRINKS = 900  # a drawing wider than this may shrink a little to the room there is
SHOWN_IN_BLAST, SERVICES_IN_BLAST = 40, 12


@dataclass(frozen=True)
class Thing:
    """What a box stands for: three lines of words, of which the last may say that something is missing."""

    key: tuple[str, int]
    url: str
    name: str
    what: str
    hint: str = ""
    style: str = ""
    is_missing: bool = False
    label: str = ""  # what the box says in place of the name

    @property
    def title(self) -> str:
        """All of it in one line, also what the box had no room for."""
        return ", ".join(words for words in (self.name, self.what, self.hint) if words)


@dataclass(frozen=True)
class Join:
    """A line between two things."""

    start: tuple[str, int]
    end: tuple[str, int]
    style: str
    title: str
    label: str = ""


@dataclass(frozen=True)
class DrawnBox:
    """A box with its words cut to fit."""

    number: int
    thing: Thing
    box: Box

    @property
    def name(self) -> str:
        """As much of the name as fits, in its short form where there is one."""
        return fitted(self.thing.label or self.thing.name, self.box.width - 2 * PAD, NAME_SIZE)

    @property
    def what(self) -> str:
        """As much of the second line as fits."""
        return fitted(self.thing.what, self.box.width - 2 * PAD, SMALL_SIZE)

    @property
    def hint(self) -> str:
        """As much of the third line as fits."""
        return fitted(self.thing.hint, self.box.width - 2 * PAD, SMALL_SIZE)

    @property
    def text_x(self) -> float:
        """Where its words begin."""
        return self.box.x + PAD

    @property
    def lines_y(self) -> tuple[float, float, float]:
        """The baselines of its three lines."""
        return self.box.y + 20, self.box.y + 35.5, self.box.y + 50


@dataclass(frozen=True)
class DrawnLine:
    """A line with what it says."""

    join: Join
    ends: str  # the numbers of its boxes, for the highlighting
    path: str
    tip: str
    is_back: bool
    label_at: tuple[float, float] | None

    @property
    def label_y(self) -> float:
        """The baseline of its label, which stands in the middle of its place."""
        return self.label_at[1] + 3.5 if self.label_at else 0.0


@dataclass(frozen=True)
class Picture:
    """A whole drawing, ready to be written."""

    width: float
    height: float
    boxes: Sequence[DrawnBox]
    lines: Sequence[DrawnLine]
    loose_at: float | None
    unlabelled: int

    @property
    def shrinks(self) -> bool:
        """Wide enough that it may be shown a little smaller."""
        return self.width > SHRINKS

    @property
    def loose_y(self) -> float:
        """The baseline of the words above boxes that no line joins."""
        return (self.loose_at or 0.0) - 12

    @property
    def fits_phone(self) -> bool:
        """A phone can show it without scrolling sideways, or nearly so."""
        return self.width <= PHONE

    @property
    def styles(self) -> set[str]:
        """The kinds of lines in it, for the legend."""
        return {line.join.style for line in self.lines}

    @property
    def has_back(self) -> bool:
        """A line in it leads back."""
        return any(line.is_back for line in self.lines)


def drawn(things: Sequence[Thing], joins: Iterable[Join], measures: Measures) -> Picture:
    """Lay things and joins out; joins of what is not among the things are left out."""
    number = {thing.key: place for place, thing in enumerate(things)}
    shown = [join for join in joins if join.start in number and join.end in number]
    lines = [
        Line(key, number[join.start], number[join.end], join.style.split()[0], join.label)
        for key, join in enumerate(shown)
    ]
    layout = lay_out(range(len(things)), lines, measures=measures)
    routes = [
        DrawnLine(
            join=shown[route.key],
            ends=f"{lines[route.key].start} {lines[route.key].end}",
            path=route.path,
            tip=route.tip,
            is_back=route.is_back,
            label_at=route.label_at,
        )
        for route in layout.routes
    ]
    return Picture(
        width=layout.width,
        height=layout.height,
        boxes=[DrawnBox(box.node, things[box.node], box) for box in layout.boxes],
        lines=routes,
        loose_at=layout.loose_at,
        unlabelled=sum(bool(line.join.label) and line.label_at is None for line in routes),
    )


def of_map(found: ServiceMap, measures: Measures | None = None) -> Picture:
    """The picture of a service's map; without measures in those that suit it."""
    names = {place.node.id: place.node.name for place in found.pictured}
    joins = [_seam(seam, names) for seam in found.seams if {seam.upstream, seam.downstream} <= names.keys()]
    return _drawn_to_fit([_place(place) for place in found.pictured], joins, measures)


def of_blast(found: BlastRadius, measures: Measures | None = None) -> tuple[Picture, int]:
    """The picture of a blast radius, and how many hit components and services it leaves out.

    The ways to the services come first, then further components, nearest first.
    """
    services = found.services[:SERVICES_IN_BLAST]
    nodes: dict[int, Node] = {found.failing.id: found.failing}
    for hit in services:
        for node in hit.path:
            nodes.setdefault(node.id, node)
    for one in found.components:
        if len(nodes) + len(services) < SHOWN_IN_BLAST:
            nodes.setdefault(one.node.id, one.node)
    hardness = {one.node.id: one.hardness for one in found.components}
    things = [_service(hit) for hit in services]
    labels = _labels(found, nodes.values())
    things += [_hit(node, found.failing, hardness.get(node.id, 0), labels[node.id]) for node in nodes.values()]
    names = {node.id: node.name for node in nodes.values()}
    joins = [_seam(seam, names) for seam in found.seams if {seam.upstream, seam.downstream} <= names.keys()]
    joins += [_belongs(hit) for hit in services]
    left_out = len(found.services) - len(services) + len(found.components) + 1 - len(nodes)
    return _drawn_to_fit(things, joins, measures), left_out


def _drawn_to_fit(things: Sequence[Thing], joins: Sequence[Join], measures: Measures | None) -> Picture:
    if measures is not None:
        return drawn(things, joins, measures)
    if len(things) < MANY:
        return drawn(things, joins, WIDE)
    picture = drawn(things, joins, CROWDED)
    return picture if picture.width <= WIDEST else drawn(things, joins, TANGLED)


def words_of(seam: Seam) -> str:
    """How long a seam waits and how often it tries: `800 ms × 2`; empty when neither is known."""
    waits = f"{seam.timeout_ms} ms" if seam.timeout_ms is not None else ""
    tries = f"× {seam.attempts}" if seam.attempts is not None and seam.attempts > 1 else ""
    return f"{waits} {tries}".strip()


def _seam(seam: Seam, names: Mapping[int, str]) -> Join:
    kind = str(DependencyKind(seam.kind).label).lower()
    words = words_of(seam)
    title = f"{names[seam.upstream]} {kind} {names[seam.downstream]}{f', {words}' if words else ''}"
    return Join(("component", seam.upstream), ("component", seam.downstream), seam.kind, title, words)


def _place(place: MapNode) -> Thing:
    kind = str(ComponentKind(place.node.kind).label)
    role = str(PartRole(place.role).label) if place.role else ""
    return Thing(
        key=("component", place.node.id),
        url=reverse("ownership:component", args=[place.node.id]),
        name=place.node.name,
        what=f"{role} · {kind}" if role else kind,
        hint=place.custodian or "no team looks after it",
        style=place.role or "ghost",
        is_missing=place.custodian is None,
        label=place.label,
    )


def _labels(found: BlastRadius, nodes: Collection[Node]) -> dict[int, str]:
    """Names without that of the failing component's own service; in full where two boxes would say the same."""
    homes = [hit.service for hit in found.services if hit.is_direct]
    short = {
        node.id: next((said for one in homes if (said := one.label_of(node.name)) != node.name), node.name)
        for node in nodes
    }
    often = Counter(short.values())
    return {node.id: short[node.id] if often[short[node.id]] == 1 else node.name for node in nodes}


def _hit(node: Node, failing: Node, hardness: int, label: str) -> Thing:
    is_failing = node.id == failing.id
    return Thing(
        key=("component", node.id),
        url=reverse("ownership:component" if is_failing else "ownership:blast_radius", args=[node.id]),
        name=node.name,
        what=str(ComponentKind(node.kind).label),
        hint="fails" if is_failing else ("hit at once", "hit later", "hit at the next build")[hardness],
        style="failing" if is_failing else ("hit", "later", "later")[hardness],
        label=label,
    )


def _service(hit: ServiceHit) -> Thing:
    asked = hit.answering.asked
    return Thing(
        key=("service", hit.service.pk),
        url=reverse("ownership:service", args=[hit.service.slug]),
        name=hit.service.name,
        what=f"Service · {hit.service.tier_name}",
        hint=str(asked.party) if asked else "nobody answers",
        style="service softened" if hit.is_softened else "service",
        is_missing=asked is None,
    )


def _belongs(hit: ServiceHit) -> Join:
    part = hit.path[-1]
    return Join(
        ("service", hit.service.pk),
        ("component", part.id),
        "part",
        f"{part.name} is part of {hit.service.name}",
    )
