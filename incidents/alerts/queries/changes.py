"""Recorded changes, with the changes of owners read off the assignments between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from incidents.alerts.change_models import Change, ChangeKind
from ownership.models import Component, Part, Service
from ownership.queries import turns
from ownership.queries.turns import Turn
from web import pagination

SIZE = 50
OF_PANEL = 5
PERIODS = {"1": "a day", "7": "7 days", "14": "14 days", "30": "30 days", "90": "90 days"}
_cursor = pagination.Cursor("changes and turns by time")


@dataclass(frozen=True)
class Filter:
    """What the list shows; all of it narrows. `days` is one of PERIODS, or empty for all time."""

    component: Component | None = None
    service: Service | None = None
    kind: str = ""
    days: str = ""
    unplaced: bool = False
    after: str | None = None

    def since(self, now: datetime) -> datetime | None:
        """The beginning of the period."""
        return now - timedelta(days=int(self.days)) if self.days in PERIODS else None


@dataclass(frozen=True)
class Entry:
    """One row of the list: a recorded change, or an owner that changed."""

    at: datetime
    change: Change | None = None
    turn: Turn | None = None

    @property
    def place(self) -> Component | Service | None:
        """What it is about."""
        if self.turn is not None:
            return self.turn.subject
        return (self.change.component or self.change.service) if self.change else None

    @property
    def key(self) -> tuple[datetime, bool, int]:
        """Its place in the list, which is the highest first."""
        if self.turn is not None:
            return self.at, False, self.turn.id
        return self.at, True, self.change.pk if self.change else 0


@dataclass(frozen=True)
class Page:
    """A page of the list, and the cursor of the next one."""

    rows: Sequence[Entry]
    following: str | None


def standing() -> QuerySet[Change]:
    """The changes that hold: the current version of each that was not withdrawn."""
    current = Change.objects.filter(superseded_at=None, withdrawn_why="")
    return current.select_related("component", "service", "source", "recorded_by")


def of_service(*, pk: int | None = None, slug: str = "") -> Q:
    """The condition of changes of a service as a whole and of its parts."""
    named = Q(service=pk) if pk is not None else Q(service__slug=slug)
    return named | Q(component__in=Part.objects.filter(named).values("component"))


def page(shown: Filter, *, now: datetime) -> Page:
    """One page, the latest first; three queries at most."""
    below = _below(shown.after)
    entries = [Entry(change.at, change=change) for change in _recorded(shown, below, now)]
    if _shows_turns(shown):
        entries += [Entry(turn.at, turn=turn) for turn in _turns(shown, below, now)]
    entries.sort(key=lambda entry: entry.key, reverse=True)
    rows = entries[:SIZE]
    more = len(entries) > SIZE
    return Page(rows, _cursor.write(_written(rows[-1])) if more else None)


def versions(line: UUID) -> list[Change]:
    """A change over its versions, the current one first; one query."""
    found = Change.objects.filter(line=line).select_related("component", "service", "source", "recorded_by")
    return list(found.order_by(F("superseded_at").desc(nulls_first=True), "-pk"))


def last_of_components(component_ids: Collection[int]) -> Mapping[int, list[Entry]]:
    """The last OF_PANEL changes of each component; one query for any number."""
    found: dict[int, list[Entry]] = {one: [] for one in component_ids}
    place = Window(RowNumber(), partition_by=F("component"), order_by=["-at", "-pk"])
    ranked = standing().filter(component__in=component_ids).alias(place=place)
    for change in ranked.filter(place__lte=OF_PANEL + 1).order_by("-at", "-pk"):
        found[change.component_id or 0].append(Entry(change.at, change=change))
    return found


def last_of_service(service_id: int, *, now: datetime) -> list[Entry]:
    """The last changes of a service, its parts and its owner, one more than OF_PANEL; three queries."""
    recorded = standing().filter(of_service(pk=service_id)).order_by("-at", "-pk")[: OF_PANEL + 1]
    entries = [Entry(change.at, change=change) for change in recorded]
    entries += [Entry(turn.at, turn=turn) for turn in turns.of(services=[service_id], until=now, limit=OF_PANEL + 1)]
    return sorted(entries, key=lambda entry: entry.key, reverse=True)[: OF_PANEL + 1]


def _recorded(shown: Filter, below: tuple[datetime, bool, int] | None, now: datetime) -> QuerySet[Change]:
    found = standing()
    if shown.component is not None:
        found = found.filter(component=shown.component)
    if shown.service is not None:
        found = found.filter(of_service(pk=shown.service.pk))
    if shown.kind in ChangeKind.values:
        found = found.filter(kind=shown.kind)
    if shown.unplaced:
        found = found.filter(component=None, service=None)
    if since := shown.since(now):
        found = found.filter(at__gte=since)
    if below is not None:
        at, is_change, number = below
        equal = Q(at=at, pk__lt=number) if is_change else Q(pk__in=[])
        found = found.filter(Q(at__lte=at) & (Q(at__lt=at) | equal))
    return found.order_by("-at", "-pk")[: SIZE + 1]


def _shows_turns(shown: Filter) -> bool:
    return not shown.unplaced and shown.kind in {"", ChangeKind.OWNER}


def _turns(shown: Filter, below: tuple[datetime, bool, int] | None, now: datetime) -> list[Turn]:
    under = None
    if below is not None:
        # A change stands above the turn of the same instant, so that all turns of that instant are still to come.
        under = (below[0], below[2]) if not below[1] else (below[0], 2**62)
    narrowed = {
        "services": [shown.service.pk] if shown.service else None,
        "components": [shown.component.pk] if shown.component else None,
    }
    return turns.of(since=shown.since(now), until=now, limit=SIZE + 1, below=under, **narrowed)


def _written(entry: Entry) -> list[object]:
    at, is_change, number = entry.key
    return [at.isoformat(), is_change, number]


def _below(cursor: str | None) -> tuple[datetime, bool, int] | None:
    said = _cursor.read(cursor)
    return (datetime.fromisoformat(said[0]), bool(said[1]), int(said[2])) if said else None


def words(change: Change) -> str:
    """Its title, its values and its place in one line, without what Markdown would make of them."""
    said = f"{change.title} ({change.values})" if change.values else change.title
    place = change.component or change.service
    return "".join(" " if sign in "[]\\`*_<>" else sign for sign in (f"{said}, {place}" if place else said))
