"""Correcting and checking the times of an incident."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.response import access, anchors
from incidents.response.forms.times import CheckForm, TimesForm, stamp
from incidents.response.queries import clock
from incidents.response.views.incident import after, refused
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def times(request: SignedInRequest, number: int) -> HttpResponse:
    """Correct the times, with a reason."""
    found = access.workable_incident(request.user, number)
    form = TimesForm(request.POST or None, initial=TimesForm.initial_of(found))
    if form.is_valid():
        try:
            anchors.correct(found, **form.said(), by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
            found.refresh_from_db()  # what it was refused for may be news
    context = {"form": form, "incident": found, "clock": clock.of(found), "stamp": stamp(found)}
    return page(request, "incidents/times.html", context, status=422 if form.is_bound else 200)


@require_POST
def check(request: SignedInRequest, number: int) -> HttpResponse:
    """All times are right as they stand."""
    found = access.workable_incident(request.user, number)
    form = CheckForm(request.POST)
    if not form.is_valid():
        return refused(request, found, form)
    seen = form.cleaned_data["written_on"] or None
    anchors.check(found, written_on=seen, by=request.user, now=timezone.now())
    return after(request, number)
