"""Giving and taking the ball."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.response import access, handing_off
from incidents.response.forms.handoffs import HandOffForm
from incidents.response.queries import handoffs
from incidents.response.views.incident import after
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def hand_off(request: SignedInRequest, number: int) -> HttpResponse:
    """Give somebody the ball, with a reason."""
    found = access.workable_incident(request.user, number)
    form = HandOffForm(request.POST or None, holder=found.ball)
    if form.is_valid():
        try:
            handing_off.give(found, **form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    context = {"form": form, "incident": found, "passes": handoffs.of(found)}
    return page(request, "incidents/hand_off.html", context, status=422 if form.is_bound else 200)


@require_POST
def take(request: SignedInRequest, number: int) -> HttpResponse:
    """Take the ball."""
    found = access.workable_incident(request.user, number)
    handing_off.take(found, by=request.user, now=timezone.now())
    return after(request, number)
