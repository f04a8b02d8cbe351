"""What changed before an incident, the nearest on the path first, each with the reason why it is listed.

The walk goes over the seams once, from the failing component and the parts of the service to all that they need; what
needs the component is read off the same seams. Steps are counted from the component where one is named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from incidents.alerts.change_models import Change, Suspect
from incidents.alerts.queries import changes
from incidents.response.models import Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import Precision
from ownership.models import Part, Person
from ownership.queries import graph, turns
from ownership.queries.turns import Turn
from ownership.reckoning import walks
from ownership.reckoning.walks import Seam, Step
from web.wording import duration

BEFORE = timedelta(days=14)
SPANS = {Precision.HOUR: timedelta(hours=1), Precision.DAY: timedelta(days=1)}
NAMED = 20  # incidents that one change is suspected behind
FARTHEST = 1_000_000  # a part of the service that no seam connects

# For each place its latest changes of the period by index, then the nearest places first.
_NEAREST = """
SELECT changed.id FROM unnest(%(components)s::bigint[], %(ranks)s::int[]) AS near(component, rank)
CROSS JOIN LATERAL (
    SELECT id, at FROM incidents_change
    WHERE component_id = near.component AND superseded_at IS NULL AND withdrawn_why = ''
        AND at >= %(since)s AND at <= %(until)s
    ORDER BY at DESC, id DESC LIMIT %(limit)s
) AS changed
ORDER BY near.rank, changed.at DESC, changed.id DESC LIMIT %(limit)s
"""
_OF_SERVICES = """
SELECT id FROM incidents_change
WHERE service_id = %(service)s AND superseded_at IS NULL AND withdrawn_why = '' AND at >= %(since)s AND at <= %(until)s
ORDER BY at DESC, id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Period:
    """The time before an incident: `earliest` and `latest` are the ends of when its impact can have begun.

    `known` is False when nobody knows, and both are when it was noticed.
    """

    earliest: datetime
    latest: datetime
    known: bool

    @property
    def since(self) -> datetime:
        """Changes from here on are listed."""
        return self.earliest - BEFORE

    def distance(self, at: datetime) -> str:
        """`40 min before the impact`, `1 h 05 to 2 h 05 before the impact`, `while the impact began`."""
        what = "the impact" if self.known else "it was noticed"
        if at > self.earliest:
            return f"at most {duration(self.latest - at)} before {what}" if self.latest > at else f"as {what} began"
        shortest, longest = self.earliest - at, self.latest - at
        if shortest == longest:
            return f"{duration(shortest)} before {what}"
        return f"{duration(shortest)} to {duration(longest)} before {what}"


@dataclass(frozen=True)
class Place:
    """Where a component stands towards the incident: its rank (the nearest first) and that in words."""

    rank: int
    words: str


@dataclass(frozen=True)
class Near:
    """A change before an incident: why it is listed, and whether somebody suspects it."""

    at: datetime
    rank: int
    place: str
    distance: str
    change: Change | None = None
    turn: Turn | None = None
    suspected: bool = False

    @property
    def why(self) -> str:
        """`2 steps upstream by call, 40 min before the impact`."""
        return f"{self.place}, {self.distance}"


@dataclass(frozen=True)
class Upstream:
    """The changes before an incident, nearest first; `more` when there are more than asked for."""

    rows: Sequence[Near]
    more: bool
    period: Period


def period(incident: Incident) -> Period:
    """When its impact can have begun; a start known to the hour or day lies anywhere in it."""
    began = incident.impact_from
    if began is None:
        return Period(incident.detected_at, incident.detected_at, known=False)
    latest = incident.impact_until or began + SPANS.get(Precision(incident.impact_precision), timedelta())
    return Period(began, max(began, latest), known=True)


def of(incident: Incident, *, limit: int) -> Upstream:
    """At most `limit` changes before an incident; seven queries at most, one of them recursive."""
    asked = period(incident)
    places = places_of(incident)
    rows = _recorded(incident, places, asked, limit + 1) + _turned(incident, asked, limit + 1)
    rows.sort(key=lambda near: (near.rank, -near.at.timestamp()))
    return Upstream(rows[:limit], len(rows) > limit, asked)


