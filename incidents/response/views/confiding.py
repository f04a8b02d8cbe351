"""Making an incident private, and public again."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.response import access
from incidents.response import confiding as acts
from incidents.response.forms.combining import ReasonForm
from ownership.access import SignedInRequest
from web.partials import page

PAGE = "incidents/private.html"


@require_http_methods(["GET", "HEAD", "POST"])
def private(request: SignedInRequest, number: int) -> HttpResponse:
    """Say why it is private from now on, or why it no longer is (`public` in the body)."""
    found = access.confidable_incident(request.user, number)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        act = acts.make_public if "public" in request.POST else acts.make_private
        act(found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        return redirect("incidents:incident", number)
    return page(request, PAGE, {"form": form, "incident": found}, status=422 if form.is_bound else 200)
