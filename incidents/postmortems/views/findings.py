"""What people do with the findings of a draft."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, publishing, reviewing
from incidents.postmortems.forms import FindingForm, initial_of
from incidents.postmortems.views import shown
from ownership.access import SignedInRequest
from web import errors

PART = "findings"


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedInRequest, number: int) -> HttpResponse:
    """Add a finding, reviewed at once; GET opens the form in its place."""
    found = access.editable_postmortem(request.user, number)
    form = FindingForm(request.POST or None, incident=found.incident)
    if form.is_valid():
        try:
            reviewing.add(found, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            errors.put_on(form, error)
    return shown.whole(request, found, finding_form=form, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Correct a finding, which reviews it; 409 keeps the text when somebody else was faster."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    form = FindingForm(request.POST or None, incident=found.incident, finding=finding)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            reviewing.revise(found, finding, seen=seen, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            errors.put_on(form, error)
            status = error.status
    return shown.whole(request, found, finding_form=form, edited=finding, status=status)


@require_POST
def confirm(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Take a provisional finding over as it is; what it lacks opens the form instead."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    if not publishing.can_be_reviewed(finding):
        form = FindingForm(initial_of(finding), incident=found.incident, finding=finding)
        return shown.whole(request, found, finding_form=form, edited=finding, status=422)
    reviewing.confirm(found, finding, by=request.user, now=timezone.now())
    return shown.changed(request, number, part=PART)


@require_POST
def primary(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Make it the primary finding."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    reviewing.make_primary(found, finding, by=request.user, now=timezone.now())
    return shown.changed(request, number, part=PART)


@require_POST
def withdraw(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Take a finding back."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    reviewing.withdraw(found, finding, by=request.user, now=timezone.now())
    return shown.changed(request, number, part=PART)
