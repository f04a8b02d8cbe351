"""Who may do what with incidents: one named getter each, fetch and refusal together."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.response import signed, standing
from incidents.response.models import BoardView, Finding, Incident, IncidentLink
from incidents.response.queries import links, merged, saved_views, visible
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
    found = visible.to(viewer).select_related(
        "service", "component__custodian", "ball", "acknowledged_by", "resolved_by", "times_checked_by"
    )
    return get_object_or_404(found, pk=number)


def where_it_goes_on(viewer: Person, incident: Incident) -> int | None:
    """The number of the incident that this one was merged into, at the end of the chain, where they may see that."""
    if incident.merged_into_id is None:
        return None
    head = merged.heads([incident.pk])[incident.pk]
    return head if visible.among(viewer, [head]) else None


def workable_incident(viewer: Person, number: int) -> Incident:
    """An incident that this person may work on: responders; 403 for viewers, Merged (409) for what stands still."""
    incident = readable_incident(viewer, number)
    require_responder(viewer)
    standing.require(incident)
    return incident


def confidable_incident(viewer: Person, number: int) -> Incident:
    """An incident of which this person says who may see it: its lead, its owner's people, who declared it, admins."""
    incident = workable_incident(viewer, number)
    if not visible.decides(viewer, incident):
        raise PermissionDenied(
            "Its lead, whoever answers for its service, who declared it, and admins say who may see an incident."
        )
    return incident


def incident_to_take_out_of(viewer: Person, number: int, person: Person) -> Incident:
    """An incident that this person may take `person` out of: oneself always, of a private one whoever decides."""
    if person == viewer:
        return readable_incident(viewer, number)
    incident = workable_incident(viewer, number)
    return confidable_incident(viewer, number) if incident.private else incident


def separable_incident(viewer: Person, number: int) -> Incident:
    """A merged incident that this person may take out again; 404 when it is not merged, or not into what they see."""
    incident = readable_incident(viewer, number)
    require_responder(viewer)
    found = get_object_or_404(merged.current(), merged=incident)
    readable_incident(viewer, found.into_id)
    return incident


def removable_link(viewer: Person, number: int, link_id: int) -> IncidentLink:
    """A link of this incident that this person may take away; both ends must be theirs to see."""
    incident = readable_incident(viewer, number)
    require_responder(viewer)
    return get_object_or_404(links.of(incident, viewer), pk=link_id)


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
