"""Who may do what with postmortems: one named getter each, fetch and refusal together."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from incidents.postmortems import freezing
from incidents.postmortems.models import Action, Postmortem, Section
from incidents.response.access import may_respond
from incidents.response.models import Finding
from incidents.response.queries import visible
from ownership.models import Person

WITH = ("incident__service", "template", "author", "published_by", "incident__first_blamed_by")


def may_write(viewer: Person) -> bool:
    """Responders and above write postmortems."""
    return may_respond(viewer)


def require_writer(viewer: Person) -> None:
    """Raise PermissionDenied for viewers."""
    if not may_write(viewer):
        raise PermissionDenied("Responders write postmortems; ask an admin for that role.")


def readable_postmortem(viewer: Person, number: int) -> Postmortem:
    """The postmortem of an incident that this person may see; 404 without one."""
    shown = Postmortem.objects.filter(visible.clause(viewer, of="incident")).select_related(*WITH)
    return get_object_or_404(shown, incident=number)


def editable_postmortem(viewer: Person, number: int) -> Postmortem:
    """A draft that this person may write in: 403 for viewers, Frozen (409) once it is published."""
    postmortem = readable_postmortem(viewer, number)
    require_writer(viewer)
    freezing.require_draft(postmortem)
    return postmortem


def publishable_postmortem(viewer: Person, number: int) -> Postmortem:
    """A postmortem that this person may publish; publishing one that is published changes nothing."""
    postmortem = readable_postmortem(viewer, number)
    require_writer(viewer)
    return postmortem


def editable_section(postmortem: Postmortem, key: str) -> Section:
    """A section of a draft that `editable_postmortem` has given out."""
    section = get_object_or_404(Section.objects.select_related("saved_by"), postmortem=postmortem, key=key)
    section.postmortem = postmortem
    return section


def editable_finding(postmortem: Postmortem, line: UUID) -> Finding:
    """The current version of a finding of a draft that `editable_postmortem` has given out."""
    standing = Finding.objects.select_related("incident", "mode", "component", "dependency")
    return get_object_or_404(standing, incident=postmortem.incident_id, line=line, superseded_at=None)


def editable_action(postmortem: Postmortem, action_id: int) -> Action:
    """An action of a draft that `editable_postmortem` has given out."""
    action = get_object_or_404(Action, postmortem=postmortem, pk=action_id)
    action.postmortem = postmortem
    return action


def workable_action(viewer: Person, number: int, action_id: int) -> Action:
    """An action that this person may mark as done, also after publishing; 403 for viewers."""
    shown = Action.objects.filter(visible.clause(viewer, of="postmortem__incident"))
    action = get_object_or_404(shown.select_related("postmortem__incident"), postmortem__incident=number, pk=action_id)
    require_writer(viewer)
    return action
