"""Who may do what with incidents: one named getter each, fetch and refusal together."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.response.models import BoardView, Finding, Incident
from incidents.response.queries import saved_views, visible
from ownership.models import Person
from ownership.vocabulary import Role


def may_respond(viewer: Person) -> bool:
    """Responders and above work on incidents."""
    return viewer.may(Role.RESPONDER)


def require_responder(viewer: Person) -> None:
    """Raise PermissionDenied for viewers."""
    if not may_respond(viewer):
        raise PermissionDenied("Responders work on incidents; ask an admin for that role.")


def readable_incident(viewer: Person, number: int) -> Incident:
    """An incident that this person may read: 404 otherwise."""
    found = visible.to(viewer).select_related("service", "component", "ball", "acknowledged_by", "resolved_by")
    return get_object_or_404(found, pk=number)


def workable_incident(viewer: Person, number: int) -> Incident:
    """An incident that this person may work on: responders; 403 for viewers."""
    incident = readable_incident(viewer, number)
    require_responder(viewer)
    return incident


def workable_finding(viewer: Person, incident: Incident, finding_id: int) -> Finding:
    """A current finding of an incident that this person may work on."""
    require_responder(viewer)
    return get_object_or_404(Finding, pk=finding_id, incident=incident, superseded_at=None)


def readable_view(viewer: Person, number: int) -> BoardView:
    """A saved view of the board that this person may open: their own, or one shown to everybody."""
    return get_object_or_404(saved_views.of(viewer), pk=number)


def editable_view(viewer: Person, number: int) -> BoardView:
    """A saved view that this person may change: their own; admins also what is shown to everybody."""
    view = readable_view(viewer, number)
    if not may_edit_view(viewer, view):
        raise PermissionDenied(f"{view.owner} made this view; they or an admin can change it.")
    return view


def may_edit_view(viewer: Person, view: BoardView) -> bool:
    """Its owner may, and admins what is shown to everybody."""
    return view.owner_id == viewer.pk or (view.shared and viewer.may(Role.ADMIN))
