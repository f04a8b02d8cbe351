"""What people do with the layers of a draft: tag them, rule them out, record their latencies."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.postmortems import access, freezing, measuring, ruling_out, tagging
from incidents.postmortems.forms.latency import LatencyForm, seen_again
from incidents.postmortems.queries import layers
from incidents.postmortems.views import shown
from incidents.postmortems.views.kept import keeping
from ownership.access import SignedInRequest
from web import errors

LATENCIES = {
    "name": "stage",
    "budget_ms": "budget in ms",
    "p50_ms": "p50 in ms",
    "p95_ms": "p95 in ms",
    "p99_ms": "p99 in ms",
    "shown_by": "what shows it",
}


@require_POST
def tag(request: SignedInRequest, number: int, layer: str) -> HttpResponse:
    """Tag a layer, or with `off` take the tag off again."""
    found = access.editable_postmortem(request.user, number)
    act = tagging.untag if "off" in request.POST else tagging.tag
    act(found, layer=layer, by=request.user, now=timezone.now())
    return shown.changed(request, number, part="questions")


@require_POST
def not_established(request: SignedInRequest, number: int, layer: str) -> HttpResponse:
    """State that a layer is not established, or with `back` take that back."""
    found = access.editable_postmortem(request.user, number)
    if "back" in request.POST:
        ruling_out.take_back(found, layer=layer, now=timezone.now())
    else:
        ruling_out.say_not_established(found, layer=layer, by=request.user, now=timezone.now())
    return shown.changed(request, number, part="ruled_out")


@require_http_methods(["GET", "HEAD", "POST"])
@keeping(**LATENCIES)
def latency(request: SignedInRequest, number: int) -> HttpResponse:
    """Record latencies by stage; GET opens the table as a form, 422 and 409 keep what was typed."""
    found = access.editable_postmortem(request.user, number)
    standing = layers.stages(found)
    form = LatencyForm(request.POST or None, postmortem=found, standing=standing)
    status, problem = (422 if form.is_bound else 200), ""
    if form.is_valid():
        try:
            stages = form.stages(standing)
            measuring.record(found, stages=stages, gone=form.gone, by=request.user, now=timezone.now())
            return shown.changed(request, number, part="latency")
        except freezing.Frozen:
            raise
        except errors.DomainError as error:
            status, problem = error.status, error.message
            if isinstance(error, measuring.StageChanged):
                form = LatencyForm(seen_again(request.POST, standing), postmortem=found, standing=standing)
    return shown.whole(request, found, status=status, latency_form=form, latency_problem=problem)
