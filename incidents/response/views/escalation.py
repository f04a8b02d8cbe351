"""How long each rung of the ladder is given: for each tier, and for services that want it otherwise."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.response import access, waiting
from incidents.response.forms.waits import ServiceWaitForm, TierWaitsForm
from incidents.response.queries import waits as queries
from ownership.access import SignedInRequest
from web.partials import page

PAGE = "incidents/escalation.html"


@require_http_methods(["GET", "HEAD", "POST"])
def waits(request: SignedInRequest) -> HttpResponse:
    """Everybody reads it; editors change it."""
    if request.method == "POST":
        access.require_editor_of_waits(request.user)
    act = request.POST.get("act", "")
    tiers = TierWaitsForm(request.POST if act == "tiers" else None, initial=queries.of_tiers())
    service = ServiceWaitForm(request.POST if act in ("service", "drop") else None)
    now = timezone.now()
    if tiers.is_bound and tiers.is_valid():
        waiting.set_tiers(tiers.said, by=request.user, now=now)
        messages.success(request, "Saved. It holds from each incident's next rung on.")
        return redirect("incidents:escalation")
    if service.is_bound and service.is_valid():
        chosen, minutes = service.cleaned_data["service"], service.cleaned_data["minutes"]
        if act == "drop":
            waiting.drop_service(chosen)
        else:
            waiting.set_service(chosen, minutes=minutes, by=request.user, now=now)
        messages.success(request, f"Saved for {chosen}. It holds from each incident's next rung on.")
        return redirect("incidents:escalation")
    context = {"tiers": tiers, "service_form": service, "services": queries.of_services()}
    context["may_edit"] = access.may_edit_waits(request.user)
    return page(request, PAGE, context, status=422 if request.method == "POST" else 200)
