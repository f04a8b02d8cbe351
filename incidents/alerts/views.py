"""Pages of the alerts wing: sources, what they sent, and the one click for alerts that nobody answers for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incidents.alerts import access, adopting, intake, replaying, showing, sourcing
from incidents.alerts.forms import AdoptForm, SourceForm
from incidents.alerts.models import Source
from incidents.alerts.queries import sources as queries
from ownership.access import SignedInRequest
from web import errors
from web.partials import done, page, wants_part

SECRET = "source_key"  # noqa: S105 -- where the session keeps a new key until it is shown, once
STAYS = timedelta(minutes=15)  # so long the test button shows a new address once more
on_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listed(request: SignedInRequest) -> HttpResponse:
    """All sources, and what is amiss with them."""
    context = {"rows": queries.listed(now=timezone.now()), "may_manage": access.may_manage(request.user)}
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
    context = showing.source(request, found, key=_shown_once(request, found))
    response = page(request, showing.SOURCE, context, parts=showing.PARTS)
    response["Cache-Control"] = "no-store"  # it may show the key
    return response


@require_safe
def alert(request: SignedInRequest, alert_id: int) -> HttpResponse:
    """To where an alert is told: its incident as it is now, or its source while it has none."""
    found = access.readable_alert(request.user, alert_id)
    if found.incident_id is not None:
        return redirect("incidents:incident", found.incident_id)
    return redirect("alerts:source", found.source_id)


@require_POST
def test(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Send a test alert and its resolve."""
    found = access.manageable_source(request.user, source_id)
    intake.send_test(found, by=request.user, now=timezone.now())
    if not wants_part(request):
        said = "A test alert and its resolve are on their way; in a moment they are an incident below."
        messages.success(request, said)
        _show_again(request, found)
    # Only a part is swapped, so that an address shown once stays to be copied.
    to = reverse("alerts:source", args=[found.pk])
    return done(request, showing.SOURCE, showing.source(request, found), parts=showing.PARTS, to=to)


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
    replaying.again(found, by=request.user, now=timezone.now())
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


def with_key(request: SignedInRequest, source: Source, key: str) -> HttpResponse:
    """On to the source's page, which shows the key once."""
    request.session[SECRET] = {"source": source.pk, "key": key, "made": timezone.now().isoformat(), "shown": False}
    return redirect("alerts:source", source.pk)


def _shown_once(request: SignedInRequest, source: Source) -> str:
    """The new key of this source, once; a look later it is gone, but for the test button's way back."""
    kept = request.session.get(SECRET)
    if request.method != "GET" or request.htmx or not kept or kept["source"] != source.pk:
        return ""
    if kept["shown"]:
        del request.session[SECRET]
        return ""
    request.session[SECRET] = {**kept, "shown": True}
    return str(kept["key"])


def _show_again(request: SignedInRequest, source: Source) -> None:
    """The test button leads back to the page that it was pressed on, with the address that stood there."""
    kept = request.session.get(SECRET)
    if kept and kept["source"] == source.pk and timezone.now() - datetime.fromisoformat(kept["made"]) < STAYS:
        request.session[SECRET] = {**kept, "shown": False}
