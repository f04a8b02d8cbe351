"""Sending what the outbox holds, one mail at a time: claimed, sent and marked in one short transaction.

Two senders never hold the same row (SKIP LOCKED), so nobody is mailed twice; a sender that dies between the mail and
its mark sends that one mail again. A server that does not answer stops the sweep, and the rest waits for the next.
"""

from __future__ import annotations

import smtplib
import time
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from ownership.models import Notice

LATEST = timedelta(days=1)  # what is older is no news
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
TOO_OLD = "Not mailed: more than a day passed before it could be."
# About one address or one mail; everything else says that the server itself does not work.
REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused, ValueError)


class ServerSilent(Exception):
    """The mail server takes nothing now."""


def send_due(*, now: datetime, within: float = 25.0) -> int:
    """Mail what is due, for at most `within` seconds; returns how many went out. Nothing without a mail server."""
    if not settings.EMAIL_CONFIGURED:
        return 0
    _drop_old(now)
    until, sent = time.monotonic() + within, 0
    connection: BaseEmailBackend = mail.get_connection()
    try:
        while time.monotonic() < until:
            went = _send_one(connection, now=now)
            if went is None:
                break
            sent += went
    except ServerSilent:
        pass
    finally:
        _close(connection)
    return sent


def _drop_old(now: datetime) -> None:
    """What waited too long keeps why it failed, or says that it came too late."""
    old = Notice.objects.filter(next_try_at__lte=now, made_at__lte=now - LATEST)
    old.filter(failure="").update(failure=TOO_OLD)
    old.update(next_try_at=None)


def _send_one(connection: BaseEmailBackend, *, now: datetime) -> bool | None:
    """Send the mail that is due first: whether it went out, None when none is due."""
    with transaction.atomic():
        due = Notice.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk").select_related("person")
        row = due.select_for_update(of=("self",), skip_locked=True).first()
        if row is None:
            return None
        if not row.person.is_active:
            _mark(row, next_try_at=None)
            return False
        failed = _try(connection, row)
        if failed is None:
            _mark(row, mailed_at=now, next_try_at=None, failure="")
            return True
        _back_off(row, failed, now=now)
    if not isinstance(failed, REFUSED):
        raise ServerSilent
    return False


def _try(connection: BaseEmailBackend, row: Notice) -> Exception | None:
    message = mail.EmailMessage(
        subject=row.text,
        body=_body(row),
        to=[row.person.email],
        connection=connection,
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        connection.open()  # kept open from one mail to the next
        message.send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; an address may be none
        return error
    return None


def _body(row: Notice) -> str:
    lines = (
        f"{row.text}.",
        *([f"{row.act_label}: {settings.BASE_URL}{row.act_path}"] if row.act_path else []),
        f"{settings.BASE_URL}{row.path}",
        f"Everything you were told: {settings.BASE_URL}{row.person.own_page}",
    )
    return "\n\n".join(lines) + "\n"


def _back_off(row: Notice, error: Exception, *, now: datetime) -> None:
    """Try again later, each time later still; given up after the last."""
    attempts = row.attempts + 1
    again = now + BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
    failure = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    _mark(row, attempts=attempts, next_try_at=again, failure=failure)


def _mark(row: Notice, **said: object) -> None:
    Notice.objects.filter(pk=row.pk).update(**said)


def _close(connection: BaseEmailBackend) -> None:
    with suppress(OSError):  # it was gone already
        connection.close()
