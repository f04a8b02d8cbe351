"""Who may do what with incidents: one named getter each, fetch and refusal together."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.response import signed
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from ownership.models import Person
from ownership.vocabulary import Role
from web.errors import DomainError


class NotYoursAnyMore(DomainError):
    """This link was made for somebody who may no longer work on the incident. Ask an admin, or the service's owner."""

    status = 403
    code = "not_yours_any_more"


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


def acknowledgeable_by_link(token: str, *, now: datetime) -> tuple[Person, Incident]:
    """Whose signed link it is, and the incident: a DomainError for what is broken, too old, or theirs no more."""
    promised = signed.read(token, now=now)
    person = Person.objects.filter(pk=promised.person_id).first()
    if person is None or not may_respond(person):
        raise NotYoursAnyMore
    shown = visible.to(person).select_related("service", "ball", "acknowledged_by", "resolved_by")
    incident = shown.filter(pk=promised.incident_id).first()
    if incident is None:
        raise NotYoursAnyMore
    return person, incident


def may_edit_waits(viewer: Person) -> bool:
    """Editors say how long each rung of the ladder is given."""
    return viewer.may(Role.EDITOR)


def require_editor_of_waits(viewer: Person) -> None:
    """Raise PermissionDenied for everyone below an editor."""
    if not may_edit_waits(viewer):
        raise PermissionDenied("Editors say how long each rung is given; ask an admin for that role.")


def workable_finding(viewer: Person, incident: Incident, finding_id: int) -> Finding:
    """A current finding of an incident that this person may work on."""
    require_responder(viewer)
    return get_object_or_404(Finding, pk=finding_id, incident=incident, superseded_at=None)
