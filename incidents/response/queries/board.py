"""The board's reads: open incidents first by what needs somebody, constant in queries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q, QuerySet
from django.db.models.aggregates import Count

from incidents.response.models import BoardView, Incident
from incidents.response.models.ordering import URGENCY
from incidents.response.queries import narrowing, saved_views, visible
from incidents.response.queries.saved_views import Tab
from incidents.response.queries.wanted import UNRESOLVED, Wanted
from ownership.models import Person
from ownership.queries import owners
from web import pagination, registry

ROW = "board_row"  # where other wings say a word about each incident
NEWER_SHOWN = 100


@dataclass(frozen=True)
class Place:
    """Where in the list somebody is: one of the two cursors, or none at its beginning."""

    after: str | None = None
    before: str | None = None

    @property
    def is_first(self) -> bool:
        """At the beginning."""
        return not (self.after or self.before)


@dataclass(frozen=True)
class Row:
    """One incident on the board, with who answers for its service now, and what other wings say of it."""

    incident: Incident
    answering: owners.Answering
    notes: Sequence[str] = ()

    @property
    def nobody(self) -> bool:
        """True when nobody answers: no service, or one without an accountable owner who is still here."""
        return not self.answering.is_answered

    @property
    def suspected(self) -> str:
        """The layer first blamed, else the one that its alerts suggest; empty when neither is known."""
        return self.incident.first_blame or self.incident.suggested_layer

    @property
    def is_suggested(self) -> bool:
        """True when only a rule suspects it."""
        return not self.incident.first_blame and bool(self.incident.suggested_layer)

    @property
    def shown(self) -> tuple[object, ...]:
        """All that the page says of it, but times that run by themselves."""
        one = self.incident
        return (
            (one.pk, one.title, one.private, one.severity, one.state, one.service_id, str(one.ball or "")),
            (self.suspected, self.is_suggested, one.blamed, self.answering.words),
            (one.resolved_at, one.detected_at, *self.notes),
        )


@dataclass(frozen=True)
class Totals:
    """What the board's head says of all open incidents, and how many of them each saved view shows."""

    open: int
    unacknowledged: int
    nobodys: int
    mine: int
    oldest: datetime | None
    views: Mapping[int, int]


@dataclass(frozen=True)
class Board:
    """A page of the board. `newest` is the latest number by now, `newer` how many have come since the reader's."""

    rows: Sequence[Row]
    following: str | None
    preceding: str | None
    totals: Totals
    tabs: Sequence[Tab]
    newest: int
    newer: int

    @property
    def is_saved(self) -> bool:
        """True when one of the views above it shows just this."""
        return any(tab.current for tab in self.tabs)

    @property
    def version(self) -> str:
        """Tells two boards apart that show different things."""
        told = [row.shown for row in self.rows]
        whole = (told, self.following, self.preceding, self.totals, [tab.shown for tab in self.tabs], self.newer)
        return hashlib.sha256(repr(whole).encode()).hexdigest()[:20]


def open_count(viewer: Person) -> int:
    """How many incidents are open that this person may see; one query over the open ones."""
    return visible.standing(viewer).filter(UNRESOLVED).count()


def page(
    viewer: Person, wanted: Wanted, place: Place, *, now: datetime, views: Sequence[BoardView] = (), seen: int = 0
) -> Board:
    """One page of the board: rows, who answers, what other wings say, the counts; one query each.

    `seen` is the latest number when the reader came: on later pages those above it are counted, by one more query.
    """
    matching = ordered(viewer, wanted, now=now).select_related("service", "ball")
    part = pagination.slice_of(matching, keys=wanted.shown.keys, after=place.after, before=place.before)
    service_ids = {incident.service_id for incident in part.rows if incident.service_id}
    answering = owners.of_services(service_ids, at=now)
    notes = registry.notes_for(ROW, viewer, [incident.pk for incident in part.rows])
    rows = [
        Row(incident, answering.get(incident.service_id or 0, owners.NOBODY), notes.get(incident.pk, ()))
        for incident in part.rows
    ]
    totals, newest = _totals(viewer, views, now=now)
    newer = 0
    if seen and not place.is_first and newest > seen:
        newer = ordered(viewer, wanted, now=now).filter(pk__gt=seen).order_by()[:NEWER_SHOWN].count()
    tabs = saved_views.tabs(views, wanted, totals.views)
    return Board(rows, part.following, part.preceding, totals, tabs, newest, newer)


def ordered(viewer: Person, wanted: Wanted, *, now: datetime) -> QuerySet[Incident]:
    """All that matches, with what `wanted.shown.keys` order by."""
    matching = narrowing.of(visible.standing(viewer), wanted, viewer=viewer, now=now)
    return matching.annotate(urgency=URGENCY) if wanted.shown.is_open else matching


def _totals(viewer: Person, views: Sequence[BoardView], *, now: datetime) -> tuple[Totals, int]:
    """The counts over what is open, in one query; a saved view that shows more than that is not counted."""
    kept = {view.pk: narrowing.kept(view.query) for view in views}
    counts = {
        f"view_{number}": Count("pk", filter=narrowing.matching(wanted, viewer=viewer, now=now))
        for number, wanted in kept.items()
        if wanted.shown.is_open
    }
    counted = (
        visible.standing(viewer)
        .filter(UNRESOLVED)
        .aggregate(
            open=Count("pk"),
            unacknowledged=Count("pk", filter=Q(acknowledged_at__isnull=True)),
            nobodys=Count("pk", filter=Q(service__isnull=True)),
            mine=Count("pk", filter=narrowing.mine(viewer, now=now)),
            oldest=Min("detected_at"),
            newest=Max("pk"),
            **counts,
        )
    )
    newest = counted.pop("newest") or 0
    of_views = {number: counted.pop(f"view_{number}") for number in kept if f"view_{number}" in counted}
    return Totals(**counted, views=of_views), newest
