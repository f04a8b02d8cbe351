"""Who may do what with incidents: one named getter each, fetch and refusal together."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from incidents.response import signed, standing
from incidents.response.models import Attachment, BoardView, FailureMode, Finding, Incident, IncidentLink, TimelineRow
from incidents.response.queries import links, merged, saved_views, story, told, visible
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


def may_coin(viewer: Person) -> bool:
    """Editors add to the vocabulary of failure modes."""
    return viewer.may(Role.EDITOR)


def require_coiner(viewer: Person) -> None:
    """Raise PermissionDenied for everyone below an editor."""
    if not may_coin(viewer):
        raise PermissionDenied("Editors add failure modes and change their own; ask an admin for that role.")


def readable_mode(code: str) -> FailureMode:
    """A failure mode; everybody who is signed in reads the vocabulary."""
    return get_object_or_404(FailureMode.objects.select_related("merged_into", "counts_as"), pk=code)


def editable_mode(viewer: Person, code: str) -> FailureMode:
    """A failure mode that this person may change: editors; the act refuses built-in ones."""
    found = readable_mode(code)
    require_coiner(viewer)
    return found


def workable_finding(viewer: Person, incident: Incident, finding_id: int) -> Finding:
    """A current finding of an incident that this person may work on."""
    require_responder(viewer)
    return get_object_or_404(Finding, pk=finding_id, incident=incident, superseded_at=None)


def _incident_of_rows(viewer: Person, number: int) -> Incident:
    """An incident whose timeline this person reads: on its own page, or on that of the one that it was merged into."""
    found = Incident.objects.filter(pk=number).first()
    if found is None or not visible.among(viewer, {number, *merged.heads([number]).values()}):
        raise Http404
    return found


def readable_row(viewer: Person, number: int, first_id: int) -> TimelineRow:
    """A row of a timeline that this person may read, as it holds now, by the id of its first version."""
    incident = _incident_of_rows(viewer, number)
    rows = TimelineRow.objects.filter(Q(pk=first_id) | Q(revises=first_id), incident=incident)
    return get_object_or_404(told.latest(rows).select_related("by", "incident", "revises__by"))


def workable_row(viewer: Person, number: int, first_id: int) -> TimelineRow:
    """A row that this person may pin: responders."""
    row = readable_row(viewer, number, first_id)
    require_responder(viewer)
    standing.require(row.incident)
    return row


def editable_row(viewer: Person, number: int, first_id: int) -> TimelineRow:
    """A note or a fact that this person may change or take back: who wrote it, and admins."""
    row = workable_row(viewer, number, first_id)
    require_editor_of_row(viewer, row)
    return row


def seen_row(viewer: Person, row_id: int) -> TimelineRow:
    """The version with this id, of a row that this person may change: 404, 403 and then the act's 409."""
    rows = TimelineRow.objects.filter(visible.clause(viewer, of="incident")).select_related("revises", "incident")
    row = get_object_or_404(rows, pk=row_id)
    require_responder(viewer)
    if not story.may_edit(viewer, row.revises or row):
        raise PermissionDenied("Notes and facts are changed by who wrote them, and by admins.")
    standing.require(row.incident)
    return row


def require_editor_of_row(viewer: Person, row: TimelineRow) -> None:
    """Raise PermissionDenied for everyone but who wrote this note or fact, and admins. What was taken back stays so."""
    if not may_edit_row(viewer, row):
        raise PermissionDenied("Notes and facts are changed by who wrote them, and by admins.")


def may_edit_row(viewer: Person, row: TimelineRow) -> bool:
    """What `require_editor_of_row` lets through."""
    return not row.taken_back and story.may_edit(viewer, row.revises or row)


def may_remove_files(viewer: Person) -> bool:
    """Admins remove files for good."""
    return viewer.may(Role.ADMIN)


def may_read_versions(viewer: Person, row: TimelineRow) -> bool:
    """Everybody who may read the row; once it was taken back only who wrote it and admins."""
    author = row.author
    return not row.taken_back or viewer.may(Role.ADMIN) or (author is not None and author.pk == viewer.pk)


def readable_attachment(viewer: Person, number: int, attachment_id: int) -> Attachment:
    """A file that is still there, of a row that this person may read in all its versions; 404 otherwise."""
    incident = _incident_of_rows(viewer, number)
    found = get_object_or_404(Attachment, pk=attachment_id, incident=incident, removed_at=None)
    if not may_read_versions(viewer, readable_row(viewer, number, found.row_id)):
        raise Http404
    return found


def removable_attachment(viewer: Person, number: int, attachment_id: int) -> Attachment:
    """A file that this person may remove for good: admins."""
    incident = readable_incident(viewer, number)
    if not may_remove_files(viewer):
        raise PermissionDenied("Admins remove files; who wrote a note can take it back.")
    return get_object_or_404(Attachment, pk=attachment_id, incident=incident)


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
