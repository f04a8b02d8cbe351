"""Reads of channels: one's own or a team's, what became of a test, and what does not get through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from ownership.models import Channel, Manner, Message, Notice, Person, Team
from ownership.reckoning import quiet
from web.pagination import slice_of

TOLD = 10


@dataclass(frozen=True)
class FailingList:
    """A page of channels that fail, with their owners, and the cursor of the next."""

    rows: Sequence[Channel]
    following: str | None


@dataclass(frozen=True)
class LostList:
    """A page of messages that failed, given up or still tried, with their channels, and the cursor of the next."""

    rows: Sequence[Message]
    following: str | None


def whole() -> QuerySet[Channel]:
    """Channels with whom they reach."""
    return Channel.objects.select_related("person", "team")


def of(owner: Person | Team) -> list[Channel]:
    """The channels of a person or team, own e-mail first; one query."""
    rows = whole().filter(team=owner) if isinstance(owner, Team) else whole().filter(person=owner)
    return list(rows.order_by("pk"))


def manner_of(owner: Person | Team) -> Manner | None:
    """When somebody wants quiet, None when they never said."""
    rows = Manner.objects.filter(team=owner) if isinstance(owner, Team) else Manner.objects.filter(person=owner)
    return rows.first()


def quiet_until(manner: Manner | None, *, at: datetime) -> datetime | None:
    """Until when it is quiet now; None when it is not."""
    if manner is None:
        return None
    zone = ZoneInfo(manner.time_zone)
    hours = quiet.Hours(zone, manner.quiet_from, manner.quiet_until, manner.quiet_days, manner.whole_days)
    return quiet.ends_at(hours, at)


def last_test(channel: Channel) -> Message | None:
    """The latest test of a channel."""
    return Message.objects.filter(channel=channel, is_test=True).order_by("-pk").first()


def told_to(team: Team) -> list[Notice]:
    """The latest that a team was told through its channels."""
    return list(Notice.objects.filter(team=team).order_by("-pk")[:TOLD])


def is_failing(person: Person) -> bool:
    """Whether a channel of one's own fails now."""
    return Channel.objects.filter(person=person, enabled=True, failing_since__isnull=False).exists()


def failing(*, after: str | None = None) -> FailingList:
    """Every channel that fails now; one query."""
    rows = whole().filter(failing_since__isnull=False, enabled=True)
    shown = slice_of(rows, keys=("-pk",), after=after)
    return FailingList(shown.rows, shown.following)


def lost(*, after: str | None = None) -> LostList:
    """Messages that failed and did not go out, latest first; one query."""
    rows = Message.objects.filter(sent_at=None).exclude(failure="")
    shown = slice_of(rows.select_related("channel__person", "channel__team"), keys=("-pk",), after=after)
    return LostList(shown.rows, shown.following)
