"""What people do with the actions of a postmortem."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, acting
from incidents.postmortems.forms import ActionForm
from incidents.postmortems.models import Action, Postmortem
from incidents.postmortems.views import shown
from incidents.response.queries import dossier
from ownership.access import SignedInRequest
from ownership.queries import owners
from web import errors

PART = "actions"


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedInRequest, number: int) -> HttpResponse:
    """Add an action; GET opens the form in its place, `?finding=` already chosen."""
    found = access.editable_postmortem(request.user, number)
    form = _form(request, found, finding_line=request.GET.get("finding", ""))
    if form.is_valid():
        try:
            acting.add(found, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            errors.put_on(form, error)
    return shown.whole(request, found, action_form=form, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, number: int, action_id: int) -> HttpResponse:
    """Change an action."""
    found = access.editable_postmortem(request.user, number)
    action = access.editable_action(found, action_id)
    form = _form(request, found, action=action)
    if form.is_valid():
        try:
            acting.edit(action, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            errors.put_on(form, error)
    return shown.whole(request, found, action_form=form, edited_action=action, status=422 if form.is_bound else 200)


def _form(request: SignedInRequest, found: Postmortem, action: Action | None = None, **more: Any) -> ActionForm:
    service = found.incident.service_id
    answering = owners.of_services([service], at=timezone.now())[service] if service else owners.NOBODY
    standing = dossier.current_findings(found.incident)
    return ActionForm(request.POST or None, findings=standing, answering=answering, action=action, **more)


@require_POST
def remove(request: SignedInRequest, number: int, action_id: int) -> HttpResponse:
    """Take an action out of a draft."""
    found = access.editable_postmortem(request.user, number)
    acting.remove(access.editable_action(found, action_id), by=request.user, now=timezone.now())
    return shown.changed(request, number, part=PART)


@require_POST
def done(request: SignedInRequest, number: int, action_id: int) -> HttpResponse:
    """Mark an action as done, or (`undo`) as not done after all; this goes on after publishing."""
    action = access.workable_action(request.user, number, action_id)
    mark = acting.mark_undone if "undo" in request.POST else acting.mark_done
    mark(action, by=request.user, now=timezone.now())
    return shown.changed(request, number, part=PART)


@require_POST
def no_action(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Record why a finding gets no action."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    form = shown.reason_form(line, request.POST)
    if not form.is_valid():
        return shown.whole(request, found, refused_reason=(line, form), status=422)
    reason = form.cleaned_data["reason"]
    acting.give_reason(found, finding_line=finding.line, reason=reason, by=request.user, now=timezone.now())
    return shown.changed(request, number, part=PART)
