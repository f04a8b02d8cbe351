"""How far an incident went."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from incidents.response import access, impacts
from incidents.response.forms.facts import FactsForm
from incidents.response.queries import impacts as reads
from ownership.access import SignedInRequest
from ownership.views.attempts import acting, status_of
from web import errors
from web.partials import page


@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: SignedInRequest, number: int) -> HttpResponse:
    """Say or correct the numbers; what was said before is listed below.

    When somebody was quicker, both stand side by side and saving again decides.
    """
    found = access.workable_incident(request.user, number)
    form = FactsForm(request.POST or None, initial=FactsForm.initial_of(reads.current(found)))
    context: dict[str, Any] = {"form": form, "incident": found}
    status = None
    try:
        if form.is_valid():
            impacts.state(found, **form.said(), **acting(request))
            return redirect("incidents:incident", number)
    except impacts.Changed as stale:
        now_said, status = reads.current(found), stale.status
        seen = {"written_on": impacts.facts_stamp(now_said)}
        context |= {"form": FactsForm({**request.POST.dict(), **seen}), "quicker": now_said}
        context["phrases"] = reads.phrases(found, now_said)
    except errors.DomainError as error:
        errors.put_on(form, error)
    context["earlier"] = [(one, reads.phrases(found, one)) for one in reads.history(found) if one.superseded_at]
    return page(request, "incidents/facts.html", context, status=status or status_of(form))
