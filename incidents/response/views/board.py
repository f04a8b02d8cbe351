"""The board: open incidents first, narrowed by the address, kept fresh while somebody looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.response import access
from incidents.response.forms.bulk import BLAME
from incidents.response.forms.narrowing import choices
from incidents.response.models import BoardView
from incidents.response.queries import board as board_queries
from incidents.response.queries import narrowing, saved_views
from incidents.response.queries.board import Place
from incidents.response.queries.wanted import NAMES, Wanted
from ownership.access import SignedInRequest
from web import registry
from web.partials import page

BOARD = "incidents/board.html"
PARTS = ("live",)
ABOUT = (*NAMES, "after", "before")


@require_safe
def board(request: SignedInRequest) -> HttpResponse:
    """Open incidents, worst first; an empty address leads to the view that somebody chose to begin with."""
    views = saved_views.above(request.user)
    if not any(name in request.GET for name in ABOUT) and (first := saved_views.first_of(views)):
        return redirect(f"{reverse('incidents:board')}?{narrowing.kept(first.query).address}")
    wanted, faults = narrowing.read(request.GET)
    context = {**shown(request, wanted, views=views), "faults": faults}
    return page(request, BOARD, context, parts=PARTS, status=422 if faults else 200)


@require_safe
def live(request: SignedInRequest) -> HttpResponse:
    """The same board again, or 204 when nothing on it changed since the version that the page says it has `seen`."""
    wanted, _ = narrowing.read(request.GET)
    context = shown(request, wanted, seen=request.GET.get("newest", ""))
    if request.GET.get("seen") == context["board"].version:
        return HttpResponse(status=204)
    return page(request, BOARD, context, parts=PARTS)


def shown(
    request: SignedInRequest,
    wanted: Wanted,
    *,
    seen: str = "",
    place: Place | None = None,
    views: Sequence[BoardView] | None = None,
) -> dict[str, Any]:
    """What the board's page is made of, so narrowed; without a `place` the one that the address says."""
    place = place or Place(request.GET.get("after"), request.GET.get("before"))
    found = board_queries.page(
        request.user,
        wanted,
        place,
        now=timezone.now(),
        views=saved_views.above(request.user) if views is None else views,
        seen=int(seen) if seen.isdecimal() and len(seen) < 18 else 0,
    )
    return {
        "board": found,
        "wanted": wanted,
        "place": place,
        "choices": choices(wanted),
        "blames": BLAME,
        "may_respond": access.may_respond(request.user),
        "newest": seen or found.newest,
        "steps": _steps(request),
    }


def _steps(request: SignedInRequest) -> list[dict[str, Any]]:
    """The first-run checklist, empty once every step is done; the first open step is the next one."""
    steps = registry.steps_for(request.user)
    if all(step.done for step in steps):
        return []
    coming = next(step for step in steps if not step.done)
    return [{"step": step, "sign": "done" if step.done else "next" if step is coming else "todo"} for step in steps]
