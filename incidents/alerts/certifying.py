"""Fetching the certificates that Amazon SNS signs with, once each; deliveries that wait for one go on afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from incidents.alerts.models import Delivery, DeliveryState
from incidents.alerts.sources import sns
from incidents.alerts.trust_models import SnsCertificate
from web import outgoing
from web.outgoing import Answer, Forbidden, Unreachable

Fetch = Callable[[str], Answer]
# After each try that may go better later; then the certificate is given up and what waits for it is rejected.
WAITS = [timedelta(seconds=10), *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))]
FORGOTTEN = timedelta(days=1)  # after that a certificate that was given up leaves no trace
AT_ONCE = 5  # a run; each may take as long as outgoing.SECONDS


class _Hopeless(Exception):
    """Another try would end the same."""


def drain(*, now: datetime, fetch: Fetch = outgoing.fetch) -> int:
    """Fetch what is wanted, then let deliveries go on; returns how many certificates were tried."""
    tried = 0
    while tried < AT_ONCE and _next(now, fetch):
        tried += 1
    if tried:
        SnsCertificate.objects.filter(failed_at__lt=now - FORGOTTEN).delete()
    if tried or not SnsCertificate.objects.filter(next_try_at__isnull=False).exists():
        _release()
    return tried


def _next(now: datetime, fetch: Fetch) -> bool:
    """One certificate, its row locked meanwhile so that no other worker fetches it too; False when none is due."""
    with transaction.atomic():
        due = SnsCertificate.objects.filter(next_try_at__lte=now).order_by("next_try_at", "pk")
        certificate = due.select_for_update(skip_locked=True).first()
        if certificate is None:
            return False
        try:
            certificate.pem = _fetched(certificate.url, fetch)
            certificate.fetched_at, certificate.next_try_at, certificate.reason = now, None, ""
        except (_Hopeless, Forbidden) as error:
            certificate.failed_at, certificate.next_try_at, certificate.reason = now, None, str(error)
        except (Unreachable, OSError) as error:
            certificate.reason = str(error)
            left = WAITS[certificate.attempts :]
            certificate.next_try_at = now + left[0] if left else None
            certificate.failed_at = None if left else now
        certificate.attempts += 1
        certificate.save()
        return True


def _fetched(url: str, fetch: Fetch) -> str:
    answer = fetch(url)
    if answer.status >= 500 or answer.status == 429:
        raise Unreachable(f"SNS answered {answer.status} for its certificate")
    if answer.status != 200:
        raise _Hopeless(f"SNS answered {answer.status} for its certificate")
    try:
        pem = answer.body.decode("ascii")
        sns.require_certificate(pem)
    except (UnicodeDecodeError, sns.NotSigned):
        raise _Hopeless("what lies at the address of its certificate is none") from None
    return pem


def _release() -> None:
    """Back among the waiting; the digest judges them anew, and holds again what still lacks its certificate."""
    Delivery.objects.filter(state=DeliveryState.HELD).update(state=DeliveryState.WAITING, reason="")
