"""Where senders post: store the bytes for the source of that key and answer; all else is the digest's work.

Senders take a 4xx as final, so it is kept for a wrong address, a bad signature, a body that is not JSON and one that
is too large; 429 (over the source's limit) and 503 ask to come back.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incidents.alerts import intake, tallying, throttling
from incidents.alerts.guarding import Unsigned
from incidents.alerts.intake import Taken
from incidents.alerts.sources import handshake, pagerduty
from incidents.alerts.sources.reading import clean
from incidents.alerts.throttling import TooOften
from web.sealing import Unsealable
from web.wakeup import Bell

RETRY_AFTER = 5
BEARER = "bearer "
bell = Bell("incidents.alerts.digest")
_log = logging.getLogger("seamline.hooks")


class TooLarge(Exception):
    """The body is longer than HOOK_MAX_BYTES."""


@dataclass(frozen=True)
class Refusal:
    """Why nothing was stored; `retry_after` is in seconds where it may be otherwise then."""

    status: int
    code: str
    detail: str
    retry_after: int | None = None


REFUSED = (TooLarge, TooOften, Unsigned, Unsealable, OperationalError, InterfaceError)
# How PagerDuty would say it: status and message of its answers.
PAGERDUTY = {
    "too_large": ("event too large", "Event is too large"),
    "too_often": ("throttle exceeded", "Requests for this service are arriving too quickly. Please retry later."),
    "bad_signature": ("unauthorized", "Event is not signed"),
    "secret_unreadable": ("unavailable", "The signing secret cannot be read"),
    "away": ("unavailable", "The database is away"),
}


def _refusal(error: Exception) -> Refusal:
    """What to answer for one of REFUSED."""
    match error:
        case TooLarge():
            most = f"the body is longer than {settings.HOOK_MAX_BYTES} bytes; send smaller batches"
            return Refusal(413, "too_large", most)
        case TooOften():
            return Refusal(429, "too_often", f"this source may send no more just now: {error}", error.retry_after)
        case Unsigned():
            return Refusal(401, "bad_signature", str(error))
        case Unsealable():
            _log.error("a signing secret cannot be read back", extra={"reason": str(error)})
            again = "the signing secret of this source must be entered again"
            return Refusal(503, "secret_unreadable", again, RETRY_AFTER)
    return Refusal(503, "away", "the database is away; send it again in a moment", RETRY_AFTER)


@csrf_exempt
@login_not_required
def receive(request: HttpRequest, kind: str, key: str = "") -> HttpResponse:
    """Take one delivery in; the key is in the path or in `Authorization: Bearer`."""
    if request.method == "OPTIONS" and kind == handshake.KIND:
        return _shaken(request, kind, key or _bearer(request))
    return _received(request, kind, key)


@require_POST
def _received(request: HttpRequest, kind: str, key: str) -> JsonResponse:
    try:
        body = _body(request)
        taken = _take(request, kind, key or _bearer(request), body)
    except REFUSED as error:
        refusal = _refusal(error)
        return _later(_answer(refusal.status, refusal.code, refusal.detail), refusal.retry_after)
    if taken is None:
        return _answer(404, "unknown", "no source of this kind has this key")
    if taken.refused:
        return _answer(400, "rejected", taken.refused, delivery=str(taken.id))
    transaction.on_commit(bell.ring)
    return JsonResponse({"delivery": str(taken.id)}, status=202)


@csrf_exempt
@login_not_required
@require_POST
def enqueue(request: HttpRequest, *, change: bool = False) -> JsonResponse:
    """PagerDuty's Events API v2, for clients of theirs whose host was changed; the routing key is a source's key.

    An event that PagerDuty would refuse is answered as there, and kept all the same: the digest rejects it with its
    reason, so that it is seen on the source's page.
    """
    try:
        return _enqueued(request, _body(request), change=change)
    except REFUSED as error:
        refusal = _refusal(error)
        said, message = PAGERDUTY[refusal.code]
        return _later(_told(refusal.status, said, message, [refusal.detail]), refusal.retry_after)


def _enqueued(request: HttpRequest, body: bytes, *, change: bool) -> JsonResponse:
    """Keep the event, and say what PagerDuty would."""
    event = _event(body)
    key = _routing_key(event, request)
    faults = pagerduty.faults(event, change=change, keyed=bool(key))
    is_theirs = isinstance(event, dict) and not (change and "event_action" in event)
    taken = _take(request, "pagerduty", key, body) if key and is_theirs else None
    if taken is not None:
        transaction.on_commit(bell.ring)
    elif not faults:
        faults = ["'routing_key' is invalid"]
    if faults:
        return _told(400, "invalid event", "Event object is invalid", faults)
    given = {} if change else {"dedup_key": pagerduty.dedup_key(event, body)}
    return JsonResponse({"status": "success", "message": "Event processed", **given}, status=202)


def _event(body: bytes) -> Any:
    """The event in a body, None for what is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _routing_key(event: Any, request: HttpRequest) -> str:
    """The source's key, from the event as clients send it, or from the header that newer ones may use."""
    given = event.get("routing_key") if isinstance(event, dict) else None
    if isinstance(given, str) and given.strip():
        return clean(given.strip())
    return request.headers.get("X-Routing-Key", "").strip()


def _told(status: int, said: str, message: str, errors: list[str]) -> JsonResponse:
    """A refusal in PagerDuty's form."""
    return JsonResponse({"status": said, "message": message, "errors": errors}, status=status)


def _take(request: HttpRequest, kind: str, key: str, body: bytes) -> Taken | None:
    """Store the delivery; None when no source of this kind has this key."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    content_type, now = request.headers.get("Content-Type", ""), timezone.now()
    try:
        return intake.take(kind, key, body=body, content_type=content_type, headers=headers, now=now)
    except TooOften as error:
        tallying.too_often(error.source_id, now=now)
        raise


def _body(request: HttpRequest) -> bytes:
    """The bytes of the request, at most HOOK_MAX_BYTES.

    A chunked request has no length, which Django takes for an empty body; so it is read from the server itself, one
    byte further than allowed.
    """
    limit: int = settings.HOOK_MAX_BYTES
    told = request.META.get("CONTENT_LENGTH") or ""
    if told.isdecimal():
        if int(told) > limit:
            raise TooLarge
        body = request.body
    else:
        body = request.META["wsgi.input"].read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    return body


def _bearer(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""


def _later(response: JsonResponse, seconds: int | None) -> JsonResponse:
    """Asks to come back after so many seconds, if ever."""
    if seconds is not None:
        response["Retry-After"] = str(seconds)
    return response


def _shaken(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """CloudEvents' webhook handshake: whether this address takes events from the origin that asks, and how many."""
    try:
        known = intake.knows(kind, key, now=timezone.now())
    except REFUSED as error:
        refusal = _refusal(error)
        return _later(_answer(refusal.status, refusal.code, refusal.detail), refusal.retry_after)
    if known is None:
        return _answer(404, "unknown", "no source of this kind has this key")
    granted = handshake.granted(request.headers, per_second=throttling.rate_of(known.rate_limit))
    if granted is None:
        return _answer(400, "no_origin", f"{handshake.ASKED} is missing, or is no host name")
    return HttpResponse(headers={"Allow": "POST", **granted})


def _answer(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": code, "detail": detail, **more}, status=status)
