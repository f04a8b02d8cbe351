"""Pages of what a source is trusted by: its keys, its sender's signature, its limit, the topics of Amazon SNS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from incidents.alerts import access, confirming, guarding, rotating, sourcing, throttling
from incidents.alerts.models import Source
from incidents.alerts.trust_forms import KeyForm, LimitForm, SignatureForm, SigningSecretForm, TopicsForm
from incidents.alerts.trust_models import Purpose
from incidents.alerts.views import with_key
from ownership.access import SignedInRequest
from web import errors
from web.partials import page

on_page = require_http_methods(["GET", "HEAD", "POST"])
Act = Callable[[], object]


@require_POST
def new_key(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Give the source a new key; the one before goes on for as long as is said."""
    found = access.manageable_source(request.user, source_id)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            return with_key(request, found, rotating.new_key(found, **form.cleaned_data, **_by(request)))
        except errors.DomainError as error:
            errors.put_on(form, error)
    return _asked(request, found, form, "A new key", submit="Make a new key")


@require_POST
def end_secret(request: SignedInRequest, source_id: int, secret_id: int) -> HttpResponse:
    """End one key or signing secret at once."""
    secret = access.manageable_secret(request.user, source_id, secret_id)
    rotating.end(secret, **_by(request))
    messages.success(request, f"That {secret.get_purpose_display()} stopped working.")
    return redirect("alerts:source", source_id)


@on_page
def signature(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Say how the sender signs; from then on nothing else is taken."""
    found = access.manageable_source(request.user, source_id)
    has_secret = rotating.live(found, Purpose.SIGNING, now=timezone.now()).exists()
    form = SignatureForm(request.POST or None, source=found, has_secret=has_secret)

    def act() -> object:
        return guarding.require(found, scheme=form.scheme(), secret=form.cleaned_data["secret"], **_by(request))

    lead = "Requests without a good signature are answered 401 and not kept. The key in the address is still asked for."
    return _step(request, found, form, act, "How its sender signs", submit="Take only what is signed", lead=lead)


@on_page
def signing_secret(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Put a second signing secret beside the first, so that the sender can change over."""
    found = access.manageable_source(request.user, source_id)
    form = SigningSecretForm(request.POST or None)

    def act() -> object:
        return rotating.new_signing_secret(found, **form.cleaned_data, **_by(request))

    lead = "Add the new secret here first, then at the sender: meanwhile both are good."
    return _step(request, found, form, act, "A second signing secret", submit="Add the secret", lead=lead)


@require_POST
def unsigned(request: SignedInRequest, source_id: int) -> HttpResponse:
    """Ask for no signature any more."""
    found = access.manageable_source(request.user, source_id)
    guarding.release(found, **_by(request))
    messages.success(request, "Signatures are no longer asked for; its signing secrets ended.")
    return redirect("alerts:source", source_id)


@on_page
def limit(request: SignedInRequest, source_id: int) -> HttpResponse:
    """How many deliveries a second the source may send."""
    found = access.manageable_source(request.user, source_id)
    form = LimitForm(request.POST or None, initial={"rate_limit": found.rate_limit})

    def act() -> object:
        return sourcing.limit(found, **form.cleaned_data, **_by(request))

    usual = f"{settings.HOOK_PER_SECOND} a second" if settings.HOOK_PER_SECOND else "none"
    lead = (
        f"Over it the hook answers 429 with Retry-After and keeps nothing. The usual limit is {usual}. What it gives in"
        f" {throttling.BURST_SECONDS} seconds may come at once. Each web process counts by itself."
    )
    return _step(request, found, form, act, "How much it may send", submit="Set the limit", lead=lead)


@on_page
def topics(request: SignedInRequest, source_id: int) -> HttpResponse:
    """What is asked of messages of Amazon SNS, and which topics may post."""
    found = access.manageable_sns_source(request.user, source_id)
    form = TopicsForm(request.POST or None, initial={"sns_check": found.sns_check, "topics": "\n".join(found.topics)})

    def act() -> object:
        return confirming.set_rules(found, **form.cleaned_data, **_by(request))

    lead = (
        "Raw message delivery, and what Lambda or SQS hand on, carries no signature of SNS:"
        " it is taken by the key alone, or not at all."
    )
    return _step(request, found, form, act, "Amazon SNS", submit="Set these rules", lead=lead)


@require_POST
def confirm(request: SignedInRequest, source_id: int, subscription_id: int) -> HttpResponse:
    """Yes to a topic that asks to post here."""
    subscription = access.confirmable_subscription(request.user, source_id, subscription_id)
    confirming.allow(subscription, **_by(request))
    messages.success(request, "SNS is told in a moment.")
    return redirect("alerts:source", source_id)


def _by(request: SignedInRequest) -> dict[str, Any]:
    return {"by": request.user, "now": timezone.now()}


def _step(
    request: SignedInRequest, source: Source, form: forms.Form, act: Act, title: str, *, submit: str, lead: str
) -> HttpResponse:
    """The form; or what it asks for done, and back to the source."""
    if form.is_valid():
        try:
            act()
            messages.success(request, "Saved.")
            return redirect("alerts:source", source.pk)
        except errors.DomainError as error:
            errors.put_on(form, error)
    return _asked(request, source, form, title, submit=submit, lead=lead)


def _asked(
    request: SignedInRequest, source: Source, form: forms.Form, title: str, *, submit: str, lead: str = ""
) -> HttpResponse:
    context = {"source": source, "form": form, "title": title, "lead": lead, "submit": submit}
    return page(request, "alerts/source_form.html", context, status=422 if form.is_bound else 200)
