"""Pages of the response wing: the board, one incident, and what people do with it."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidents.response import access, lifecycle
from incidents.response.forms import (
    BLAME_CHOICES,
    BlameForm,
    DeclareForm,
    ImpactFields,
    NoteForm,
    ReopenForm,
    ResolveForm,
    SetServiceForm,
    SeverityForm,
    suggested,
)
from incidents.response.models import Incident
from incidents.response.queries import board as board_queries
from incidents.response.queries import dossier
from incidents.response.vocabulary import Severity
from ownership.access import SignedInRequest
from ownership.models import Service
from web import errors, registry
from web.partials import done, page

BOARD = "incidents/board.html"
INCIDENT = "incidents/incident.html"
PARTS = ("timeline",)


@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """Open incidents, worst first; the first-run checklist on top until it is done."""
    shown = _filter(request)
    context = {
        "board": board_queries.page(request.user, shown, now=timezone.now()),
        "shown": shown,
        "services": Service.objects.filter(retired_at=None).order_by("name"),
        "steps": _steps(request),
    }
    return page(request, BOARD, context, parts=("rows",))


def _filter(request: SignedInRequest) -> board_queries.Filter:
    show = request.GET.get("show", "open")
    slug = request.GET.get("service", "")
    return board_queries.Filter(
        show=show if show in board_queries.SHOWN else "open",
        service=Service.objects.filter(slug=slug).first() if slug else None,
        after=request.GET.get("after"),
    )


def _steps(request: SignedInRequest) -> list[dict[str, Any]]:
    """The first-run checklist, empty once every step is done; the first open step is the next one."""
    steps = registry.steps_for(request.user)
    if all(step.done for step in steps):
        return []
    coming = next(step for step in steps if not step.done)
    return [{"step": step, "sign": "done" if step.done else "next" if step is coming else "todo"} for step in steps]


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: SignedInRequest) -> HttpResponse:
    """Declare an incident by hand."""
    access.require_responder(request.user)
    form = DeclareForm(request.POST or None, initial={"service": request.GET.get("service")})
    if form.is_valid():
        data = form.cleaned_data
        names = ("title", "service", "severity", "impact", "detected_by", "detected_at", "first_blame")
        said = {name: data[name] for name in names}
        try:
            made = lifecycle.declare(**said, began=form.began, by=request.user, now=timezone.now())
            return redirect("incidents:incident", made.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound else 200
    return page(request, "incidents/declare.html", {"form": form}, status=status)


@require_GET
def incident(request: SignedInRequest, number: int) -> HttpResponse:
    """One incident, everything in reading order."""
    found = access.readable_incident(request.user, number)
    return page(request, INCIDENT, _incident_page(request, found), parts=PARTS)


def _incident_page(request: SignedInRequest, found: Incident, **more: Any) -> dict[str, Any]:
    before = request.GET.get("before", "")
    return {
        "incident": found,
        "dossier": dossier.of(found, now=timezone.now(), before=int(before) if before.isdecimal() else None),
        "may_respond": access.may_respond(request.user),
        "note_form": NoteForm(),
        "service_form": None if found.service_id else SetServiceForm(),
        "blames": BLAME_CHOICES,
        "severities": Severity.choices,
        "panels": registry.panels_for("incident", request.user, found.pk),
        **more,
    }


def _after(request: SignedInRequest, number: int) -> HttpResponse:
    """The incident after a change: its fresh part for htmx, its page for everyone else."""
    found = access.readable_incident(request.user, number)
    url = reverse("incidents:incident", args=[number])
    return done(request, INCIDENT, _incident_page(request, found), parts=PARTS, to=url)


def _refused(request: SignedInRequest, found: Incident, form: Form, **more: Any) -> HttpResponse:
    """The incident with a form that could not be used, its text kept."""
    context = _incident_page(request, found, **more)
    context["refused_form"] = form
    return page(request, INCIDENT, context, parts=PARTS, status=422)


@require_POST
def acknowledge(request: SignedInRequest, number: int) -> HttpResponse:
    """Acknowledge, with first blame in the same click."""
    found = access.workable_incident(request.user, number)
    form = BlameForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, form)
    blamed = form.cleaned_data["first_blame"]
    lifecycle.acknowledge(found, first_blame=blamed, by=request.user, now=timezone.now())
    return _after(request, number)


@require_POST
def blame(request: SignedInRequest, number: int) -> HttpResponse:
    """Set first blame later."""
    found = access.workable_incident(request.user, number)
    form = BlameForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, form)
    lifecycle.blame(found, layer=form.cleaned_data["first_blame"], by=request.user, now=timezone.now())
    return _after(request, number)


@require_POST
def note(request: SignedInRequest, number: int) -> HttpResponse:
    """Add a note to the timeline."""
    found = access.workable_incident(request.user, number)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, form, note_form=form)
    lifecycle.note(found, text=form.cleaned_data["text"], by=request.user, now=timezone.now())
    return _after(request, number)


@require_POST
def severity(request: SignedInRequest, number: int) -> HttpResponse:
    """Choose the severity."""
    found = access.workable_incident(request.user, number)
    form = SeverityForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, form)
    lifecycle.set_severity(found, severity=form.cleaned_data["severity"], by=request.user, now=timezone.now())
    return _after(request, number)


@require_POST
def service(request: SignedInRequest, number: int) -> HttpResponse:
    """Say which service failed."""
    found = access.workable_incident(request.user, number)
    form = SetServiceForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, form, service_form=form)
    lifecycle.set_service(found, service=form.cleaned_data["service"], by=request.user, now=timezone.now())
    return _after(request, number)


@require_http_methods(["GET", "HEAD", "POST"])
def impact(request: SignedInRequest, number: int) -> HttpResponse:
    """Say or correct what users see and since when."""
    found = access.workable_incident(request.user, number)
    names = ("impact", "impact_precision", "impact_from", "impact_until", "detected_by")
    form = ImpactFields(request.POST or None, initial={name: getattr(found, name) for name in names})
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("impact", "detected_by")}
        try:
            lifecycle.set_impact(found, **said, began=form.began, by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound else 200
    return page(request, "incidents/impact.html", {"form": form, "incident": found}, status=status)


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
