"""The search page; the same address answers the box in the header while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from web import partials
from web.search import answering

SUGGESTED = 3  # hits of a kind below the box
PARTS = ("suggestions", "results")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found for `q`. Somebody who names an incident goes straight there."""
    text = request.GET.get("q", "")
    suggesting = partials.wants_part(request)
    after = request.GET.get("after", "")
    answer = answering.of(
        request.user,
        text,
        kind=request.GET.get("kind", ""),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None,
        each=SUGGESTED if suggesting else answering.OF_EACH,
    )
    if answer.jump and not suggesting and not answer.kind:
        return redirect(answer.jump.url)
    context = {"answer": answer, "kinds": answering.kinds(), "going_on": bool(after)}
    return partials.page(request, "web/search.html", context, parts=PARTS)
