"""The page on which alerts are moved from one incident to another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.alerts import access, moving
from incidents.alerts.grouping_forms import MoveForm
from incidents.alerts.queries import members
from incidents.response.queries import links
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: SignedInRequest, number: int) -> HttpResponse:
    """Choose alerts and where they go; `?alert=` ticks some."""
    incident = access.incident_to_move_from(request.user, number)
    alerts = members.movable(number)
    form = MoveForm(
        request.POST or None, viewer=request.user, alerts=alerts, initial={"alert": request.GET.getlist("alert")}
    )
    if form.is_valid():
        chosen, to = form.cleaned_data["alert"], form.cleaned_data["to"]
        try:
            target = moving.move(incident, alerts=chosen, to=to, by=request.user, now=timezone.now())
            messages.success(request, f"Moved to {target.ref}.")
            return redirect("incidents:incident", target.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
    context: dict[str, Any] = {"form": form, "incident": incident, "open": links.open_besides(request.user, number)}
    return page(request, "alerts/move.html", context, status=422 if form.is_bound else 200)
