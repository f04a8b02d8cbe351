"""What an incident's page shows of its timeline: a page of it, what is pinned, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from incidents.response.models import Attachment, Incident, Pin, TimelineRow
from incidents.response.queries import named, referring, told
from incidents.response.vocabulary import TOLD_BY_ALERTS, WRITTEN, Anchor, Precision, TimelineKind
from ownership.models import Person
from ownership.vocabulary import Role
from web import wording

AT_ONCE = 100
ALL = "all"
SHOWN = {ALL: "All", "people": "Notes and facts", "alerts": "Alerts", "changes": "Changes"}
LATE = 300  # seconds after which a row says when it was recorded
# How a row is marked: what hurts, what people did, what is well again; the rest is quiet.
BAD = {
    TimelineKind.DECLARED,
    TimelineKind.IMPACT,
    TimelineKind.ALERT_FIRING,
    TimelineKind.FLAPPING,
    TimelineKind.STILL_FIRING,
    TimelineKind.REOPENED,
}
HUMAN = {
    TimelineKind.NOTE,
    TimelineKind.FACT,
    TimelineKind.ACKNOWLEDGED,
    TimelineKind.FIRST_BLAME,
    TimelineKind.FINDING,
    TimelineKind.HANDED_OFF,
}
GOOD = {TimelineKind.MITIGATED, TimelineKind.RESOLVED, TimelineKind.ALERT_RESOLVED}


@dataclass(frozen=True)
class Told:
    """A timeline row as it holds now, and what stands around it. `day` heads the first row of each day."""

    row: TimelineRow
    day: str = ""
    files: Sequence[Attachment] = ()
    names: Mapping[str, str] | None = None  # who is meant by what stands after an @
    pinned: bool = False
    may_edit: bool = False
    refers_to: int | None = None  # another incident, where the viewer may see that
    origin: str = ""  # the incident that was merged into this one and has the row

    @property
    def sign(self) -> str:
        """bad, good, human, or nothing."""
        if self.row.kind in BAD:
            return "bad"
        if self.row.kind in GOOD:
            return "good"
        return "human" if self.row.kind in HUMAN else ""

    @property
    def precision(self) -> str:
        """How exactly its time is known, in words; nothing when exactly."""
        said = self.row.data.get("precision", "")
        return Precision(said).label.lower() if said in Precision.values else ""

    @property
    def changes(self) -> list[tuple[str, datetime | None, datetime | None]]:
        """Of a correction: each time by its name, as it was believed and as it is."""
        changes = self.row.data.get("changes", ())
        return [(Anchor(one["anchor"]).label, _moment(one["was"]), _moment(one["is"])) for one in changes]

    @property
    def rough(self) -> bool:
        """True when its time of day says more than is known."""
        return self.row.data.get("precision") in {Precision.HOUR, Precision.DAY}

    @property
    def recorded_at(self) -> datetime:
        """When the first version was recorded."""
        return self.row.revises.recorded_at if self.row.revises else self.row.recorded_at

    @property
    def late(self) -> bool:
        """True when it was recorded a while after it happened."""
        return (self.recorded_at - self.row.at).total_seconds() > LATE


@dataclass(frozen=True)
class Story:
    """A page of a timeline in the order it happened. `earlier` is the cursor of older rows, None at the beginning."""

    rows: Sequence[Told]
    pinned: Sequence[Told]
    earlier: int | None
    shown: str
    paged: bool  # back from the end


@dataclass(frozen=True)
class Report:
    """A timeline from its beginning. `more` when it goes on; `without_alerts` when only what people and acts wrote."""

    rows: Sequence[Told]
    without_alerts: bool
    more: bool


def of(
    incident: Incident,
    viewer: Person,
    *,
    now: datetime,
    family: Collection[int] = (),
    before: int | None = None,
    shown: str = ALL,
) -> Story:
    """The latest rows, or those before the row with the id `before`; `shown` is one of SHOWN. Nine queries at most.

    `family` are the incidents that were merged into it: their rows stand among its own.
    """
    numbers = [incident.pk, *family]
    rows, earlier = _page(numbers, before, shown)
    pins = _pins(numbers)
    above = _pinned(pins)
    made = _made(incident, viewer, [*rows, *above], numbers=numbers, pins=pins)
    return Story(
        rows=_with_days([made[row.pk] for row in rows], now),
        pinned=[made[row.pk] for row in above],
        earlier=earlier,
        shown=shown,
        paged=before is not None,
    )


def report(
    incident: Incident,
    viewer: Person,
    *,
    now: datetime,
    family: Collection[int],
    without: Collection[str],
    until: datetime | None,
    limit: int,
) -> Report:
    """The timeline from its beginning, as a report tells it.

    Rows of the kinds `without` are left out, and what was recorded after `until`. Where there are more than `limit`,
    what alerts wrote by themselves is left out too, unless somebody pinned it. Seven queries at most.
    """
    numbers = [incident.pk, *family]
    asked = TimelineRow.objects.filter(incident__in=numbers).exclude(kind__in=without)
    if until is not None:
        first_recorded = Coalesce("revises__recorded_at", "recorded_at")
        asked = asked.annotate(first_recorded=first_recorded).filter(first_recorded__lte=until)
    pins = _pins(numbers)
    rows = _from_the_start(asked, limit)
    left_out = len(rows) > limit
    if left_out:
        rows = _from_the_start(asked.filter(~Q(kind__in=TOLD_BY_ALERTS) | Q(pk__in=pins)), limit)
    made = _made(incident, viewer, rows, numbers=numbers, pins=pins)
    told_ = _with_days([made[row.pk] for row in rows[:limit]], now)
    return Report(told_, without_alerts=left_out, more=len(rows) > limit)


def _from_the_start(rows: QuerySet[TimelineRow], limit: int) -> list[TimelineRow]:
    return list(told.current(rows).select_related("by", "revises__by").order_by("at", "pk")[: limit + 1])


def _pins(numbers: Sequence[int]) -> list[int]:
    """The first versions of what is pinned."""
    return list(Pin.objects.filter(incident__in=numbers, unpinned_at=None).values_list("row", flat=True))


def _made(
    incident: Incident,
    viewer: Person,
    rows: Sequence[TimelineRow],
    *,
    numbers: Collection[int],
    pins: Collection[int],
) -> dict[int, Told]:
    """Each row with what stands around it, by its id; who sees the incident reads of its family, `numbers`."""
    files = _files({row.first_id for row in rows if row.data.get("files") and not row.taken_back})
    names, seen = _names(rows), referring.seen(viewer, rows)
    refers = {row.pk: referring.other(row) for row in rows}
    return {
        row.pk: Told(
            referring.redacted(row, {*seen, *numbers}),
            files=files.get(row.first_id, ()),
            names=names.get(row.pk),
            pinned=row.first_id in pins,
            may_edit=may_edit(viewer, row),
            refers_to=refers[row.pk] if refers[row.pk] in seen else None,
            origin="" if row.incident_id == incident.pk else f"INC-{row.incident_id}",
        )
        for row in rows
    }


def may_edit(viewer: Person, row: TimelineRow) -> bool:
    """Notes and facts are changed by who wrote them and by admins; `row` comes with its first version."""
    first = row.revises or row
    # A note with a reason, or of a change, is the record of an act.
    written = row.kind in WRITTEN and not first.why and "change" not in first.data
    return written and viewer.may(Role.RESPONDER) and (first.by_id == viewer.pk or viewer.may(Role.ADMIN))


def _page(numbers: Sequence[int], before: int | None, shown: str) -> tuple[list[TimelineRow], int | None]:
    rows = _narrowed(TimelineRow.objects.filter(incident__in=numbers), shown).order_by("-at", "-pk")
    anchor = TimelineRow.objects.filter(incident__in=numbers, pk=before).first() if before else None
    if anchor is not None:
        rows = rows.filter(Q(at__lt=anchor.at) | Q(at=anchor.at, pk__lt=anchor.pk))
    found = list(told.latest(rows).select_related("by", "revises__by")[: AT_ONCE + 1])
    earlier = found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None
    return found[:AT_ONCE][::-1], earlier


def _narrowed(rows: QuerySet[TimelineRow], shown: str) -> QuerySet[TimelineRow]:
    """By timeline_order, or by timeline_besides_alerts where a storm's rows are left out."""
    words = [*WRITTEN, TimelineKind.TAKEN_BACK]
    if shown == "alerts":
        return rows.filter(kind__in=TOLD_BY_ALERTS)
    if shown == "people":
        return rows.exclude(kind__in=TOLD_BY_ALERTS).filter(kind__in=words)
    if shown == "changes":
        return rows.exclude(kind__in=TOLD_BY_ALERTS).exclude(kind__in=words)
    return rows


def _pinned(pins: Sequence[int]) -> list[TimelineRow]:
    """What is pinned and was not taken back, in the order it happened."""
    if not pins:
        return []
    rows = TimelineRow.objects.filter(Q(pk__in=pins) | Q(revises__in=pins))
    return list(told.current(rows).select_related("by", "revises__by").order_by("at", "pk"))


def _files(rows: Collection[int]) -> Mapping[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    for one in Attachment.objects.filter(row__in=rows).select_related("removed_by").order_by("pk") if rows else ():
        found[one.row_id].append(one)
    return found


def _names(rows: Sequence[TimelineRow]) -> Mapping[int, Mapping[str, str]]:
    """Who is meant by the names of each row, as they are called now."""
    naming = [row for row in rows if row.data.get("mentions")]
    names = named.called(row.data["mentions"] for row in naming)
    return {row.pk: called for row, called in zip(naming, names, strict=True)}


def _with_days(rows: Sequence[Told], now: datetime) -> list[Told]:
    """The first row of each day gets the day, as the viewer's zone has it."""
    headed, last = [], None
    for one in rows:
        day = timezone.localtime(one.row.at).date()
        headed.append(one if day == last else replace(one, day=wording.day(day, now=now)))
        last = day
    return headed


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
