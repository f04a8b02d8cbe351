"""A whole new service in one go: what the form and the API take at once, all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Unpack

from django.db.models.functions import Lower

from ownership import assigning, cataloguing
from ownership.cataloguing import Promises, SeamTraits
from ownership.models import Component, Dependency, Part, Person, Service, Team
from ownership.vocabulary import AssignmentRole, DependencyKind, PartRole
from web.errors import translated

LONGEST = 120  # characters of a component's name
NUMBERS = 20  # tries to find a free name for a part of its own


@dataclass(frozen=True)
class NewPart:
    """A part by name. A living component of that name joins as it is; otherwise one of this kind is made.

    With `own`, the name is only what such a part is usually called: the component is made anew and named after its
    service, so that two services never share a part without anybody having said so.
    """

    name: str
    kind: str
    role: str = PartRole.CRITICAL
    own: bool = False


@dataclass(frozen=True)
class NewSeam:
    """A seam between two of the new service's parts, by their places among them, counted from 0."""

    upstream: int
    downstream: int
    kind: str = DependencyKind.CALL
    traits: SeamTraits = field(default_factory=SeamTraits)


def register(
    *,
    name: str,
    outcome: str,
    tier: str,
    by: Person,
    now: datetime,
    links: Collection[cataloguing.Link] = (),
    parts: Sequence[NewPart] = (),
    seams: Sequence[NewSeam] = (),
    accountable: Person | Team | None = None,
    **promises: Unpack[Promises],
) -> Service:
    """A service with its links, its parts in the order of the request's path, and who answers from now on.

    A seam that joined components have between them already stays as it is. The number of statements does not grow
    with the number of parts and seams.
    """
    with translated():
        service = cataloguing.add_service(
            name=name, outcome=outcome, tier=tier, links=links, by=by, now=now, **promises
        )
        components = _components(service, parts)
        Part.objects.bulk_create(
            Part(service=service, component=component, role=part.role, position=place)
            for place, (part, component) in enumerate(zip(parts, components, strict=True))
        )
        _join(components, seams)
        if accountable is not None:
            assigning.assign(
                subject=service, role=AssignmentRole.ACCOUNTABLE, party=accountable, since=now, by=by, now=now
            )
    return service


def join_part(service: Service, part: NewPart, *, by: Person, now: datetime) -> Service:
    """Add one part by name, making the component when there is none."""
    with translated():
        component = find_or_add(name=part.name, kind=part.kind, by=by, now=now)
        cataloguing.add_part(service, component, role=part.role, by=by, now=now)
    return service


def find_or_add(*, name: str, kind: str, by: Person, now: datetime) -> Component:
    """The living component of this name in whatever case, or a new one."""
    wanted = " ".join(name.split()).lower()
    return known([wanted]).get(wanted) or cataloguing.add_component(name=name, kind=kind, by=by, now=now)


def known(names: Iterable[str]) -> dict[str, Component]:
    """The living components with these names in whatever case, by name in lower case; one query."""
    wanted = {name.lower() for name in names if name}
    living = Component.objects.filter(retired_at=None).annotate(lower=Lower("name")).filter(lower__in=wanted)
    return {component.name.lower(): component for component in living}


def own_name(service: str, part: str, *, number: int = 1) -> str:
    """What a part that its service alone uses is called: `Support answers · Retriever`, numbered from 2 on."""
    ending = f" · {part}" if number == 1 else f" · {part} {number}"
    return service[: LONGEST - len(ending)].rstrip() + ending


def _components(service: Service, parts: Sequence[NewPart]) -> list[Component]:
    """The component of each part: those that exist by this name, and new ones for the rest; two statements."""
    typed = {cataloguing.named(part.name).lower() for part in parts if not part.own}
    there = known({*typed, *(name for part in parts if part.own for name in _own_names(service, part))})
    found, made = [], []
    for part in parts:
        name = cataloguing.named(part.name)
        component = None if part.own else there.get(name.lower())
        if part.own:
            names = _own_names(service, part)
            free = (one for one in names if one.lower() not in there and one.lower() not in typed)
            name = next(free, names[0])  # when even the last number is taken, the database says so
        if component is None:
            component = there[name.lower()] = Component(name=name, kind=part.kind)
            made.append(component)
        found.append(component)
    Component.objects.bulk_create(made)
    return found


def _own_names(service: Service, part: NewPart) -> list[str]:
    return [own_name(service.name, cataloguing.named(part.name), number=number) for number in range(1, NUMBERS)]


def _join(components: Sequence[Component], seams: Sequence[NewSeam]) -> None:
    """Record the seams that are not there yet; two statements."""
    ids = [component.pk for component in components]
    ends = ("upstream_id", "downstream_id", "kind")
    there = set(Dependency.objects.filter(upstream__in=ids, downstream__in=ids).values_list(*ends))
    Dependency.objects.bulk_create(
        Dependency(
            upstream_id=ids[seam.upstream],
            downstream_id=ids[seam.downstream],
            kind=seam.kind,
            **cataloguing.seam_traits(seam.traits),
        )
        for seam in seams
        if (ids[seam.upstream], ids[seam.downstream], seam.kind) not in there
    )
