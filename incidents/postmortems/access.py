"""Who may do what with postmortems: one named getter each, fetch and refusal together."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from incidents.postmortems import amending, circulating, commenting, freezing, settling
from incidents.postmortems.laying_out import NotOffered
from incidents.postmortems.models import Action, Comment, Postmortem, PostmortemTemplate, Reviewer, Section
from incidents.postmortems.queries import controls, offers
from incidents.response.access import may_respond
from incidents.response.models import Finding
from incidents.response.queries import visible
from ownership.models import Person
from ownership.vocabulary import Role

WITH_ACTION = (
    "postmortem__incident__service", "pattern_review", "owner", "owner_team", "done_by", "verified_by", "verification",
)  # fmt: skip
WITH = (
    "incident__service", "template", "author", "sent_by", "facilitator", "published_by", "incident__first_blamed_by",
)  # fmt: skip


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


def reviewable_postmortem(viewer: Person, number: int) -> Postmortem:
    """A postmortem that this person was asked to review, whatever their role; NotAsked (403) for everybody else."""
    postmortem = readable_postmortem(viewer, number)
    if not Reviewer.objects.filter(postmortem=postmortem, person=viewer).exists():
        raise circulating.NotAsked
    return postmortem


def amendable_postmortem(viewer: Person, number: int) -> Postmortem:
    """A published postmortem that this person may amend: 403 for viewers, NotPublished (409) for a draft."""
    postmortem = readable_postmortem(viewer, number)
    require_writer(viewer)
    if postmortem.published_at is None:
        raise amending.NotPublished
    return postmortem


def editable_section(postmortem: Postmortem, key: str) -> Section:
    """A section of a draft that `editable_postmortem` has given out."""
    section = get_object_or_404(Section.objects.select_related("saved_by"), postmortem=postmortem, key=key)
    section.postmortem = postmortem
    return section


def section_with_past(viewer: Person, number: int, key: str) -> Section:
    """A section whose earlier texts this person may read, also once it is published; 403 for viewers.

    What was taken out of a text was often taken out on purpose: readers get what was published.
    """
    postmortem = readable_postmortem(viewer, number)
    require_writer(viewer)
    return editable_section(postmortem, key)


def editable_finding(postmortem: Postmortem, line: UUID) -> Finding:
    """The current version of a finding of a draft that `editable_postmortem` has given out."""
    standing = Finding.objects.select_related("incident", "mode", "component", "dependency")
    return get_object_or_404(standing, incident=postmortem.incident_id, line=line, superseded_at=None)


def editable_action(postmortem: Postmortem, action_id: int) -> Action:
    """An action of a draft that `editable_postmortem` has given out."""
    action = get_object_or_404(Action, postmortem=postmortem, pk=action_id)
    action.postmortem = postmortem
    return action


def workable_action(viewer: Person, action_id: int) -> Action:
    """An action that this person may work on, also after publishing; 403 for viewers."""
    shown = Action.objects.filter(visible.clause_or_none(viewer, of="postmortem__incident"))
    action = get_object_or_404(shown.select_related(*WITH_ACTION), pk=action_id)
    require_writer(viewer)
    return action


def verifiable_action(viewer: Person, action_id: int) -> Action:
    """An action that this person may say of whether it holds: 403 for viewers, its doer and its owner."""
    action = workable_action(viewer, action_id)
    if not settling.may_be_verified_by(action, viewer):
        raise settling.OwnWork
    return action


def earlier_action(viewer: Person, postmortem: Postmortem, action_id: int) -> Action:
    """An action of an earlier postmortem that is asked about in this one, or was answered in it."""
    asked = {one.action.pk for one in controls.asked(postmortem, viewer, today=timezone.localdate())}
    if action_id not in asked:
        raise Http404
    return Action.objects.filter(visible.clause(viewer, of="postmortem__incident")).get(pk=action_id)


def may_design(viewer: Person) -> bool:
    """Editors and above make templates; everybody reads them."""
    return viewer.may(Role.EDITOR)


def require_designer(viewer: Person) -> None:
    """Raise PermissionDenied for everyone below an editor."""
    if not may_design(viewer):
        raise PermissionDenied("Editors make the templates of postmortems; ask an admin for that role.")


def readable_template(code: str, version: int | None = None) -> PostmortemTemplate:
    """A version of a template, by default the newest, for everybody who is signed in; 404 when there is none."""
    if version is None:
        found = offers.newest(code)
        if found is None:
            raise Http404("There is no such template.")
        return found
    rows = PostmortemTemplate.objects.select_related("made_by", "copied_from")
    return get_object_or_404(rows, code=code, version=version)


def workable_template(viewer: Person, code: str, version: int | None = None) -> PostmortemTemplate:
    """A template that this person may copy, change, retire or make the default: editors."""
    require_designer(viewer)
    return readable_template(code, version)


def offered_template(code: str) -> PostmortemTemplate:
    """The newest version of a template that a postmortem may follow; NotOffered (422) for any other code."""
    found = next((one.template for one in offers.offered(offers.every()) if one.template.code == code), None)
    if found is None:
        raise NotOffered
    return found


def commentable_postmortem(viewer: Person, number: int, anchor: str) -> Postmortem:
    """A postmortem that this person may comment at this place, published or not: everybody who may read it."""
    postmortem = readable_postmortem(viewer, number)
    if not commenting.is_place(postmortem, anchor):
        raise Http404
    return postmortem


def readable_comment(viewer: Person, number: int, comment_id: int) -> Comment:
    """A comment on a postmortem that this person may read."""
    postmortem = readable_postmortem(viewer, number)
    comment = get_object_or_404(Comment.objects.select_related("by", "section"), postmortem=postmortem, pk=comment_id)
    comment.postmortem = postmortem
    return comment


def answerable_comment(viewer: Person, number: int, comment_id: int) -> Comment:
    """A comment that this person may answer: everybody who may read it."""
    return readable_comment(viewer, number, comment_id)


def editable_comment(viewer: Person, number: int, comment_id: int) -> Comment:
    """A comment that this person may say anew: who wrote it; 404 once it was taken back."""
    comment = readable_comment(viewer, number, comment_id)
    if comment.by_id != viewer.pk:
        raise PermissionDenied("Comments are changed by who wrote them.")
    return _standing(comment)


def retractable_comment(viewer: Person, number: int, comment_id: int) -> Comment:
    """A comment that this person may take back: who wrote it, and admins."""
    comment = readable_comment(viewer, number, comment_id)
    if comment.by_id != viewer.pk and not viewer.may(Role.ADMIN):
        raise PermissionDenied("Comments are taken back by who wrote them, and by admins.")
    return comment


def resolvable_comment(viewer: Person, number: int, comment_id: int) -> Comment:
    """A comment whose thread this person may resolve and open again: responders."""
    comment = readable_comment(viewer, number, comment_id)
    require_writer(viewer)
    return comment


def _standing(comment: Comment) -> Comment:
    if comment.taken_back_at is not None:
        raise Http404
    return comment
