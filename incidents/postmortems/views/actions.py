"""What people do with the actions of a postmortem."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, acting, holding
from incidents.postmortems.forms.actions import ActionForm
from incidents.postmortems.forms.steps import HeldForm
from incidents.postmortems.models import Action, Postmortem
from incidents.postmortems.views import shown
from incidents.postmortems.views.kept import keeping, put_on
from incidents.response.queries import dossier
from ownership.access import SignedInRequest
from ownership.queries import owners
from web import errors

PART = "actions"
keeps = keeping(title="What will be done", done_when="Done when")


@require_http_methods(["GET", "HEAD", "POST"])
@keeps
def add(request: SignedInRequest, number: int) -> HttpResponse:
    """Add an action; GET opens the form in its place, `?finding=` already chosen."""
    found = access.editable_postmortem(request.user, number)
    form = _form(request, found, finding_line=request.GET.get("finding", ""))
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            acting.add(found, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            status = put_on(form, error)
    return shown.whole(request, found, action_form=form, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps
def edit(request: SignedInRequest, number: int, action_id: int) -> HttpResponse:
    """Change an action; 409 keeps the text when somebody else was faster."""
    found = access.editable_postmortem(request.user, number)
    action = access.editable_action(found, action_id)
    form = _form(request, found, action=action)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or None
            acting.edit(action, seen=seen, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            status = put_on(form, error)
            if isinstance(error, acting.ActionChanged):
                form.written_anew(error.theirs)
    return shown.whole(request, found, action_form=form, edited_action=action, status=status)


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
@keeping(reason="Why nothing will be done")
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


@require_POST
@keeping(note="What shows it")
def held(request: SignedInRequest, number: int, action_id: int) -> HttpResponse:
    """Record whether an earlier action held."""
    found = access.editable_postmortem(request.user, number)
    action = access.earlier_action(request.user, found, action_id)
    form, status = HeldForm(request.POST, auto_id=f"held_{action_id}_%s"), 422
    if form.is_valid():
        try:
            holding.answer(found, action, **form.cleaned_data, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            status = put_on(form, error)
    return shown.whole(request, found, refused_held=(action_id, form), status=status)
