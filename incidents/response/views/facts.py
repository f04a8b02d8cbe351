"""How far an incident went."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.response import access, impacts
from incidents.response.forms.facts import FactsForm
from incidents.response.queries import impacts as reads
from ownership.access import SignedInRequest
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: SignedInRequest, number: int) -> HttpResponse:
    """Say or correct the numbers; what was said before is listed below."""
    found = access.workable_incident(request.user, number)
    history = reads.history(found)
    standing = history[0] if history and history[0].superseded_at is None else None
    form = FactsForm(request.POST or None, initial=FactsForm.initial_of(standing))
    if form.is_valid():
        try:
            impacts.state(found, facts=form.facts, by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    earlier = [(one, reads.phrases(found, one)) for one in history if one.superseded_at]
    context = {"form": form, "incident": found, "earlier": earlier}
    return page(request, "incidents/facts.html", context, status=422 if form.is_bound else 200)
