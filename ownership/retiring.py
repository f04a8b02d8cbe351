"""Taking services and components out of use, and bringing them back. Nothing of their history goes.

A retired subject keeps its parts, seams and assignments: they are what was true, and bringing it back restores it.
What acts on people or alerts ends: open hand-overs are withdrawn, and a component's aliases are free for others.
"""

from __future__ import annotations

from datetime import datetime

from ownership import assigning, handing_over
from ownership.models import Alias, Component, Person, Service
from web.errors import DomainError


class NameTaken(DomainError):
    """Its name is in use again; rename the other one first, then bring this one back."""

    code = "name_taken"


def retire_service(service: Service, *, by: Person, now: datetime) -> Service:
    """Users no longer get this outcome; alerts no longer mean it, and nobody needs to answer. Twice is once."""
    with assigning.locked(service):
        if Service.objects.filter(pk=service.pk, retired_at=None).update(retired_at=now):
            handing_over.void(service, reason="The service was retired.", by=by, now=now)
    service.refresh_from_db()
    return service


def restore_service(service: Service, *, by: Person, now: datetime) -> Service:
    """Bring a retired service back as it was, with its owner; NameTaken when another has its name. Twice is once."""
    _restore(service, "service")
    return service


def retire_component(component: Component, *, by: Person, now: datetime) -> Component:
    """This part is no longer in use. Services and seams still show it, marked, until somebody takes it out.

    Its aliases go, so that another component can take them over: alerts never mean what is gone. Nobody is asked any
    more to take over it or a seam of it. Twice is once.
    """
    with assigning.locked(component):
        if Component.objects.filter(pk=component.pk, retired_at=None).update(retired_at=now):
            Alias.objects.filter(component=component).delete()
            handing_over.void(component, reason="The component was retired.", by=by, now=now)
            handing_over.void_at_seams(component, reason=f"{component} was retired.", by=by, now=now)
    component.refresh_from_db()
    return component


def restore_component(component: Component, *, by: Person, now: datetime) -> Component:
    """Bring a retired component back without its aliases; NameTaken when another has its name. Twice is once."""
    _restore(component, "component")
    return component


def _restore(row: Service | Component, noun: str) -> None:
    rows = type(row)._default_manager
    with assigning.locked(row):
        if rows.filter(retired_at=None, name__iexact=row.name).exclude(pk=row.pk).exists():
            raise NameTaken(f"Another {noun} is called {row.name} now; rename that one first.", field="name")
        rows.filter(pk=row.pk).update(retired_at=None)
    row.refresh_from_db()
