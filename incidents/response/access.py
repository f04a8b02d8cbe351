"""Who may do what with incidents: one named getter each, fetch and refusal together."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
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
    found = visible.to(viewer).select_related(
        "service", "component__custodian", "ball", "acknowledged_by", "resolved_by", "times_checked_by"
    )
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
