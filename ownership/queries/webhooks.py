"""Reads of outgoing webhooks and of what was sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from ownership.models import Webhook, WebhookDelivery, WebhookSecret
from web.pagination import slice_of


@dataclass(frozen=True)
class Log:
    """A page of messages, the newest first, and the cursor of the next."""

    rows: Sequence[WebhookDelivery]
    following: str | None


def log(webhook: Webhook, *, after: str | None = None) -> Log:
    """What was sent to a webhook, or waits; one query."""
    rows = WebhookDelivery.objects.filter(webhook=webhook).select_related("again_by").defer("body")
    shown = slice_of(rows, keys=("-pk",), after=after)
    return Log(shown.rows, shown.following)


def live_secrets(webhook: Webhook, *, now: datetime) -> list[WebhookSecret]:
    """Those that sign now, the newest first; one query."""
    found = WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), webhook=webhook)
    return list(found.select_related("made_by").order_by("-made_at", "-pk"))
