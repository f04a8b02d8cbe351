"""Timeline rows and files as evidence: which are offered, and what a reference to one leads to."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse

from incidents.response.models import Attachment, Pin, TimelineRow
from incidents.response.queries import merged, referring, told, visible
from incidents.response.vocabulary import TimelineKind
from ownership.models import Person
from web.references import Offer, Target
from web.wording import size

ROWS, FILES = 25, 20
WORDS = 120
# What tends to show something; notes besides, the latest of them.
TELLING = (
    TimelineKind.FACT,
    TimelineKind.IMPACT,
    TimelineKind.FLAPPING,
    TimelineKind.STILL_FIRING,
    TimelineKind.HANDED_OFF,
    TimelineKind.MITIGATED,
    TimelineKind.NOTE,
)
TAKEN_BACK = "taken back since"


def rows(viewer: Person, number: int, ids: Collection[str]) -> dict[str, Target]:
    """Rows by the ids of their first versions; those of a timeline that the viewer does not read are left out."""
    wanted = {int(one) for one in ids if one.isdecimal()}
    latest = told.latest(TimelineRow.objects.filter(Q(pk__in=wanted) | Q(revises__in=wanted)))
    found = list(latest.select_related("by"))
    family = merged.family(number)
    read = {number, *family}
    read |= visible.among(viewer, {row.incident_id for row in found} - read)
    found = [row for row in found if row.incident_id in read]
    seen = {*referring.seen(viewer, found), *read}
    own = {number, *family}
    return {str(row.first_id): _row(row, seen, own) for row in found}


def offered_rows(viewer: Person, number: int) -> list[Offer]:
    """What is pinned, and the latest of what tells something, in the order it happened; three queries."""
    pinned = Pin.objects.filter(incident=number, unpinned_at=None).values("row")
    mine = told.current(TimelineRow.objects.filter(incident=number))
    above = Q(pk__in=pinned) | Q(revises__in=pinned)
    found = list(mine.filter(above).order_by("-at", "-pk")[:ROWS])
    found += mine.filter(kind__in=TELLING).exclude(above).order_by("-at", "-pk")[: ROWS - len(found)]
    seen = {*referring.seen(viewer, found), number}
    found.sort(key=lambda row: (row.at, row.pk))
    return [Offer(str(row.first_id), _words(row, seen), f"{row.at:%d %b %H:%M} UTC") for row in found]


def files(viewer: Person, number: int, ids: Collection[str]) -> dict[str, Target]:
    """Files by their ids; one that was removed, or whose row was taken back, says so and not what it was called."""
    wanted = [int(one) for one in ids if one.isdecimal()]
    found = list(Attachment.objects.filter(pk__in=wanted))
    read = {number, *merged.family(number)}
    read |= visible.among(viewer, {one.incident_id for one in found} - read)
    counting = set(told.not_taken_back(Attachment.objects.filter(pk__in=wanted)).values_list("pk", flat=True))
    return {str(one.pk): _file(one, counts=one.pk in counting) for one in found if one.incident_id in read}


def offered_files(viewer: Person, number: int) -> list[Offer]:
    """The latest files of an incident that the caller was let to see; one query."""
    mine = told.not_taken_back(Attachment.objects.filter(incident=number, removed_at=None))
    return [Offer(str(one.pk), one.name, one.alt or size(one.size)) for one in mine.order_by("-pk")[:FILES]]


def _row(row: TimelineRow, seen: Collection[int], own: Collection[int]) -> Target:
    url = reverse("incidents:row", args=[row.incident_id, row.first_id])
    if row.taken_back:
        return Target("Timeline row", url, TAKEN_BACK)
    elsewhere = "" if row.incident_id in own else f"INC-{row.incident_id}, "
    return Target(f"{elsewhere}{row.at:%d %b %H:%M} UTC, {_words(row, seen)}", url)


def _file(one: Attachment, *, counts: bool) -> Target:
    if one.removed_at is not None:
        return Target("File", lost="removed since")
    if not counts:
        return Target("File", lost=TAKEN_BACK)
    return Target(one.name, reverse("incidents:file", args=[one.incident_id, one.pk]))


def _words(row: TimelineRow, seen: Collection[int]) -> str:
    text = " ".join(referring.text(row, seen).split())
    kind = str(row.get_kind_display())
    said = text if text and row.kind in {TimelineKind.NOTE, TimelineKind.FACT} else f"{kind}: {text}" if text else kind
    return said if len(said) <= WORDS else f"{said[:WORDS].rstrip()}…"
