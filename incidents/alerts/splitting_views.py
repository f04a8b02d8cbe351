"""The page on which an incident is split."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.alerts import access, splitting
from incidents.alerts.grouping_forms import SplitForm
from incidents.alerts.queries import members
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: SignedInRequest, number: int) -> HttpResponse:
    """Choose what becomes an incident of its own; `?alert=` ticks some."""
    incident = access.incident_to_move_from(request.user, number)
    alerts, notes = members.movable(number), members.notes(number)
    ticked = {"alert": request.GET.getlist("alert")}
    form = SplitForm(request.POST or None, alerts=alerts, notes=notes, initial=ticked)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            made = splitting.split(incident, **form.said, by=request.user, now=timezone.now())
            messages.success(request, f"{made.ref} was split from {incident.ref}.")
            return redirect("incidents:incident", made.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
            status = error.status
    return page(request, "alerts/split.html", {"form": form, "incident": incident}, status=status)
