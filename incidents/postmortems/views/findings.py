"""What people do with the findings of a draft."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, checking, reviewing
from incidents.postmortems.forms.findings import FindingForm, initial_of
from incidents.postmortems.models import Postmortem
from incidents.postmortems.views import shown
from incidents.postmortems.views.kept import keeping, put_on
from incidents.response.models import Finding
from ownership.access import SignedInRequest
from web import errors

PART = "findings"
keeps = keeping(evidence="What shows it?", addresses="Addresses")


@require_http_methods(["GET", "HEAD", "POST"])
@keeps
def add(request: SignedInRequest, number: int) -> HttpResponse:
    """Add a finding, reviewed at once; GET opens the form in its place, `?use=row:12` already pointing at that."""
    found = access.editable_postmortem(request.user, number)
    form = _form(request, found)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            reviewing.add(found, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            status = put_on(form, error)
    return shown.whole(request, found, finding_form=form, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps
def edit(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Correct a finding, which reviews it; 409 keeps the text when somebody else was faster."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    form = _form(request, found, finding)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            reviewing.revise(found, finding, seen=seen, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            status = put_on(form, error)
    return shown.whole(request, found, finding_form=form, edited=finding, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps
def replace(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Put another finding in the place of this one, which is withdrawn; 409 when somebody else was faster."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    form = _form(request, found, finding if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        seen = form.cleaned_data["seen"] or 0
        try:
            reviewing.replace(found, finding, seen=seen, **form.said, by=request.user, now=timezone.now())
            return shown.changed(request, number, part=PART)
        except errors.DomainError as error:
            status = put_on(form, error)
    form.initial["seen"] = finding.pk
    return shown.whole(request, found, finding_form=form, edited=finding, replacing=True, status=status)


@require_POST
def confirm(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Take a provisional finding over as it is; what it lacks opens the form instead."""
    found = access.editable_postmortem(request.user, number)
    finding = access.editable_finding(found, line)
    if not checking.can_be_reviewed(finding):
        form = FindingForm(initial_of(finding), viewer=request.user, incident=found.incident, finding=finding)
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


def _form(request: SignedInRequest, found: Postmortem, finding: Finding | None = None) -> FindingForm:
    """The form of a finding, with what the address asks to point at."""
    used = request.GET.getlist("use")[:10]
    return FindingForm(request.POST or None, viewer=request.user, incident=found.incident, finding=finding, used=used)
