"""Acts and pages about how well things are watched: replaying what was rejected, silence, signals of quality."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from incidents.alerts import access, replaying, showing, silence
from incidents.alerts.forms import SilenceForm
from incidents.alerts.queries import signals
from ownership.access import SignedInRequest
from web.partials import page


@require_POST
def replay_all(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Try a source's rejected deliveries once more, those of one cause or all."""
    found = access.tended_source(request.user, source_id)
    cause = request.POST.get("cause", "")
    done = replaying.all_again(found, cause=cause, by=request.user, now=timezone.now())
    messages.success(request, str(done))
    return redirect("alerts:source", found.pk)


@require_POST
def expect(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Say after how many hours without a delivery people are told."""
    found = access.tended_source(request.user, source_id)
    form = SilenceForm(request.POST)
    if not form.is_valid():
        return page(request, showing.SOURCE, showing.source(request, found, silence_form=form), status=422)
    hours = form.cleaned_data["expected_hours"]
    silence.expect(found, hours=hours, by=request.user, now=timezone.now())
    said = f"You are told when nothing came for {hours} h." if hours else "It may be silent as long as it likes."
    messages.success(request, said)
    return redirect("alerts:source", found.pk)


@require_safe
def quality(request: SignedInRequest) -> HttpResponse:
    """Which services nobody but uptime watches, and what was said of the others last."""
    show = request.GET.get("show", signals.SHOWN[0])
    show = show if show in signals.SHOWN else signals.SHOWN[0]
    listing = signals.listing(show=show, after=request.GET.get("after"), now=timezone.now())
    return page(request, "alerts/quality.html", {"listing": listing, "show": show, "days": signals.FRESH.days})
