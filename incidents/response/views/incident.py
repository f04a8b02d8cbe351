"""The page of one incident, and how every act on it answers."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from incidents.response import access
from incidents.response.forms.acts import SetServiceForm
from incidents.response.forms.timeline import NoteForm
from incidents.response.forms.times import stamp
from incidents.response.models import Incident
from incidents.response.queries import dossier, gauges, story
from incidents.response.vocabulary import BLAMES, Layer, Severity
from ownership.access import SignedInRequest
from web import registry
from web.partials import done, page

INCIDENT = "incidents/incident.html"
PARTS = ("timeline",)


@require_GET
def incident(request: SignedInRequest, number: int) -> HttpResponse:
    """One incident, everything in reading order."""
    found = access.readable_incident(request.user, number)
    goes_on = access.where_it_goes_on(request.user, found) if "stay" not in request.GET else None
    if goes_on is not None:
        return redirect("incidents:incident", goes_on)
    return page(request, INCIDENT, context_of(request, found), parts=PARTS)


def context_of(request: SignedInRequest, found: Incident, **more: Any) -> dict[str, Any]:
    """What the page of an incident shows, in full or in part."""
    now, shown = timezone.now(), request.GET.get("show", story.ALL)
    shown = shown if shown in story.SHOWN else story.ALL
    known = dossier.of(found, request.user, now=now)
    goes_on = access.where_it_goes_on(request.user, found)
    panels = registry.panels_for("incident", request.user, found.pk)
    return {
        "incident": found,
        "dossier": known,
        "story": story.of(
            found,
            request.user,
            family=known.family,
            now=now,
            before=_number(request.GET.get("before", "")),
            shown=shown,
        ),
        "stories": story.SHOWN,
        "gauges": gauges.of(found),
        "stamp": stamp(found),
        "may_respond": access.may_respond(request.user) and found.merged_into_id is None,
        "goes_on": goes_on,
        "may_separate": access.may_respond(request.user) and goes_on is not None,
        "note_form": NoteForm(),
        "service_form": None if found.service_id else SetServiceForm(),
        "blames": BLAMES,
        "other_layers": [layer for layer in Layer.values if layer != found.suggested_layer],
        "severities": Severity.choices,
        "panels": panels,
        "evidence_url": next((told for one in panels if (told := one.context.get("evidence_url"))), ""),
        **more,
    }


def after(request: SignedInRequest, number: int) -> HttpResponse:
    """The incident after a change: its fresh part for htmx, its page for everyone else."""
    found = access.readable_incident(request.user, number)
    url = reverse("incidents:incident", args=[number])
    return done(request, INCIDENT, context_of(request, found), parts=PARTS, to=url)


def refused(request: SignedInRequest, found: Incident, form: Form, **more: Any) -> HttpResponse:
    """The incident with a form that could not be used, its text kept."""
    context = context_of(request, found, **more)
    context["refused_form"] = form
    return page(request, INCIDENT, context, parts=PARTS, status=422)


def _number(text: str) -> int | None:
    """A row's id as an address has it; None for what is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else None
