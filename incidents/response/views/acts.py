"""What people do with an incident."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.response import access, blaming, impacts, lifecycle
from incidents.response.forms.acts import BlameForm, ReopenForm, SetServiceForm, SeverityForm
from incidents.response.forms.impact import ImpactForm
from incidents.response.forms.resolving import ResolveForm, suggested
from incidents.response.queries import clock
from incidents.response.views.incident import after, refused
from ownership.access import SignedInRequest
from ownership.views.attempts import acting, status_of
from web import errors, registry
from web.partials import page


@require_POST
def acknowledge(request: SignedInRequest, number: int) -> HttpResponse:
    """Acknowledge, with first blame in the same click."""
    found = access.workable_incident(request.user, number)
    form = BlameForm(request.POST)
    if not form.is_valid():
        return refused(request, found, form)
    blamed = form.cleaned_data["first_blame"]
    lifecycle.acknowledge(found, first_blame=blamed, by=request.user, now=timezone.now())
    return after(request, number)


@require_POST
def blame(request: SignedInRequest, number: int) -> HttpResponse:
    """Set first blame later."""
    found = access.workable_incident(request.user, number)
    form = BlameForm(request.POST)
    if not form.is_valid():
        return refused(request, found, form)
    blaming.blame(found, layer=form.cleaned_data["first_blame"], by=request.user, now=timezone.now())
    return after(request, number)


@require_POST
def severity(request: SignedInRequest, number: int) -> HttpResponse:
    """Choose the severity."""
    found = access.workable_incident(request.user, number)
    form = SeverityForm(request.POST)
    if not form.is_valid():
        return refused(request, found, form)
    lifecycle.set_severity(found, severity=form.cleaned_data["severity"], by=request.user, now=timezone.now())
    return after(request, number)


@require_POST
def service(request: SignedInRequest, number: int) -> HttpResponse:
    """Say which service failed."""
    found = access.workable_incident(request.user, number)
    form = SetServiceForm(request.POST)
    if not form.is_valid():
        return refused(request, found, form, service_form=form)
    lifecycle.set_service(found, service=form.cleaned_data["service"], by=request.user, now=timezone.now())
    return after(request, number)


@require_http_methods(["GET", "HEAD", "POST"])
def impact(request: SignedInRequest, number: int) -> HttpResponse:
    """Say or correct what users see and since when. When somebody was quicker, both stand side by side."""
    found = access.workable_incident(request.user, number)
    form = ImpactForm(request.POST or None, initial=ImpactForm.initial_of(found))
    context: dict[str, Any] = {"form": form, "incident": found}
    status = None
    try:
        if form.is_valid():
            impacts.set_impact(found, **form.said(), **acting(request))
            return redirect("incidents:incident", number)
    except impacts.Changed as stale:
        found.refresh_from_db()
        seen = ImpactForm.initial_of(found)
        again = ImpactForm({**request.POST.dict(), "written_on": seen["written_on"]}, initial=seen)
        context |= {"form": again, "began": clock.of(found).marks[0]}
        status = stale.status
    except errors.DomainError as error:
        errors.put_on(form, error)
    return page(request, "incidents/impact.html", context, status=status or status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def resolve(request: SignedInRequest, number: int) -> HttpResponse:
    """Resolve, with one provisional finding or "not known"."""
    found = access.workable_incident(request.user, number)
    guards = registry.guards_for("resolve", [number]).get(number, [])
    form = ResolveForm(request.POST or None, guards=guards, initial={"what": suggested(found)})
    if form.is_valid():
        layer, mode = form.found()
        ended, shown_by = form.cleaned_data["resolved_at"], form.cleaned_data["evidence"]
        said = {"at": ended, "layer": layer, "mode": mode, "evidence": shown_by, "despite": form.despite()}
        try:
            lifecycle.resolve(found, **said, by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound else 200
    return page(request, "incidents/resolve.html", {"form": form, "incident": found}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: SignedInRequest, number: int) -> HttpResponse:
    """Open a resolved incident again."""
    found = access.workable_incident(request.user, number)
    form = ReopenForm(request.POST or None)
    if form.is_valid():
        lifecycle.reopen(found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        return redirect("incidents:incident", number)
    status = 422 if form.is_bound else 200
    return page(request, "incidents/reopen.html", {"form": form, "incident": found}, status=status)
