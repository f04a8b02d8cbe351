"""Addresses that are told what happened: added, changed, their secrets replaced, switched off, removed."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from ownership import withholding
from ownership.models import Person, Webhook, WebhookDelivery, WebhookSecret
from web import calling, outgoing, registry, sealing
from web.errors import DomainError, Invalid, translated

PURPOSE = "webhook secret"  # what web.sealing seals it for
SLOTS = (1, 2)
OVERLAP = timedelta(days=7)  # for so long the old secret signs beside a new one
FINE: dict[str, Any] = {"failing_since": None, "failures": 0, "try_after": None}  # nothing is known against an address


class TwoSecretsAlready(DomainError):
    """Two secrets are live already; end the older one first."""

    code = "two_live_already"


def add(
    *, name: str, url: str, events: Collection[str], private: bool, by: Person, now: datetime
) -> tuple[Webhook, str]:
    """A new address, and the secret that its messages are signed with, which is shown only now."""
    _require_sensible(url, events)
    with translated():
        made = Webhook.objects.create(
            name=" ".join(name.split()),
            url=url.strip(),
            events=sorted(events),
            private=private,
            made_by=by,
            made_at=now,
        )
        return made, new_secret(made, by=by, now=now)


def change(webhook: Webhook, *, name: str, url: str, events: Collection[str], private: bool) -> Webhook:
    """Say it anew; what waits for it goes to the new address, about which nothing is known yet.

    But nothing private that it may not hear any more.
    """
    _require_sensible(url, events)
    if url.strip() != webhook.url:
        Webhook.objects.filter(pk=webhook.pk).update(**FINE)
    webhook.name, webhook.url, webhook.events = " ".join(name.split()), url.strip(), sorted(events)
    webhook.private = private
    with translated():
        webhook.save(update_fields=["name", "url", "events", "private"])
        if not private:
            withholding.private_of(webhook)
    return webhook


def new_secret(webhook: Webhook, *, by: Person, now: datetime, overlap: timedelta = OVERLAP) -> str:
    """A secret, shown only now. The one before signs beside it for `overlap`; zero ends it at once."""
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    with translated():
        Webhook.objects.select_for_update().get(pk=webhook.pk)
        before = WebhookSecret.objects.filter(webhook=webhook)
        before.filter(ends_at__lte=now).delete()
        if not overlap:
            before.delete()
        free = sorted(set(SLOTS) - set(before.values_list("slot", flat=True)))
        if not free:
            raise TwoSecretsAlready
        before.filter(Q(ends_at=None) | Q(ends_at__gt=now + overlap)).update(ends_at=now + overlap)
        sealed = sealing.seal(secret.encode(), purpose=PURPOSE)
        WebhookSecret.objects.create(webhook=webhook, slot=free[0], sealed=sealed, made_by=by, made_at=now)
    return secret


def end_older(webhook: Webhook) -> None:
    """Only the newest secret signs from now on."""
    newest = WebhookSecret.objects.filter(webhook=webhook).order_by("-made_at", "-pk").first()
    if newest is not None:
        WebhookSecret.objects.filter(webhook=webhook).exclude(pk=newest.pk).delete()


def switch(webhook: Webhook, *, on: bool) -> None:
    """On or off. What waited when it went off is not sent by itself afterwards."""
    with translated():
        was_on = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk).is_on
        Webhook.objects.filter(pk=webhook.pk, removed_at=None).update(is_on=on, off_why="", **FINE)
        waiting = WebhookDelivery.objects.filter(webhook=webhook)
        if not on:
            _let_go(waiting)
        elif not was_on:  # what was written just when it went off
            _let_go(waiting.filter(again_by=None))


def remove(webhook: Webhook, *, now: datetime) -> None:
    """It is told nothing more; what was sent to it stays until it is trimmed."""
    with translated():
        Webhook.objects.filter(pk=webhook.pk, removed_at=None).update(is_on=False, removed_at=now, **FINE)
        WebhookSecret.objects.filter(webhook=webhook).delete()
        _let_go(WebhookDelivery.objects.filter(webhook=webhook))


def _let_go(rows: QuerySet[WebhookDelivery]) -> None:
    waiting = rows.filter(next_try_at__isnull=False)
    waiting.update(next_try_at=None, answer="it was switched off before this got through")


def _require_sensible(url: str, events: Collection[str]) -> None:
    try:
        calling.require_sendable(url.strip())
    except outgoing.Forbidden as error:
        raise Invalid(f"{str(error)[:1].upper()}{str(error)[1:]}.", field="url") from error
    unknown = sorted(set(events) - {one.name for one in registry.events()})
    if unknown:
        raise Invalid(f"There is no event “{unknown[0]}”.", field="events")
    if not events:
        raise Invalid("Choose at least one event.", field="events")
