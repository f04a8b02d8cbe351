"""Who may do what with sources: everybody who is signed in sees them, editors manage them and read raw bodies."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.alerts.models import Delivery, Source
from incidents.response import access as response
from incidents.response.models import Incident
from ownership.models import Person, Service
from ownership.vocabulary import Role


def may_manage(viewer: Person) -> bool:
    """Editors and above manage sources."""
    return viewer.may(Role.EDITOR)


def require_editor(viewer: Person) -> None:
    """Raise PermissionDenied for those who only read."""
    if not may_manage(viewer):
        raise PermissionDenied("Editors manage sources and grouping and read what was sent; ask an admin for that.")


def readable_source(viewer: Person, source_id: int) -> Source:
    """A source; 404 when there is none."""
    return get_object_or_404(Source.objects.select_related("created_by"), pk=source_id)


def manageable_source(viewer: Person, source_id: int) -> Source:
    """A source that this person may change; 403 for those who only read."""
    require_editor(viewer)
    return readable_source(viewer, source_id)


def readable_delivery(viewer: Person, source_id: int, delivery_id: UUID) -> Delivery:
    """A delivery with its raw body, which may hold users' text: editors only."""
    require_editor(viewer)
    return get_object_or_404(Delivery.objects.select_related("source"), pk=delivery_id, source=source_id)


def manageable_service(viewer: Person, slug: str) -> Service:
    """A service whose grouping policy this person may change: editors."""
    require_editor(viewer)
    return readable_service(viewer, slug)


def readable_service(viewer: Person, slug: str) -> Service:
    """A service with its grouping policy: everybody who is signed in; 404 when there is none."""
    return get_object_or_404(Service, slug=slug)


def may_move(viewer: Person) -> bool:
    """Responders and above move alerts from one incident to another."""
    return response.may_respond(viewer)


def incident_to_move_from(viewer: Person, number: int) -> Incident:
    """An incident whose alerts this person may move; 403 for viewers."""
    return response.workable_incident(viewer, number)


def adoptable_incident(viewer: Person, number: int) -> Incident:
    """An incident whose alerts this person may give to a component: editors."""
    require_editor(viewer)
    return response.readable_incident(viewer, number)
