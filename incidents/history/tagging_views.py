"""The tagging queue: one incident a screen, a key a layer, the last one undone by another."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from incidents.history import access, tagging
from incidents.history.queries import queue
from incidents.history.queries.queue import Asked
from incidents.response.access import require_responder, workable_incident
from incidents.response.vocabulary import Layer
from ownership.access import SignedInRequest
from web.errors import DomainError
from web.partials import page

PAGE = "history/tagging.html"
MEANS = {
    Layer.DATA: "what came in: sources, schema, freshness, documents",
    Layer.INTEGRATION: "what lies between: contracts, retries, prompts, tools",
    Layer.LATENCY: "too slow: budgets, queues, timeouts, capacity",
    Layer.EVALUATION: "tests, evals or monitors that did not see it",
    Layer.GUARDRAIL: "filters that let through, or stopped too much",
    Layer.ORG: "owners, hand-offs, changes that nobody told of",
    Layer.MODEL: "the model itself, and nothing around it",
}


@require_safe
def look(request: SignedInRequest) -> HttpResponse:
    """The incident on top, with what a rule suggests, and how far one has come."""
    require_responder(request.user)
    asked = Asked.of(request.GET)
    found = queue.look(request.user, asked)
    last = queue.last_of(request.user, asked.last)
    passed = found.shown.incident.pk if found.shown else asked.after
    context = {
        "asked": asked,
        "queue": found,
        "shown": found.shown,
        "last": last,
        "total": asked.done + found.left,
        "layers": [(str(place), layer.value, layer.label, MEANS[layer]) for place, layer in enumerate(Layer, 1)],
        "services": queue.services(request.user, asked),
        "here": asked.address(at=0),
        "skip": asked.address(after=passed, at=0, last=0),
        "again": asked.address(after=0, at=0),
        "may_import": access.may_import(request.user),
    }
    return page(request, PAGE, context)


@require_POST
def tag(request: SignedInRequest, number: int) -> HttpResponse:
    """Say what failed; the next incident follows."""
    incident = workable_incident(request.user, number)
    asked = Asked.of(request.GET)
    try:
        made = tagging.tag(incident, request.POST.get("what", ""), by=request.user, now=timezone.now())
    except tagging.Tagged as error:
        messages.info(request, f"{incident.ref}: {error.message}")
        return _back(asked.address(at=0))
    return _back(asked.address(done=asked.done + 1, last=made.pk, at=0))


@require_POST
def undo(request: SignedInRequest) -> HttpResponse:
    """Take the last one back, and look at it again."""
    require_responder(request.user)
    asked = Asked.of(request.GET)
    found = queue.last_of(request.user, asked.last)
    if found is None:
        raise Http404
    try:
        tagging.undo(found, by=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return _back(asked.address(last=0))
    return _back(asked.address(done=max(0, asked.done - 1), last=0, at=found.incident_id))


def _back(query: str) -> HttpResponse:
    return redirect(f"{reverse('history:tagging')}?{query}")
