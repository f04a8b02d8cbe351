"""The messages that wait, in the database: claimed, read, marked. `sending` sends them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse

from ownership import composing
from ownership.composing import Letter, Line
from ownership.gathering import LATEST, TOO_OLD
from ownership.models import Channel, Message, Notice
from ownership.receivers import NAMES
from web import sealing

LEASE = timedelta(minutes=2)  # longer than a sweep and what is under way at its end
AT_ONCE = 2_000  # messages of one round
PURPOSE = "channel"
UNREADABLE = "The address cannot be read: SECRET_KEY has changed since. Enter it again."

# Chosen once: a join may ask a subquery again, and would then be given further channels.
_CLAIM = """
WITH chosen AS MATERIALIZED (
    SELECT c.id
    FROM ownership_channel c JOIN (
        SELECT channel_id, min(next_try_at) AS first FROM ownership_message
        WHERE next_try_at <= %(now)s GROUP BY channel_id) AS due ON due.channel_id = c.id
    WHERE c.enabled AND (c.claimed_until IS NULL OR c.claimed_until <= %(now)s)
    AND (c.try_after IS NULL OR c.try_after <= %(now)s)
    ORDER BY due.first, c.id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
)
UPDATE ownership_channel AS channel SET claimed_until = %(until)s FROM chosen WHERE channel.id = chosen.id
RETURNING channel.id
"""

# The first notices of each message, and how many they are; what a person has read meanwhile is not said again.
_CONTENTS = """
SELECT * FROM (
    SELECT m.id, n.text, n.path, n.act_label, n.act_path, n.urgent,
        row_number() OVER (PARTITION BY m.id ORDER BY n.id) AS place, count(*) OVER (PARTITION BY m.id) AS number
    FROM ownership_message m
    JOIN ownership_channel c ON c.id = m.channel_id
    JOIN ownership_notice n ON n.bundle_id = m.bundle_id
    WHERE m.id = ANY (%(messages)s) AND n.seen_at IS NULL AND NOT n.kind = ANY (c.muted)) AS told
WHERE place <= %(shown)s ORDER BY id, place
"""


@dataclass(frozen=True)
class Parcel:
    """One message with all that sending it takes; `failure` says why it cannot be sent at all."""

    message_id: int
    bundle_id: int | None
    channel_id: int
    kind: str
    url: str
    attempts: int
    is_test: bool
    letter: Letter | None
    failure: str = ""


def claim(*, now: datetime, limit: int) -> list[int]:
    """The channels with something due that nobody else has, ours for the time of a lease."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + LEASE, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def release(channels: Collection[int]) -> None:
    """They are anybody's again."""
    Channel.objects.filter(pk__in=channels).update(claimed_until=None)


def parcels(channels: Collection[int], *, now: datetime) -> list[Parcel]:
    """What is due on claimed channels, oldest first. What was read meanwhile, or whose reader left, is settled here."""
    due = Message.objects.filter(channel__in=channels, next_try_at__lte=now)
    rows = list(due.select_related("channel__person", "channel__team").order_by("pk")[:AT_ONCE])
    told = _told([row.pk for row in rows if not row.is_test])
    wanted = [row for row in rows if (row.is_test or row.pk in told) and row.channel.owner.is_here(now)]
    moot = {row.pk for row in rows} - {row.pk for row in wanted}
    if moot:
        Message.objects.filter(pk__in=moot).update(next_try_at=None)
    return [_parcel(row, told.get(row.pk)) for row in wanted]


@dataclass(frozen=True)
class _Told:
    lines: list[Line]
    count: int
    urgent: bool


def _told(messages: Sequence[int]) -> dict[int, _Told]:
    found: dict[int, _Told] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CONTENTS, {"messages": list(messages), "shown": composing.SHOWN})
        for message, text, path, act_label, act_path, urgent, _, count in cursor.fetchall():
            told = found.setdefault(message, _Told([], count, urgent))
            told.lines.append(Line(text, path, act_label, act_path))
    return found


def _parcel(row: Message, told: _Told | None) -> Parcel:
    url, failure = "", ""
    try:
        url = address_of(row.channel)
    except sealing.Unsealable:
        failure = UNREADABLE
    return Parcel(
        message_id=row.pk,
        bundle_id=row.bundle_id,
        channel_id=row.channel_id,
        kind=row.channel.kind,
        url=url,
        attempts=row.attempts,
        is_test=row.is_test,
        letter=_letter(row.channel, told),
        failure=failure,
    )


def _letter(channel: Channel, told: _Told | None) -> Letter:
    page = (
        reverse("ownership:team_channels", args=[channel.team.slug]) if channel.team else reverse("ownership:notices")
    )
    if told is None:
        return composing.trial(f"{NAMES[channel.kind]} of {channel.owner}", page=page)
    return composing.letter(told.lines, told.count, everything=page, urgent=told.urgent)


def address_of(channel: Channel) -> str:
    """Where it leads; Unsealable when SECRET_KEY changed. A secret: never to be shown or logged."""
    if channel.person is not None and channel.is_own_mail:
        return channel.person.email
    return sealing.unseal(channel.sealed, purpose=PURPOSE).decode()


def went(parcel: Parcel, *, now: datetime) -> None:
    """It was taken; its channel works again."""
    with transaction.atomic():
        Message.objects.filter(pk=parcel.message_id).update(sent_at=now, next_try_at=None, failure="")
        Channel.objects.filter(pk=parcel.channel_id).update(
            last_sent_at=now, failing_since=None, failure="", try_after=None
        )
        if parcel.bundle_id is not None:
            Notice.objects.filter(bundle=parcel.bundle_id, sent_at=None).update(sent_at=now, failure="")


def failed(parcel: Parcel, failure: str, *, again: datetime | None, now: datetime) -> None:
    """It was not taken: tried again then, or given up; until then its channel is left alone."""
    with transaction.atomic():
        Message.objects.filter(pk=parcel.message_id).update(
            attempts=F("attempts") + 1, next_try_at=again, failure=failure[:300]
        )
        Channel.objects.filter(pk=parcel.channel_id).update(
            failing_since=Coalesce("failing_since", now), failure=failure[:300], try_after=again
        )
        if parcel.bundle_id is not None and again is None:
            tried = Message.objects.filter(bundle=parcel.bundle_id, next_try_at__isnull=False)
            lost = Notice.objects.filter(bundle=parcel.bundle_id, sent_at=None)
            lost.exclude(bundle__in=tried.values("bundle")).update(failure=failure[:300])


def give_up_old(*, now: datetime) -> None:
    """What waited too long keeps why it failed, or says that it came too late."""
    old = Message.objects.filter(next_try_at__lte=now, made_at__lte=now - LATEST)
    old.filter(failure="").update(failure=TOO_OLD)
    old.update(next_try_at=None)
