"""The alerts of incidents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from incidents.alerts.models import Alert
from incidents.response.models import TimelineRow
from incidents.response.vocabulary import TimelineKind

SHOWN = 20
NAMED = 5
MOVABLE = 200
NOTES = 50


@dataclass
class Members:
    """An incident's alerts: open ones first, then the latest; at most SHOWN of them, and how many there are."""

    alerts: list[Alert] = field(default_factory=list)
    count: int = 0
    firing: int = 0
    real: int = 0  # those that no test button sent
    reports: int = 0  # those that people filed here

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.alerts)


def of_incidents(incident_ids: Collection[int]) -> Mapping[int, Members]:
    """The alerts of each incident that has any; two queries for any number of incidents."""
    found: dict[int, Members] = defaultdict(Members)
    place = Window(
        RowNumber(), partition_by=F("incident"), order_by=[F("resolved_at").desc(nulls_first=True), "-started_at", "pk"]
    )
    members = Alert.objects.filter(incident__in=incident_ids)
    shown = members.alias(place=place).filter(place__lte=SHOWN).select_related("source", "component", "rule")
    for alert in shown.order_by(F("resolved_at").desc(nulls_first=True), "-started_at", "pk"):
        found[alert.incident_id or 0].alerts.append(alert)
    counted = members.values("incident").annotate(
        n=Count("pk"),
        firing=Count("pk", filter=Q(resolved_at=None)),
        real=Count("pk", filter=Q(is_test=False)),
        reports=Count("pk", filter=Q(source__built_in=True)),
    )
    for row in counted.order_by():
        one = found[row["incident"]]
        one.count, one.firing, one.real, one.reports = row["n"], row["firing"], row["real"], row["reports"]
    return found


def movable(number: int) -> list[Alert]:
    """The alerts of an incident that may be moved: firing ones first, then the latest; at most MOVABLE."""
    found = Alert.objects.filter(incident=number, times_seen__gt=0).select_related("source")
    return list(found.order_by(F("resolved_at").desc(nulls_first=True), "-started_at", "pk")[:MOVABLE])


def notes(number: int) -> list[TimelineRow]:
    """The latest notes of an incident, at most NOTES, in the order they were written."""
    found = TimelineRow.objects.filter(incident=number, kind=TimelineKind.NOTE).select_related("by")
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
