"""The board."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from incidents.response.queries import board as board_queries
from ownership.access import SignedInRequest
from ownership.models import Service
from web import registry
from web.partials import page

BOARD = "incidents/board.html"


@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """Open incidents, worst first; the first-run checklist on top until it is done."""
    shown = _filter(request)
    context = {
        "board": board_queries.page(request.user, shown, now=timezone.now()),
        "shown": shown,
        "services": Service.objects.filter(retired_at=None).order_by("name"),
        "steps": _steps(request),
    }
    return page(request, BOARD, context, parts=("rows",))


def _filter(request: SignedInRequest) -> board_queries.Filter:
    show = request.GET.get("show", "open")
    slug = request.GET.get("service", "")
    return board_queries.Filter(
        show=show if show in board_queries.SHOWN else "open",
        service=Service.objects.filter(slug=slug).first() if slug else None,
        after=request.GET.get("after"),
    )


def _steps(request: SignedInRequest) -> list[dict[str, Any]]:
    """The first-run checklist, empty once every step is done; the first open step is the next one."""
    steps = registry.steps_for(request.user)
    if all(step.done for step in steps):
        return []
    coming = next(step for step in steps if not step.done)
    return [{"step": step, "sign": "done" if step.done else "next" if step is coming else "todo"} for step in steps]
