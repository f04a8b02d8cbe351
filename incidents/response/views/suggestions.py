"""What a rule suggested, judged on the incident's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents.response import access, suggesting
from ownership.access import SignedInRequest
from ownership.views.attempts import acting


@require_POST
def judge(request: SignedInRequest, number: int) -> HttpResponse:
    """Accept or correct the suggested layer by saying `what` it was; `undo` takes the verdict back."""
    found = access.workable_incident(request.user, number)
    if "undo" in request.POST:
        suggesting.take_back(found, **acting(request))
    else:
        suggesting.find(found, request.POST.get("what", ""), **acting(request))
    return redirect("incidents:incident", number)
