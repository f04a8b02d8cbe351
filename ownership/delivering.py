"""Telling webhooks what happened: rows first, then sent one by one, tried again over about a day.

What is sent is claimed by moving its next try ahead, committed, and only then sent: no transaction waits for somebody
else's server, and a sender that dies leaves the message to be sent again after CLAIM. So each message arrives at least
once, with the same event id each time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from ownership import notifying, withholding
from ownership.models import Person, Webhook, WebhookDelivery, WebhookSecret
from ownership.subscribing import PURPOSE
from ownership.vocabulary import NoticeKind, Role
from web import calling, outgoing, sealing
from web.errors import DomainError

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 60, 180, 360, 360, 480))  # about a day
CLAIM = timedelta(minutes=2)  # longer than any call takes
FAILS_FOR = timedelta(days=3)  # then it is switched off
KEPT = timedelta(days=30)
SHOWN = 300  # characters of an answer
PING = "ping"
AGENT = "Seamline-Webhooks/1"


class Withheld(DomainError):
    """What this was about is private now, and this webhook is not told of private things."""

    code = "withheld"


@dataclass(frozen=True)
class Event:
    """Something to tell: `body` is the JSON to send, the same for all who are told."""

    id: uuid.UUID
    name: str
    about: str
    body: str
    is_private: bool = False


def publish(events: Sequence[Event], *, now: datetime) -> int:
    """Write what each webhook is told; two statements for any number of events, one when nobody listens.

    Inside a transaction that began with `withholding.begin_writing`.
    """
    listening = list(Webhook.objects.filter(is_on=True))
    rows = [
        WebhookDelivery(
            webhook=one, event_id=event.id, event=event.name, about=event.about, body=event.body, made_at=now,
            next_try_at=now, is_private=event.is_private,
        )
        for event in events
        for one in listening
        if event.name in one.events and (one.private or not event.is_private)
    ]  # fmt: skip
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    return len(rows)


def ping(webhook: Webhook, *, by: Person, now: datetime) -> WebhookDelivery:
    """A message that says nothing but that it arrived."""
    event_id = uuid.uuid4()
    body = json.dumps({"version": 1, "id": str(event_id), "event": PING, "at": now.isoformat(), "by": str(by)})
    return WebhookDelivery.objects.create(
        webhook=webhook, event_id=event_id, event=PING, body=body, made_at=now, next_try_at=now, again_by=by
    )


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, by: Person, now: datetime) -> WebhookDelivery:
    """The same event once more, as a row of its own; its id is the same, so that receivers can tell."""
    withholding.begin_writing()
    sent = WebhookDelivery.objects.select_related("webhook").filter(pk=delivery.pk, is_withheld=False).first()
    if sent is None:
        raise Withheld
    return WebhookDelivery.objects.create(
        webhook=sent.webhook,
        event_id=sent.event_id,
        event=sent.event,
        about=sent.about,
        body=sent.body,
        is_private=sent.is_private,
        made_at=now,
        next_try_at=now,
        again_by=by,
    )


def send_due(*, now: datetime, within: float = 25.0, way: outgoing.Way | None = None) -> int:
    """Send what is due, the oldest first, for at most `within` seconds; returns how many got through.

    An address that failed waits for the next sweep, so that one that is dead does not hold up the others.
    """
    until, sent, failed = time.monotonic() + within, 0, set[int]()
    while time.monotonic() < until:
        row = _claimed(now, besides=failed)
        if row is None:
            break
        if _send(row, now=now, way=way):
            sent += 1
        else:
            failed.add(row.webhook_id)
    return sent


def trim(*, now: datetime) -> int:
    """Forget what was sent KEPT ago; returns how many."""
    return WebhookDelivery.objects.filter(made_at__lt=now - KEPT, next_try_at=None).delete()[0]


def signature(body: bytes, *, timestamp: int, secret: bytes) -> str:
    """What `Seamline-Signature` carries for one secret: `v1=` and the HMAC-SHA256 of `timestamp.body` in hex."""
    return "v1=" + hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


@transaction.atomic
def _claimed(now: datetime, *, besides: Collection[int]) -> WebhookDelivery | None:
    due = WebhookDelivery.objects.filter(next_try_at__lte=now).exclude(webhook__in=besides)
    locked = (
        due.order_by("next_try_at", "pk").select_related("webhook").select_for_update(of=("self",), skip_locked=True)
    )
    row = locked.first()
    if row is not None:
        row.attempts += 1
        row.next_try_at = now + CLAIM
        row.save(update_fields=["attempts", "next_try_at"])
    return row


def _send(row: WebhookDelivery, *, now: datetime, way: outgoing.Way | None) -> bool:
    body = row.body.encode()
    try:
        headers = _headers(row, body, now=now)
        answer = calling.post(row.webhook.url, body, headers, way=way)
    except (outgoing.Forbidden, outgoing.Unreachable, sealing.Unsealable) as error:
        _failed(row, status=None, said=str(error), now=now)
        return False
    said = answer.body.decode("utf-8", "replace")
    if 200 <= answer.status < 300:
        _mark(row, now=now, status=answer.status, said=said, delivered_at=now, next_try_at=None)
        Webhook.objects.filter(pk=row.webhook_id, failing_since__isnull=False).update(failing_since=None)
        return True
    _failed(row, status=answer.status, said=said, now=now)
    return False


def _headers(row: WebhookDelivery, body: bytes, *, now: datetime) -> dict[str, str]:
    live = WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), webhook=row.webhook_id)
    stamp = int(now.timestamp())
    secrets = [sealing.unseal(one.sealed, purpose=PURPOSE) for one in live.order_by("-made_at", "-pk")]
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Seamline-Event": row.event,
        "Seamline-Event-Id": str(row.event_id),
        "Seamline-Timestamp": str(stamp),
        "Seamline-Signature": ",".join(signature(body, timestamp=stamp, secret=secret) for secret in secrets),
    }


def _failed(row: WebhookDelivery, *, status: int | None, said: str, now: datetime) -> None:
    """Try again later, each time later still; given up after the last, and switched off after FAILS_FOR of it."""
    is_over = row.event == PING or row.attempts > len(BACK_OFF)
    with transaction.atomic():
        hook = Webhook.objects.select_for_update().get(pk=row.webhook_id)
        again = now + BACK_OFF[row.attempts - 1] if hook.is_on and not is_over else None
        _mark(row, now=now, status=status, said=said, next_try_at=None)
        WebhookDelivery.objects.filter(pk=row.pk, is_withheld=False).update(next_try_at=again)
        if hook.failing_since is None:
            Webhook.objects.filter(pk=hook.pk).update(failing_since=now)
        elif hook.is_on and now - hook.failing_since >= FAILS_FOR:
            _switch_off(hook, now=now)


def _switch_off(hook: Webhook, *, now: datetime) -> None:
    """Nothing got through for days: told to the admins, and to who added it."""
    why = f"nothing got through since {hook.failing_since:%Y-%m-%d %H:%M} UTC"
    Webhook.objects.filter(pk=hook.pk).update(is_on=False, off_why=why)
    waiting = WebhookDelivery.objects.filter(webhook=hook, next_try_at__isnull=False)
    waiting.update(next_try_at=None)
    admins = list(Person.objects.filter(role=Role.ADMIN, is_active=True))
    notifying.tell(
        [*admins, hook.made_by],
        kind=NoticeKind.SILENT,
        text=f"The webhook {hook} was switched off: {why}",
        path=reverse("ownership:webhook", args=[hook.pk]),
        now=now,
        key=f"webhook:{hook.pk}:off:{hook.failing_since:%Y-%m-%d}",
    )


def _mark(row: WebhookDelivery, *, now: datetime, status: int | None, said: str, **more: datetime | None) -> None:
    shown = " ".join(said.replace("\x00", "").split())[:SHOWN]
    WebhookDelivery.objects.filter(pk=row.pk).update(status=status, answer=shown, tried_at=now, **more)
