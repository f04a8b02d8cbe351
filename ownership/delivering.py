"""Telling webhooks what happened: rows first, then sent one by one, tried again over about a day.

What is sent is claimed by moving its next try ahead, committed, and only then sent: no transaction waits for somebody
else's server, and a sender that dies leaves the message to be sent again after CLAIM. So each message arrives at least
once, with the same event id each time.

One sweep runs at a time and each webhook has a lane of its own in it, one message after the other. A webhook that
failed is left alone for a while, whatever else waits for it: what is slow or dead holds up nobody else, and no more
than one process of the worker. Lanes know no database; the sweep claims and marks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from ownership import notifying, withholding
from ownership.models import Person, Webhook, WebhookDelivery, WebhookSecret
from ownership.subscribing import PURPOSE
from ownership.vocabulary import NoticeKind, Role
from web import calling, outgoing, sealing
from web.errors import DomainError

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 60, 180, 360, 360, 480))  # about a day
PAUSES = BACK_OFF[:3]  # of a whole webhook, after failures in a row; the last for all that follow
CLAIM = timedelta(minutes=2)  # longer than a sweep and what is under way at its end
FAILS_FOR = timedelta(days=3)  # then it is switched off,
FAILS_ON = 3  # once different messages were tried in vain on so many days of it
KEPT = timedelta(days=30)
SHOWN = 300  # characters of an answer
PING = "ping"
AGENT = "Seamline-Webhooks/1"
LANES = 12  # webhooks at the same time
GRACE = outgoing.SECONDS + 5  # after the time is over, for what is under way
_TURN = 0x5EA1_0006_0000_0000  # the advisory lock of the sweep


class SwitchedOff(DomainError):
    """This webhook is switched off; switch it on first."""

    code = "webhook_off"


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
    if sent.event != PING and not sent.webhook.is_on:
        raise SwitchedOff
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


def send_due(*, now: datetime, within: float = 5.0, way: outgoing.Way | None = None) -> int:
    """Send what is due, the oldest first of each webhook, one sweep at a time; returns how many got through.

    Nothing is begun after `within` seconds; what is under way then may take GRACE.
    """
    with _turn() as is_ours:
        return _sweep(now=now, within=within, way=way) if is_ours else 0


def _sweep(*, now: datetime, within: float, way: outgoing.Way | None) -> int:
    until, sent, failed = time.monotonic() + within, 0, set[int]()
    flying: dict[Future[_Outcome], WebhookDelivery] = {}
    pool = ThreadPoolExecutor(max_workers=LANES, thread_name_prefix="webhook")
    try:
        while True:
            while time.monotonic() < until and len(flying) < LANES:
                row = _claimed(now, besides=failed | {one.webhook_id for one in flying.values()})
                if row is None:
                    break
                flying[_begun(pool, row, now=now, way=way)] = row
            if not flying:
                break
            left = max(0.0, until - time.monotonic())
            ended, _ = wait(flying, timeout=left + GRACE, return_when=FIRST_COMPLETED)
            if not ended:
                break  # a name server that does not answer, at worst: the claim ends, and it is tried again
            for one in ended:
                row = flying.pop(one)
                if _settled(row, one.result(), now=now):
                    sent += 1
                else:
                    failed.add(row.webhook_id)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return sent


@contextmanager
def _turn() -> Iterator[bool]:
    """Whether this sweep is the only one. Of the connection, not of a transaction, for many are committed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_TURN])
        (is_ours,) = cursor.fetchone() or (False,)
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_TURN])


def trim(*, now: datetime) -> int:
    """Forget what was sent KEPT ago; returns how many."""
    return WebhookDelivery.objects.filter(made_at__lt=now - KEPT, next_try_at=None).delete()[0]


def signature(body: bytes, *, timestamp: int, secret: bytes) -> str:
    """What `Seamline-Signature` carries for one secret: `v1=` and the HMAC-SHA256 of `timestamp.body` in hex."""
    return "v1=" + hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


@transaction.atomic
def _claimed(now: datetime, *, besides: Collection[int]) -> WebhookDelivery | None:
    """What somebody asked for by hand first; then the oldest of a webhook that is on and not left alone for now."""
    due = WebhookDelivery.objects.filter(next_try_at__lte=now).exclude(webhook__in=besides)
    due = due.order_by("next_try_at", "pk")
    is_test = Q(event=PING, webhook__removed_at=None)
    row = _locked(due.filter(is_test | Q(webhook__is_on=True, attempts=0), again_by__isnull=False))
    if row is None:
        ready = Webhook.objects.filter(Q(try_after=None) | Q(try_after__lte=now), is_on=True).exclude(pk__in=besides)
        first = due.filter(webhook=OuterRef("pk")).values("next_try_at")[:1]
        hook = ready.annotate(first=Subquery(first)).filter(first__isnull=False).order_by("first", "pk").first()
        row = _locked(due.filter(webhook=hook)) if hook else None
    if row is not None:
        row.attempts += 1
        row.next_try_at = now + CLAIM
        row.save(update_fields=["attempts", "next_try_at"])
    return row