def why(incident: Incident, change: Change) -> str:
    """Why a change is listed at this incident, in words."""
    return f"{_place(change, places_of(incident), incident).words}, {period(incident).distance(change.at)}"


def suspected(incident_id: int) -> list[Change]:
    """The changes suspected behind an incident, as they stand now; two queries."""
    lines = _suspects(incident_id)
    return list(changes.standing().filter(line__in=lines).order_by("at", "pk")) if lines else []


def suspected_in(line: UUID, viewer: Person) -> list[Incident]:
    """The latest incidents behind which this change is suspected, as far as this person may see them; one query."""
    named = Suspect.objects.filter(line=line, dropped_at=None).values("incident")
    return list(visible.standing(viewer).filter(pk__in=named).order_by("-detected_at", "-pk")[:NAMED])


def places_of(incident: Incident) -> dict[int, Place]:
    """The components on the path by id; two queries."""
    parts = {}
    if incident.service_id:
        rows = Part.objects.filter(service=incident.service_id).values_list("component", flat=True)
        parts = dict.fromkeys(rows)
    failing = incident.component_id
    seams = graph.downstream_of([*parts, *([failing] if failing else [])])
    service = str(incident.service) if incident.service else "the service"
    return _places(failing, list(parts), seams, service=service)


def _places(failing: int | None, parts: Sequence[int], seams: Sequence[Seam], *, service: str) -> dict[int, Place]:
    """Pure: what is needed comes before what needs at the same distance, and parts that no seam connects last."""
    starts = [failing] if failing else list(parts)
    needed = walks.steps_from(starts, seams)
    callers = walks.steps_from(starts, seams, to_callers=True) if failing else {}
    own = "the component itself" if failing else f"a part of {service}"
    found = {one: Place(3 * step.away, _upstream(step) or own) for one, step in needed.items()}
    for one, step in callers.items():
        place = Place(3 * step.away + 1, f"needs it, {_steps(step)}")
        found[one] = min(found.get(one, place), place, key=lambda other: other.rank)
    for one in (*parts, *walks.distances(parts, seams)):
        found.setdefault(one, Place(FARTHEST, f"another part of {service}" if one in parts else f"{service} needs it"))
    return found


def _steps(step: Step) -> str:
    return f"{step.away} step{'' if step.away == 1 else 's'} by {', '.join(dict.fromkeys(step.kinds))}"


def _upstream(step: Step) -> str:
    return _steps(step).replace(" by ", " upstream by ") if step.away else ""


def _recorded(incident: Incident, places: Mapping[int, Place], asked: Period, limit: int) -> list[Near]:
    facts: dict[str, Any] = {
        "components": list(places),
        "ranks": [place.rank for place in places.values()],
        "since": asked.since,
        "until": asked.latest,
        "limit": limit,
        "service": incident.service_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"({_NEAREST}) UNION ALL ({_OF_SERVICES})", facts)
        ids = [number for (number,) in cursor.fetchall()]
    if not ids:
        return []
    lines = _suspects(incident.pk)
    found = []
    for change in changes.standing().filter(pk__in=ids).order_by("-pk"):  # of one instant the latest recorded first
        place = _place(change, places, incident)
        suspected = change.line in lines
        found.append(Near(change.at, place.rank, place.words, asked.distance(change.at), change, suspected=suspected))
    return found


def _turned(incident: Incident, asked: Period, limit: int) -> list[Near]:
    """Who is accountable for the service changed."""
    if incident.service_id is None:
        return []
    found = turns.of(services=[incident.service_id], since=asked.since, until=asked.latest, limit=limit)
    return [Near(turn.at, 2, "its accountable owner", asked.distance(turn.at), turn=turn) for turn in found]


def _place(change: Change, places: Mapping[int, Place], incident: Incident) -> Place:
    if change.component_id is not None and change.component_id in places:
        return places[change.component_id]
    if change.service_id is not None and change.service_id == incident.service_id:
        return Place(2, "the service as a whole")
    return Place(FARTHEST, "not on the path")


def _suspects(incident_id: int) -> Collection[UUID]:
    return set(Suspect.objects.filter(incident=incident_id, dropped_at=None).values_list("line", flat=True))
