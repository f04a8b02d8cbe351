"""Where senders post: look the source up, store the bytes, answer. Two statements; all else is the digest's work.

Senders take a 4xx as final, so it is kept for a wrong address, a body that is not JSON and one that is too large;
503 asks to come back.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incidents.alerts import intake
from incidents.alerts.intake import Taken
from web.wakeup import Bell

RETRY_AFTER = "5"
BEARER = "bearer "
bell = Bell("incidents.alerts.digest")


class TooLarge(Exception):
    """The body is longer than HOOK_MAX_BYTES."""


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, kind: str, key: str = "") -> JsonResponse:
    """Take one delivery in; the key is in the path or in `Authorization: Bearer`."""
    try:
        body = _body(request)
        taken = _take(request, kind, key or _bearer(request), body)
    except TooLarge:
        limit = f"the body is longer than {settings.HOOK_MAX_BYTES} bytes; send smaller batches"
        return _answer(413, "too_large", limit)
    except (OperationalError, InterfaceError):
        response = _answer(503, "away", "the database is away; send it again in a moment")
        response["Retry-After"] = RETRY_AFTER
        return response
    if taken is None:
        return _answer(404, "unknown", "no source of this kind has this key")
    if taken.refused:
        return _answer(400, "rejected", taken.refused, delivery=str(taken.id))
    transaction.on_commit(bell.ring)
    return JsonResponse({"delivery": str(taken.id)}, status=202)


def _take(request: HttpRequest, kind: str, key: str, body: bytes) -> Taken | None:
    """Store the delivery; None when no source of this kind has this key."""
    source_id = intake.source_of(kind, key)
    if source_id is None:
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    content_type = request.headers.get("Content-Type", "")
    return intake.store(source_id, kind, body=body, content_type=content_type, headers=headers, now=timezone.now())


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
        body = request.environ["wsgi.input"].read(limit + 1)  # type: ignore[attr-defined]
    if len(body) > limit:
        raise TooLarge
    return body


def _bearer(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""


def _answer(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": code, "detail": detail, **more}, status=status)
