"""Middleware of the house: request ids, addresses, headers, htmx redirects, the viewer's time zone, domain errors."""

from __future__ import annotations

import logging
import re
import secrets
import zoneinfo
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from web import logs, partials, problems
from web.errors import DomainError

Handler = Callable[[HttpRequest], HttpResponse]
NUL = "\x00"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = logging.getLogger("seamline.requests")


def request_id(get_response: Handler) -> Handler:
    """Give each request an id, kept from the proxy when it sent a sane one, and log its end."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        token = logs.request_id.set(given if _ACCEPTED_ID.fullmatch(given) else secrets.token_hex(8))
        try:
            response = get_response(request)
            response["X-Request-Id"] = logs.request_id.get()
            if response.status_code >= 500:
                _log.error("answered", extra={"path": request.path, "status": response.status_code})
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def machines_first(get_response: Handler) -> Handler:
    """Answer what only programs ask, with a key of its own, before sessions, users and pages come into it.

    `settings.MACHINE_URLS` names a module of addresses that all lie under `settings.MACHINE_PREFIXES`; their views do
    without everything that comes later in the chain.
    """
    prefixes = tuple(settings.MACHINE_PREFIXES)

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(prefixes):
            return get_response(request)
        try:
            match = resolve(request.path_info, settings.MACHINE_URLS)
        except Resolver404:
            return get_response(request)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response

    return middleware


def without_nul(get_response: Handler) -> Handler:
    """Keep the one character that the database cannot hold out of addresses.

    A path with it leads nowhere; a program is told which parameter of its query has it; pages go on without it, so
    that every view and form may look up whatever it is asked for.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info:
            raise Http404("No address has a NUL character.")
        if not _has_nul(request.META.get("QUERY_STRING", "")):
            return get_response(request)
        asked = QueryDict(request.META["QUERY_STRING"])
        if request.path.startswith("/api/"):
            wrong = [name for name, values in asked.lists() if NUL in name or any(NUL in one for one in values)]
            return problems.unreadable_query([name.replace(NUL, "") for name in wrong])
        cleaned = QueryDict(mutable=True)
        for name, values in asked.lists():
            cleaned.setlist(name.replace(NUL, ""), [one.replace(NUL, "") for one in values])
        request.META["QUERY_STRING"] = cleaned.urlencode()  # of which request.GET is made once it is asked for
        return get_response(request)

    return middleware


def _has_nul(query: str) -> bool:
    return NUL in query or "%00" in query


def permissions_policy(get_response: Handler) -> Handler:
    """Ask browsers to keep sensors and cameras away from our pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        return response

    return middleware


def htmx_redirects(get_response: Handler) -> Handler:
    """Send the whole browser along with an htmx request's redirect.

    XHR would follow a 302 itself and swap the sign-in form into a table cell. A redirect to sign-in comes back
    to the page that the viewer was looking at, not to the fragment's address.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        htmx = partials.htmx_of(request)
        if htmx is None or not isinstance(response, HttpResponseRedirectBase):
            return response
        target = response.url
        sign_in = resolve_url(settings.LOGIN_URL)
        if urlsplit(target).path == sign_in:
            shown = urlsplit(htmx.current_url or "/")
            back = shown.path + (f"?{shown.query}" if shown.query else "")
            target = f"{sign_in}?{urlencode({'next': back})}"
        redirect = HttpResponseClientRedirect(target)
        for name, cookie in response.cookies.items():
            redirect.cookies[name] = cookie
        return redirect

    return middleware


def viewer_time_zone(get_response: Handler) -> Handler:
    """Show times in the zone that the browser told in its `tz` cookie; UTC until it has."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get("tz", "")
        try:
            zone = zoneinfo.ZoneInfo(name) if name else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            zone = None
        with timezone.override(zone or timezone.get_default_timezone()):
            return get_response(request)

    return middleware


class DomainErrors:
    """Turn a refusal that no form could show into a page with its status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do while all goes well."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render `refused.html`, or for htmx its one-line alert."""
        if not isinstance(exception, DomainError):
            return None
        context = {"error": exception}
        if not getattr(request, "htmx", False):
            return render(request, "refused.html", context, status=exception.status)
        response = render(request, "refused.html#alert", context, status=exception.status)
        return reswap(retarget(response, "#messages"), "innerHTML")  # not in place of what htmx aimed at
