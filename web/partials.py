"""One shape for every page: the whole page, or the part that htmx aims at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def htmx_of(request: HttpRequest) -> HtmxDetails | None:
    """What htmx says of this request; None where htmx did not send it."""
    said: HtmxDetails | None = getattr(request, "htmx", None)
    return said or None


def wants_part(request: HttpRequest) -> bool:
    """True when htmx asks for a part rather than for a page."""
    htmx = htmx_of(request)
    return htmx is not None and not (htmx.boosted or htmx.history_restore_request)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    parts: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the whole page, or only the partial whose name htmx is aiming at.

    `parts` is a closed list because the header is the client's; an unknown target gets the whole page.
    """
    target = htmx.target if (htmx := htmx_of(request)) and wants_part(request) else None
    name = f"{template}#{target}" if target in parts else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response


def done(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    parts: Collection[str],
    to: str,
) -> HttpResponse:
    """After a change: the fresh partial for htmx, a redirect to the page for everyone else."""
    if wants_part(request):
        return page(request, template, context, parts=parts)
    return redirect(to)
