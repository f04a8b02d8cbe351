"""Calling back messages to webhooks: what became private is not sent, nor sent again, and its words are not kept.

Whether a message is private is read first and its row written later. So who writes rows holds a lock that withholding
waits for: either it finds the row, or the writer reads that the thing is private.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet

from ownership.models import Webhook, WebhookDelivery

_WRITING = 0x5EA1_0005_0000_0000  # the advisory lock of who writes messages: shared by them, alone for withholding


def begin_writing() -> None:
    """Before anything is read that decides who is told what. Held until the caller's transaction ends."""
    _hold("pg_advisory_xact_lock_shared")


def about(subjects: Collection[str]) -> None:
    """These (`INC-12`) are private from now on: taken from all webhooks that are not told of private things.

    Runs inside the caller's transaction, after it wrote that they are private. Three statements.
    """
    _hold("pg_advisory_xact_lock")
    rows = WebhookDelivery.objects.filter(about__in=subjects, is_private=False)
    _withhold(rows.filter(webhook__private=False))
    rows.update(is_private=True)


def private_of(webhook: Webhook) -> None:
    """This webhook is not told of private things any more. Runs inside the caller's transaction; two statements."""
    _hold("pg_advisory_xact_lock")
    _withhold(WebhookDelivery.objects.filter(webhook=webhook, is_private=True))


def _withhold(rows: QuerySet[WebhookDelivery]) -> None:
    rows.filter(is_withheld=False).update(is_withheld=True, next_try_at=None, body="")


def _hold(lock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [_WRITING])
