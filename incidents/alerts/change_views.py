"""Pages of changes: the list, one change, recording, correcting, withdrawing; and suspecting one of an incident."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.alerts import access, changing, suspecting
from incidents.alerts.change_forms import ChangeForm, CorrectForm, WithdrawForm
from incidents.alerts.change_models import Change, ChangeKind
from incidents.alerts.queries import changes as queries
from incidents.alerts.queries import upstream
from incidents.response import access as response
from ownership.access import SignedInRequest
from ownership.models import Service
from ownership.queries import components
from web import errors
from web.partials import page

FORM, PAGE = "alerts/change_form.html", "alerts/change.html"
MOST_OF_INCIDENT = 100
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """What changed, the latest first, narrowed by component, service, kind and period."""
    asked = request.GET
    shown = queries.Filter(
        component=access.component_asked(request.user, asked.get("component")),
        service=access.service_asked(request.user, asked.get("service")),
        kind=asked.get("kind", ""),
        days=asked.get("days", ""),
        unplaced=asked.get("show") == "unplaced",
        after=asked.get("after"),
    )
    context = {
        "shown": shown,
        "page": queries.page(shown, now=timezone.now()),
        "kinds": ChangeKind.choices,
        "periods": queries.PERIODS.items(),
        "services": Service.objects.filter(retired_at=None).order_by("name"),
        "may_record": access.may_record(request.user),
        "unknown": [name for name in ("component", "service") if asked.get(name) and getattr(shown, name) is None],
    }
    return page(request, "alerts/changes.html", context)


@on_page
def new(request: SignedInRequest) -> HttpResponse:
    """Record a change, from scratch or from the page of a component, a service or an incident."""
    access.require_recorder(request.user)
    component = access.component_asked(request.user, request.GET.get("component"))
    service = access.service_asked(request.user, request.GET.get("service"))
    incident = access.incident_asked(request.user, request.GET.get("incident"))
    form = ChangeForm(request.POST or None, initial={"component": component, "service": service})
    back = reverse("incidents:incident", args=[incident.pk]) if incident else reverse("alerts:changes")
    if form.is_valid():
        try:
            change, _ = changing.record(_said(form), by=request.user, now=timezone.now())
            messages.success(request, "The change is on record.")
            return redirect(f"{back}#changes" if incident else change.get_absolute_url())
        except errors.DomainError as error:
            errors.put_on(form, error)
    return _form(request, form, back=back, title="Record a change")


@require_safe
def change(request: SignedInRequest, line: UUID) -> HttpResponse:
    """One change over its versions."""
    return _shown(request, access.readable_change(request.user, line), WithdrawForm())


@on_page
def correct(request: SignedInRequest, line: UUID) -> HttpResponse:
    """Say a change otherwise; a correction of somebody else meanwhile is not written over."""
    found = access.correctable_change(request.user, line)
    form = CorrectForm(request.POST or None, initial=CorrectForm.initial_of(found))
    if form.is_valid():
        try:
            if form.cleaned_data["seen"] != found.pk:
                raise changing.ChangeChanged
            said = _said(form, otherwise_at=found.at)
            changing.correct(found, said, by=request.user, now=timezone.now())
            messages.success(request, "Corrected; what was said before stays on record.")
            return redirect(found.get_absolute_url())
        except errors.DomainError as error:
            errors.put_on(form, error)
    return _form(request, form, back=found.get_absolute_url(), title="Correct a change")


@require_POST
def withdraw(request: SignedInRequest, line: UUID) -> HttpResponse:
    """It never was."""
    found = access.correctable_change(request.user, line)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            changing.withdraw(found, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
            messages.success(request, "Withdrawn; it stays on record with your reason.")
            return redirect(found.get_absolute_url())
        except errors.DomainError as error:
            errors.put_on(form, error)
    return _shown(request, found, form, status=422)


@require_safe
def of_incident(request: SignedInRequest, number: int) -> HttpResponse:
    """The changes before an incident, more of them than its own page shows."""
    found = response.readable_incident(request.user, number)
    before = upstream.of(found, limit=MOST_OF_INCIDENT)
    context = {"incident": found, "upstream": before, "may_respond": response.may_respond(request.user)}
    return page(request, "alerts/incident_changes.html", context)


@require_POST
def suspect(request: SignedInRequest, number: int, line: UUID) -> HttpResponse:
    """Suspect a change behind an incident, or (`drop`) no more."""
    incident = response.workable_incident(request.user, number)
    found = access.readable_change(request.user, line)
    if request.POST.get("drop"):
        suspecting.drop(incident, found, by=request.user, now=timezone.now())
    else:
        why = upstream.why(incident, found)
        suspecting.suspect(incident, found, why=why, by=request.user, now=timezone.now())
    return redirect(f"{reverse('incidents:incident', args=[number])}#changes")


def _said(form: ChangeForm, *, otherwise_at: Any = None) -> changing.Said:
    """What the form says; an empty time stays as it was, or is now."""
    told = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
    return changing.Said(**{**told, "at": told["at"] or otherwise_at or timezone.now()})


def _form(request: SignedInRequest, form: ChangeForm, *, back: str, title: str) -> HttpResponse:
    context = {"form": form, "back": back, "title": title, "suggested": components.suggested_names()}
    return page(request, FORM, context, status=422 if form.is_bound else 200)


def _shown(request: SignedInRequest, found: Change, form: WithdrawForm, *, status: int = 200) -> HttpResponse:
    context = {
        "change": found,
        "versions": queries.versions(found.line),
        "suspected_in": upstream.suspected_in(found.line, request.user),
        "may_correct": access.may_record(request.user) and not found.withdrawn_why,
        "form": form,
    }
    return page(request, PAGE, context, status=status)
