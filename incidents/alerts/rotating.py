"""Hook keys and signing secrets of a source: two of each may live side by side, so that no delivery is lost between."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from incidents.alerts.models import Source
from incidents.alerts.trust_models import Purpose, SourceSecret
from ownership.models import Person
from ownership.signing import digest_of
from web import sealing
from web.errors import DomainError, Invalid, translated

KEY_BYTES = 24
HINT = 6
SLOTS = (1, 2)
OVERLAP = timedelta(days=7)  # for how long the old one works beside a new one, unless somebody says otherwise
SHORTEST = 8  # characters of a signing secret
SIGNING = "signing secret"  # what web.sealing seals it for
# Once a minute is often enough for people, and leaves the row alone in a storm.
_USED = """
UPDATE incidents_sourcesecret AS secret SET last_used_at = used.at
FROM (
    SELECT number, max(received_at) AS at
    FROM incidents_delivery, LATERAL (VALUES (by_key), (by_signature)) AS came(number)
    WHERE id = ANY(%s) AND number IS NOT NULL
    GROUP BY number
) AS used
WHERE secret.id = used.number
    AND (secret.last_used_at IS NULL OR secret.last_used_at <= used.at - interval '1 minute')
"""


class TwoLiveAlready(DomainError):
    """Two of them are live already; end one of them first."""

    code = "two_live_already"


def live(source: Source, purpose: Purpose, *, now: datetime) -> QuerySet[SourceSecret]:
    """Those that work now, the newest first."""
    found = SourceSecret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), source=source, purpose=purpose)
    return found.filter(ended_at=None).order_by("-created_at", "-pk")


def new_key(source: Source, *, by: Person | None, now: datetime, overlap: timedelta | None = OVERLAP) -> str:
    """A hook key, which is not kept and can be shown only now.

    The one before works on for `overlap`: zero ends it at once, None leaves it until somebody ends it.
    """
    key = secrets.token_urlsafe(KEY_BYTES)
    row = SourceSecret(purpose=Purpose.KEY, digest=digest_of(key), hint=key[:HINT])
    _add(row, source, by=by, now=now, overlap=overlap)
    return key


def new_signing_secret(
    source: Source, *, secret: str, by: Person, now: datetime, overlap: timedelta | None = OVERLAP
) -> SourceSecret:
    """A secret that the sender signs with from now on; the one before is accepted for `overlap`, as with keys."""
    secret = secret.strip()
    if len(secret) < SHORTEST:
        raise Invalid(f"A signing secret has at least {SHORTEST} characters.", field="secret")
    row = SourceSecret(purpose=Purpose.SIGNING, sealed=sealing.seal(secret.encode(), purpose=SIGNING))
    return _add(row, source, by=by, now=now, overlap=overlap)


def end(secret: SourceSecret, *, by: Person, now: datetime) -> None:
    """It stops working at once; twice is once."""
    SourceSecret.objects.filter(pk=secret.pk, ended_at=None).update(ended_at=now, ended_by=by)


def end_all(source: Source, purpose: Purpose, *, by: Person, now: datetime) -> None:
    """None of them works any more."""
    SourceSecret.objects.filter(source=source, purpose=purpose, ended_at=None).update(ended_at=now, ended_by=by)


def note_use(delivery_ids: Collection[object]) -> None:
    """Tell which keys and signing secrets these deliveries came with; one statement for any number."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, [list(delivery_ids)])


def _add(
    row: SourceSecret, source: Source, *, by: Person | None, now: datetime, overlap: timedelta | None
) -> SourceSecret:
    """Put it into the free slot; two people who ask at once wait for each other at the source's row."""
    with translated():
        Source.objects.select_for_update().get(pk=source.pk)
        before = SourceSecret.objects.filter(source=source, purpose=row.purpose, ended_at=None)
        before.filter(ends_at__lte=now).update(ended_at=now)  # over by themselves; this frees their slot
        if overlap is not None and not overlap:
            before.update(ended_at=now, ended_by=by)
        taken = dict(before.values_list("slot", "pk"))
        free = [slot for slot in SLOTS if slot not in taken]
        if not free:
            raise TwoLiveAlready
        if overlap:
            before.filter(Q(ends_at=None) | Q(ends_at__gt=now + overlap)).update(ends_at=now + overlap)
        row.source, row.slot, row.created_by, row.created_at = source, free[0], by, now
        row.save(force_insert=True)
    return row
