"""Mitigated, and closed: one click each."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents.response import access, closing, lifecycle
from incidents.response.views.incident import after
from ownership.access import SignedInRequest


@require_POST
def mitigate(request: SignedInRequest, number: int) -> HttpResponse:
    """Users are well again, from now on; the time can be corrected."""
    found = access.workable_incident(request.user, number)
    lifecycle.mitigate(found, by=request.user, now=timezone.now())
    return after(request, number)


@require_POST
def close(request: SignedInRequest, number: int) -> HttpResponse:
    """Nothing is left to do on it; refused while its review is not done."""
    found = access.workable_incident(request.user, number)
    closing.close(found, by=request.user, now=timezone.now())
    return after(request, number)