def _locked(rows: QuerySet[WebhookDelivery]) -> WebhookDelivery | None:
    return rows.select_related("webhook").select_for_update(of=("self",), skip_locked=True).first()


@dataclass(frozen=True)
class _Outcome:
    """What came back: a status and how the answer began, or None and what went wrong."""

    status: int | None
    said: str


def _begun(
    pool: ThreadPoolExecutor, row: WebhookDelivery, *, now: datetime, way: outgoing.Way | None
) -> Future[_Outcome]:
    try:
        headers = _headers(row, row.body.encode(), now=now)
    except (outgoing.Forbidden, sealing.Unsealable) as error:
        not_sent: Future[_Outcome] = Future()
        not_sent.set_result(_Outcome(None, str(error)))
        return not_sent
    return pool.submit(_posted, row.webhook.url, row.body.encode(), headers, way)


def _posted(url: str, body: bytes, headers: dict[str, str], way: outgoing.Way | None) -> _Outcome:
    """Runs in a thread."""
    try:
        answer = calling.post(url, body, headers, way=way)
    except (outgoing.Forbidden, outgoing.Unreachable) as error:
        return _Outcome(None, str(error))
    return _Outcome(answer.status, answer.body.decode("utf-8", "replace"))


def _settled(row: WebhookDelivery, outcome: _Outcome, *, now: datetime) -> bool:
    """Mark what became of it; whether it got through."""
    if outcome.status is None or not 200 <= outcome.status < 300:
        _failed(row, outcome, now=now)
        return False
    _mark(row, outcome, now=now, delivered_at=now, next_try_at=None)
    failing = Webhook.objects.filter(pk=row.webhook_id, failing_since__isnull=False)
    failing.update(failing_since=None, failures=0, try_after=None)
    return True


def _headers(row: WebhookDelivery, body: bytes, *, now: datetime) -> dict[str, str]:
    live = WebhookSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), webhook=row.webhook_id)
    stamp = int(now.timestamp())
    secrets = [sealing.unseal(one.sealed, purpose=PURPOSE) for one in live.order_by("-made_at", "-pk")]
    if not secrets:  # removed since it was claimed
        raise outgoing.Forbidden("there is no secret to sign it with")
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Seamline-Event": row.event,
        "Seamline-Event-Id": str(row.event_id),
        "Seamline-Timestamp": str(stamp),
        "Seamline-Signature": ",".join(signature(body, timestamp=stamp, secret=secret) for secret in secrets),
    }


def _failed(row: WebhookDelivery, outcome: _Outcome, *, now: datetime) -> None:
    """Try again later, each time later still, given up after the last; a test is tried once and says nothing more.

    Its webhook is left alone for a while, and switched off after days of this.
    """
    again, is_over = None, False
    with transaction.atomic():
        hook = Webhook.objects.select_for_update(no_key=True).get(pk=row.webhook_id)
        _mark(row, outcome, now=now)
        if row.event != PING and hook.is_on:
            pause = PAUSES[min(hook.failures, len(PAUSES) - 1)]
            if row.attempts <= len(BACK_OFF):
                again = now + max(BACK_OFF[row.attempts - 1], pause)
            if hook.url == row.webhook.url:  # else this says nothing about the new address
                is_over = _fails_for_good(hook, now=now)
                _pause(hook, pause, now=now)
        # Who let go of it or withheld it meanwhile has moved its next try.
        WebhookDelivery.objects.filter(pk=row.pk, next_try_at=row.next_try_at).update(next_try_at=again)
        if is_over:
            _switch_off(hook, now=now)


def _pause(hook: Webhook, pause: timedelta, *, now: datetime) -> None:
    hook.failing_since = hook.failing_since or now
    hook.failures = min(hook.failures + 1, len(PAUSES))
    hook.try_after = now + pause
    hook.save(update_fields=["failing_since", "failures", "try_after"])


def _fails_for_good(hook: Webhook, *, now: datetime) -> bool:
    """One message that was lost, and one later that takes a second try, are not days of failure."""
    since = hook.failing_since
    if since is None or now - since < FAILS_FOR:
        return False
    tried = WebhookDelivery.objects.filter(webhook=hook, tried_at__gte=since, delivered_at=None).exclude(event=PING)
    return tried.values("tried_at__date").distinct().count() >= FAILS_ON


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


def _mark(row: WebhookDelivery, outcome: _Outcome, *, now: datetime, **more: datetime | None) -> None:
    shown = " ".join(outcome.said.replace("\x00", "").split())[:SHOWN]
    WebhookDelivery.objects.filter(pk=row.pk).update(status=outcome.status, answer=shown, tried_at=now, **more)
