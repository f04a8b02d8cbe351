"""Where imported catalogues and what was agreed here differ, and what becomes of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ownership import access, importing
from ownership.access import SignedInRequest
from ownership.queries import claims
from ownership.views.attempts import acting
from web.partials import done, page

LIST = "ownership/claims.html"
PARTS = ("claims",)
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """Claims of files that differ from who answers here, and owners nobody knows."""
    return page(request, LIST, _context(request), parts=PARTS)


@on_page
def accept(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """The file is right: its party holds the role from now on."""
    claim = access.decidable_claim(request.user, claim_id)
    if request.method == "POST":
        importing.accept(claim, **acting(request))
    return done(request, LIST, _context(request), parts=PARTS, to=reverse("ownership:claims"))


@on_page
def ignore(request: SignedInRequest, claim_id: int) -> HttpResponse:
    """The file is wrong: what was agreed here stays."""
    claim = access.decidable_claim(request.user, claim_id)
    if request.method == "POST":
        importing.ignore(claim, **acting(request))
    return done(request, LIST, _context(request), parts=PARTS, to=reverse("ownership:claims"))


def _context(request: SignedInRequest) -> dict[str, Any]:
    unresolved = request.GET.get("show") == "unknown"
    return {
        "list": claims.drifting(at=timezone.now(), unresolved=unresolved, after=request.GET.get("after")),
        "unresolved": unresolved,
        "may_edit": access.may_edit(request.user),
    }
