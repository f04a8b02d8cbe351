"""Pages of the alerts wing: sources, what they sent, and the one click for alerts that nobody answers for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.alerts import access, addresses, adopting, intake, sourcing, tallying, throttling
from incidents.alerts.forms import AdoptForm, SourceForm
from incidents.alerts.models import Source
from incidents.alerts.queries import sources as queries
from incidents.alerts.queries import trust
from incidents.alerts.sources import registry
from incidents.alerts.trust_forms import KeyForm
from ownership.access import SignedInRequest
from web import errors
from web.partials import done, page, wants_part

SOURCE = "alerts/source.html"
PARTS = ("deliveries",)
SECRET = "source_key"  # noqa: S105 -- where the session keeps a new key until it is shown, once
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """All sources, and what is amiss with them."""
    context = {"rows": queries.listed(), "may_manage": access.may_manage(request.user)}
    return page(request, "alerts/sources.html", context)


@on_page
def new(request: SignedInRequest) -> HttpResponse:
    """Connect a source."""
    access.require_editor(request.user)
    form = SourceForm(request.POST or None)
    if form.is_valid():
        try:
            source, key = sourcing.add(**form.cleaned_data, by=request.user, now=timezone.now())
            return with_key(request, source, key)
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound else 200
    return page(request, "alerts/source_new.html", {"form": form}, status=status)


@require_safe
def source(request: SignedInRequest, source_id: int) -> HttpResponse:
    """One source: how to connect it, what it sent."""
    found = access.readable_source(request.user, source_id)
    context = _context(request, found, key=_shown_once(request, found))
    response = page(request, SOURCE, context, parts=PARTS)
    response["Cache-Control"] = "no-store"  # it may show the key
    return response


@require_POST
def test(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Send a test alert and its resolve."""
    found = access.manageable_source(request.user, source_id)
    intake.send_test(found, by=request.user, now=timezone.now())
    if not wants_part(request):
        said = "A test alert and its resolve are on their way; in a moment they are an incident below."
        messages.success(request, said)
    # Only a part is swapped, so that an address shown once stays to be copied.
    return done(request, SOURCE, _context(request, found), parts=PARTS, to=reverse("alerts:source", args=[found.pk]))


@require_POST
def disable(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Take nothing more from the source."""
    found = access.manageable_source(request.user, source_id)
    sourcing.disable(found, by=request.user, now=timezone.now())
    return redirect("alerts:source", found.pk)


@require_POST
def enable(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Take deliveries from the source again."""
    found = access.manageable_source(request.user, source_id)
    sourcing.enable(found, by=request.user, now=timezone.now())
    return redirect("alerts:source", found.pk)


@require_safe
def delivery(request: SignedInRequest, source_id: int, delivery_id: UUID) -> HttpResponse:
    """One delivery as it came."""
    found = access.readable_delivery(request.user, source_id, delivery_id)
    context = {"delivery": found, "source": found.source, "text": found.text, "days": settings.KEEP_BODIES_DAYS}
    return page(request, "alerts/delivery.html", context)


@require_POST
def replay(request: SignedInRequest, source_id: int, delivery_id: UUID) -> HttpResponse:
    """Try a rejected delivery once more."""
    found = access.readable_delivery(request.user, source_id, delivery_id)
    intake.replay(found, by=request.user, now=timezone.now())
    messages.success(request, "The delivery waits for its next try.")
    return redirect("alerts:source", source_id)


@on_page
def adopt(request: SignedInRequest, number: int) -> HttpResponse:
    """Make what an incident's alerts are about a component of a service."""
    incident = access.adoptable_incident(request.user, number)
    form = AdoptForm(request.POST or None, labels=adopting.labels_of(incident))
    if form.is_valid():
        try:
            adopting.adopt(incident, **form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("incidents:incident", number)
        except errors.DomainError as error:
            errors.put_on(form, error)
    status = 422 if form.is_bound else 200
    return page(request, "alerts/adopt.html", {"form": form, "incident": incident}, status=status)


def _context(request: SignedInRequest, found: Source, *, key: str = "") -> dict[str, Any]:
    show = request.GET.get("show", "all")
    show = show if show in queries.SHOWN else "all"
    hook_url = addresses.hook_url(found, key or addresses.PLACEHOLDER)
    return {
        "source": found,
        "page": queries.page(found, show=show, after=request.GET.get("after")),
        "show": show,
        "days": settings.KEEP_BODIES_DAYS,
        "key": key,
        "hook_url": hook_url,
        "snippet": registry.adapter(found.kind).config_snippet(hook_url) if found.kind in registry.KINDS else "",
        **_trust(request, found),
    }


def _trust(request: SignedInRequest, found: Source) -> dict[str, Any]:
    """What editors see of keys, signature and limit."""
    if not access.may_manage(request.user):
        return {"may_manage": False}
    return {
        "may_manage": True,
        "trust": trust.of(found, now=timezone.now()),
        "key_form": KeyForm(),
        "rate": throttling.rate_of(found.rate_limit),
        "tally": tallying.of(found.pk),
    }


def with_key(request: SignedInRequest, source: Source, key: str) -> HttpResponse:
    """On to the source's page, which shows the key once."""
    request.session[SECRET] = {"source": source.pk, "key": key}
    return redirect("alerts:source", source.pk)


def _shown_once(request: SignedInRequest, source: Source) -> str:
    """The new key of this source, gone from the session with this look at it; empty at all other times."""
    kept = request.session.get(SECRET)
    if request.method != "GET" or request.htmx or not kept or kept["source"] != source.pk:
        return ""
    del request.session[SECRET]
    return str(kept["key"])
