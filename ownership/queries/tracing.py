"""From a component to its services and on to whoever answers, with the reason at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from ownership.models import Component, Service
from ownership.queries import owners, reaching
from ownership.queries.owners import NOBODY, Answering, Holding


@dataclass(frozen=True)
class Reached:
    """A service, who answers for it at the instant, and why it is on the way."""

    service: Service
    answering: Answering
    why: str


@dataclass(frozen=True)
class Trace:
    """The whole way. `answering` is what decides; `own` is who answers for the component by itself."""

    component: Component | None
    services: Sequence[Reached]
    own: Answering
    answering: Answering
    why: Sequence[str]

    @property
    def owner(self) -> Holding | None:
        """Whom to ask; None when nobody answers and nobody stands in."""
        return self.answering.asked


def component_by_alias(system: str, key: str) -> Component | None:
    """The living component that a system calls so, whatever the key's case; one query."""
    rows = Component.objects.select_related("custodian")
    return rows.filter(aliases__system=system, aliases__key__iexact=key, retired_at=None).first()


def component_named(said: str) -> Component | None:
    """A living component by its name in whatever case, or any by its id; one query."""
    wanted = Q(name__iexact=" ".join(said.split()), retired_at=None)
    by_id = said.isdecimal() and len(said) < 19 and int(said) < 2**63
    rows = Component.objects.select_related("custodian").filter(wanted | Q(pk=int(said)) if by_id else wanted)
    found = list(rows.order_by("pk")[:2])
    # Digits mean an id first; a component may still be called 42.
    return next((one for one in found if by_id and one.pk == int(said)), found[0] if found else None)


def service_named(said: str) -> Service | None:
    """A living service by its slug, or by its name in whatever case; one query."""
    wanted = Q(slug=said.lower()) | Q(name__iexact=" ".join(said.split()))
    return Service.objects.filter(wanted, retired_at=None).order_by("pk").first()


def from_component(component: Component, *, at: datetime, because: str) -> Trace:
    """Component → services → owner; five queries however many services. `because` says how it was found."""
    reaches = reaching.services_of([component.pk])[component.pk]
    answering = owners.of_services([reach.service.pk for reach in reaches], at=at)
    own = owners.of_subjects("component", [component.pk], at=at)[component.pk]
    reached = [Reached(reach.service, answering[reach.service.pk], reach.why(component)) for reach in reaches]
    why = [because, *(one.why for one in reached)]
    if reached:
        first = reached[0]
        if len(reached) > 1:
            why.append(f"{first.service} is asked first: critical role, then highest tier")
        why.append(_says(str(first.service), first.answering))
        return Trace(component, reached, own, first.answering, why)
    why += [f"{component} is part of no service, so who answers for it alone is asked", _says(str(component), own)]
    return Trace(component, reached, own, own, why)


def from_service(service: Service, *, at: datetime, because: str) -> Trace:
    """Service → owner; one query."""
    answering = owners.of_services([service.pk], at=at)[service.pk]
    why = [because, _says(str(service), answering)]
    return Trace(None, [Reached(service, answering, because)], NOBODY, answering, why)


def _says(name: str, answering: Answering) -> str:
    return f"{name}: {answering.words}"
