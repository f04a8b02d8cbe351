"""A whole new service in one go: what the form and the API take at once, all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Lower

from ownership import assigning, cataloguing
from ownership.models import Component, Person, Service, Team
from ownership.vocabulary import AssignmentRole, PartRole
from web.errors import translated


@dataclass(frozen=True)
class NewPart:
    """A part by name. A living component of that name joins as it is; otherwise one of this kind is made."""

    name: str
    kind: str
    role: str = PartRole.CRITICAL


def register(
    *,
    name: str,
    outcome: str,
    tier: str,
    by: Person,
    now: datetime,
    links: Collection[cataloguing.Link] = (),
    parts: Sequence[NewPart] = (),
    accountable: Person | Team | None = None,
) -> Service:
    """A service with its links, its parts in the order of the request's path, and who answers from now on."""
    with translated():
        service = cataloguing.add_service(name=name, outcome=outcome, tier=tier, links=links, by=by, now=now)
        for part in parts:
            component = find_or_add(name=part.name, kind=part.kind, by=by, now=now)
            cataloguing.add_part(service, component, role=part.role, by=by, now=now)
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
    living = Component.objects.filter(retired_at=None).annotate(lower=Lower("name"))
    found = living.filter(lower=wanted).first()
    return found or cataloguing.add_component(name=name, kind=kind, by=by, now=now)
