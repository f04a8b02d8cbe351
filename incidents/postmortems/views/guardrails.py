"""Guardrails: what got past them, what they stopped wrongly, what people did instead, and when a rule last changed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from incidents.postmortems import access, causing, example_access
from incidents.postmortems.queries import examples
from incidents.postmortems.queries import guardrails as queries
from ownership.access import SignedInRequest
from web.partials import page

LIST, ONE = "postmortems/guardrails.html", "postmortems/guardrail.html"
SHOWN = 20


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """All guardrails in use, those with most incidents first."""
    found = queries.every(request.user, now=timezone.now())
    context = {
        "guardrails": found,
        "most": queries.MOST,
        "stale_days": queries.STALE.days,
        "stale_incidents": queries.STALE_INCIDENTS,
    }
    return page(request, LIST, context)


@require_safe
def guardrail(request: SignedInRequest, component_id: int) -> HttpResponse:
    """One guardrail over the last twelve months."""
    component = example_access.readable_guardrail(request.user, component_id)
    found = queries.one(request.user, component, now=timezone.now())
    shown = examples.Filter(component=component.pk)
    context = {
        "guardrail": found,
        "component": component,
        "incidents": queries.incidents_of(request.user, found, limit=SHOWN),
        "changes": queries.rule_changes(request.user, component),
        "examples": examples.page(request.user, shown, after=None),
        "filter": shown,
        "stale_days": queries.STALE.days,
        "stale_incidents": queries.STALE_INCIDENTS,
        "may_write": access.may_write(request.user),
    }
    return page(request, ONE, context)


@require_POST
def cause(request: SignedInRequest, component_id: int, line: UUID) -> HttpResponse:
    """Say which incident a rule change came of, or (`drop`) that it did not."""
    change = example_access.rule_change(request.user, component_id, line)
    incident = example_access.named_incident(request.user, request.POST.get("incident"))
    if "drop" in request.POST:
        causing.drop(change, incident, by=request.user, now=timezone.now())
    else:
        causing.name(change, incident, by=request.user, now=timezone.now())
        messages.success(request, f"Recorded: this rule changed because of {incident.ref}.")
    return redirect("postmortems:guardrail", component_id)
