"""The alerts of incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from incidents.alerts.models import Alert
from incidents.alerts.sources import report
from incidents.response.models import TimelineRow
from incidents.response.queries import told
from incidents.response.vocabulary import TimelineKind

SHOWN = 20
NAMED = 5
MOVABLE = 200
MOST = 1001  # counted further, a number tells no more
NOTES = 50


# However many alerts an incident has, so many rows are read of it: a storm opens as fast as a single alert. Those that
# fire come by their own index, the latest by theirs; what is counted is counted up to MOST.
_CHOSEN = """
SELECT one.id, chosen.id FROM unnest(%(incidents)s::bigint[]) AS one(id)
CROSS JOIN LATERAL (
    (
        SELECT id FROM (
            SELECT id, started_at FROM incidents_alert
            WHERE incident_id = one.id AND resolved_at IS NULL ORDER BY incident_id, name LIMIT %(most)s
        ) AS firing ORDER BY started_at DESC, id LIMIT %(shown)s
    )
  UNION
    (SELECT id FROM incidents_alert WHERE incident_id = one.id ORDER BY started_at DESC LIMIT %(shown)s)
) AS chosen
"""
_COUNTED = """
SELECT one.id,
    (SELECT count(*) FROM (SELECT FROM incidents_alert WHERE incident_id = one.id LIMIT %(most)s) AS every),
    (
        SELECT count(*) FROM (
            SELECT FROM incidents_alert WHERE incident_id = one.id AND resolved_at IS NULL LIMIT %(most)s
        ) AS firing
    ),
    EXISTS (
        SELECT FROM (
            SELECT is_test FROM incidents_alert WHERE incident_id = one.id ORDER BY started_at DESC LIMIT %(most)s
        ) AS latest WHERE NOT is_test
    ),
    EXISTS (
        SELECT FROM (
            SELECT source_id FROM incidents_alert
            WHERE incident_id = one.id AND name LIKE %(reported)s ORDER BY started_at DESC LIMIT %(most)s
        ) AS latest JOIN incidents_source AS source ON source.id = latest.source_id WHERE source.built_in
    )
FROM unnest(%(incidents)s::bigint[]) AS one(id)
"""
_HOW_MANY = """
SELECT one.id, counted.n FROM unnest(%(incidents)s::bigint[]) AS one(id), LATERAL (
    SELECT count(*) AS n FROM (SELECT FROM incidents_alert WHERE incident_id = one.id LIMIT %(most)s) AS every
) AS counted WHERE counted.n > 0
"""
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Members:
    """An incident's alerts: open ones first, then those that ended last; at most SHOWN of them.

    `count` and `firing` go up to MOST. `is_real` when one was sent by more than a test button, `has_reports` when
    people filed one here.
    """

    alerts: list[Alert] = field(default_factory=list)
    count: int = 0
    firing: int = 0
    is_real: bool = False
    has_reports: bool = False

    @property
    def more(self) -> str:
        """How many are not shown, in words; empty when all are."""
        left = self.count - len(self.alerts)
        return _up_to(self.count, left) if left else ""

    @property
    def words(self) -> str:
        """`3 firing of 12`, `over 1000 firing of over 1000`."""
        return f"{_up_to(self.firing, self.firing)} firing of {_up_to(self.count, self.count)}"


def _up_to(counted: int, told: int) -> str:
    return f"over {told - 1}" if counted >= MOST else str(told)


def of_incidents(incident_ids: Collection[int]) -> Mapping[int, Members]:
    """The alerts of each incident that has any; three queries for any number, each over a bounded number of rows."""
    asked: dict[str, Any] = {
        "incidents": list(incident_ids),
        "shown": SHOWN,
        "most": MOST,
        "reported": f"{report.NAME}%",
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, asked)
        found = {row[0]: Members([], *row[1:]) for row in cursor.fetchall() if row[1]}
        cursor.execute(_CHOSEN, asked)
        chosen = [alert for _, alert in cursor.fetchall()]
    if not found:
        return {}
    for alert in Alert.objects.filter(pk__in=chosen).select_related("source", "component", "rule"):
        found[alert.incident_id or 0].alerts.append(alert)
    for one in found.values():
        one.alerts.sort(key=lambda alert: (alert.resolved_at or _EVER, alert.started_at, -alert.pk), reverse=True)
        del one.alerts[SHOWN:]
    return found


def counts(incident_ids: Collection[int]) -> dict[int, str]:
    """How many alerts each incident has that has any, in words: `1 alert`, `over 1000 alerts`. One query."""
    asked: dict[str, Any] = {"incidents": list(incident_ids), "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, asked)
        return {row[0]: f"{_up_to(row[1], row[1])} alert{'' if row[1] == 1 else 's'}" for row in cursor.fetchall()}


def movable(number: int) -> list[Alert]:
    """The alerts of an incident that may be moved: firing ones first, then the latest; at most MOVABLE."""
    found = Alert.objects.filter(incident=number, times_seen__gt=0).select_related("source")
    return list(found.order_by(F("resolved_at").desc(nulls_first=True), "-started_at", "pk")[:MOVABLE])


def notes(number: int) -> list[TimelineRow]:
    """The latest notes of an incident that hold now, at most NOTES, in the order they were written."""
    found = told.current(TimelineRow.objects.filter(incident=number, kind=TimelineKind.NOTE)).select_related("by")
    return list(found.order_by("-at", "-pk")[:NOTES])[::-1]


@dataclass(frozen=True)
class Firing:
    """How many alerts of an incident still fire, and the latest of them by name."""

    count: int
    titles: tuple[str, ...]

    @property
    def words(self) -> str:
        """`2 alerts still fire`."""
        return "1 alert still fires" if self.count == 1 else f"{self.count} alerts still fire"

    @property
    def named(self) -> str:
        """`“Slow”, “Down” and 3 more`."""
        more = self.count - len(self.titles)
        return ", ".join(f"“{title}”" for title in self.titles) + (f" and {more} more" if more > 0 else "")


def firing(incident_ids: Collection[int]) -> Mapping[int, Firing]:
    """The incidents with alerts that still fire; one query for any number. Reports are ended by people alone."""
    place = Window(RowNumber(), partition_by=F("incident"), order_by=["-started_at", "pk"])
    count = Window(Count("pk"), partition_by=F("incident"))
    alerts = Alert.objects.filter(incident__in=incident_ids, resolved_at=None).exclude(source__kind="report")
    rows = alerts.annotate(place=place, count=count)
    titles: dict[int, list[str]] = defaultdict(list)
    counts: dict[int, int] = {}
    for row in rows.filter(place__lte=NAMED).order_by("incident", "place").values("incident", "title", "count"):
        titles[row["incident"]].append(row["title"])
        counts[row["incident"]] = row["count"]
    return {number: Firing(counts[number], tuple(titles[number])) for number in counts}
