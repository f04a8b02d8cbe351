"""The channels of people and teams, and when they want quiet: adding, changing, trying, taking away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Any

from ownership import posting
from ownership.models import Channel, Manner, Message, Notice, Person, Team
from ownership.outbox import PURPOSE
from ownership.vocabulary import NoticeKind
from web import sealing
from web.errors import DomainError, Invalid, translated

MOST = 10


class TooMany(DomainError):
    """There are ten channels already, which is the most; remove one first."""

    code = "too_many_channels"
    status = 422


class OwnMailStays(DomainError):
    """Everybody's own e-mail stays a channel; switch it off instead."""

    code = "own_mail_stays"


class SwitchedOff(DomainError):
    """This channel is switched off; switch it on before you try it."""

    code = "channel_off"


def owned_by(owner: Person | Team) -> dict[str, Any]:
    """The column of a channel or a manner that says whose it is."""
    return {"team": owner} if isinstance(owner, Team) else {"person": owner}


def add(
    owner: Person | Team, *, address: str, by: Person, now: datetime, label: str = "", muted: Collection[str] = ()
) -> Channel:
    """One more way to reach a person or a team; its address is sealed and never shown again."""
    found = posting.read(address)
    with translated():
        (Team if isinstance(owner, Team) else Person).objects.select_for_update(no_key=True).get(pk=owner.pk)
        if Channel.objects.filter(**owned_by(owner)).exclude(sealed="").count() >= MOST:
            raise TooMany
        return Channel.objects.create(
            **owned_by(owner), label=_named(label), muted=_known(muted), made_at=now, **_kept(found)
        )


def edit(
    channel: Channel,
    *,
    by: Person,
    now: datetime,
    label: str,
    muted: Collection[str],
    enabled: bool,
    address: str = "",
) -> Channel:
    """Change a channel; an empty `address` keeps the one it has. What waited on one that is switched off is dropped."""
    fresh: dict[str, Any] = {"label": _named(label), "muted": _known(muted), "enabled": enabled}
    if address.strip() and not channel.is_own_mail:
        fresh |= _kept(posting.read(address)) | {"failing_since": None, "failure": "", "try_after": None}
    with translated():
        for name, value in fresh.items():
            setattr(channel, name, value)
        channel.save(update_fields=list(fresh))
        if not enabled:
            Message.objects.filter(channel=channel, next_try_at__isnull=False).update(next_try_at=None)
    return channel


def remove(channel: Channel, *, by: Person, now: datetime) -> None:
    """Take a channel away, with what it sent; own e-mail stays."""
    if channel.is_own_mail:
        raise OwnMailStays
    channel.delete()


def test(channel: Channel, *, by: Person, now: datetime) -> None:
    """Send a test message now, whatever was put off; one at a time, and tried once."""
    if not channel.enabled:
        raise SwitchedOff
    with translated():
        Channel.objects.filter(pk=channel.pk).update(try_after=None)
        waiting = Message(channel=channel, is_test=True, made_at=now, next_try_at=now)
        Message.objects.bulk_create([waiting], ignore_conflicts=True)


def set_manner(
    owner: Person | Team,
    *,
    by: Person,
    now: datetime,
    time_zone: str,
    quiet_from: time | None,
    quiet_until: time | None,
    quiet_days: Collection[int],
    whole_days: Collection[int],
    members_too: bool = False,
) -> Manner:
    """Say when it is quiet, and whether a team's members are told as well; what is held is looked at again."""
    if (quiet_from is None) != (quiet_until is None):
        raise Invalid("Give both times, or none.", field="quiet_until" if quiet_until is None else "quiet_from")
    if quiet_from is not None and quiet_from == quiet_until:
        raise Invalid("The hours end when they begin; for a whole day tick it below.", field="quiet_until")
    if quiet_from is not None and not quiet_days:
        raise Invalid("Tick the days on which these hours begin.", field="quiet_days")
    said = {
        "time_zone": time_zone,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "quiet_days": sorted(set(quiet_days)) if quiet_from is not None else [],
        "whole_days": sorted(set(whole_days)),
        "members_too": members_too,
    }
    with translated():
        manner, _ = Manner.objects.update_or_create(**owned_by(owner), defaults=said)
        Notice.objects.filter(**owned_by(owner), due_at__gt=now).update(due_at=now)
    return manner


def _kept(found: posting.Address) -> dict[str, str]:
    sealed = sealing.seal(found.url.encode(), purpose=PURPOSE)
    return {"kind": found.kind, "hint": found.hint, "sealed": sealed}


def _known(muted: Collection[str]) -> list[str]:
    return [kind for kind in NoticeKind.values if kind in muted]


def _named(label: str) -> str:
    return " ".join(label.split())[:80]
