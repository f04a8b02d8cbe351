"""What the charts read: current findings by the month (UTC) in which their incidents were detected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth

from incidents.alerts.models import Alert
from incidents.patterns.rows import Cell, Counts
from incidents.patterns.selection import Selection
from incidents.patterns.window import NO_SERVICE, Window
from incidents.response.models import Finding, Incident
from incidents.response.queries import visible
from ownership.models import Person, Service


@dataclass(frozen=True)
class Choice:
    """A service to filter by."""

    slug: str
    name: str


def services() -> list[Choice]:
    """Every service by name, also retired ones, because their incidents stay in the past."""
    rows = Service.objects.order_by("name", "pk").values_list("slug", "name", "retired_at")
    return [Choice(slug, f"{name} (retired)" if retired else name) for slug, name, retired in rows]


def cells(window: Window, viewer: Person) -> list[Cell]:
    """Current findings counted by month, layer and state; one query, only where there are any.

    Here as below: of the incidents that the viewer may see and that stand for themselves.
    """
    rows = (
        Finding.objects.filter(visible.clause(viewer, of="incident"), incident__merged_into__isnull=True)
        .filter(_detected(window, "incident__"), ~_is_no_problem("incident_id"), superseded_at__isnull=True)
        .annotate(month=TruncMonth("incident__detected_at", tzinfo=UTC))
        .values("month", "layer", "state")
        .annotate(findings=Count("pk"))
        .order_by("month", "layer", "state")
    )
    return [Cell(row["month"].date(), row["layer"], row["state"], row["findings"]) for row in rows]


def counts(window: Window, viewer: Person) -> Counts:
    """The incidents behind the chart; one query."""
    found = Exists(_current())
    counted = (
        visible.standing(viewer)
        .filter(_detected(window), _is_real())
        .annotate(has_finding=found)
        .aggregate(
            incidents=Count("pk"),
            tagged=Count("pk", filter=Q(has_finding=True)),
            untagged=Count("pk", filter=Q(has_finding=False, resolved_at__isnull=False)),
            open=Count("pk", filter=Q(resolved_at__isnull=True)),
        )
    )
    return Counts(**counted)


def behind(window: Window, selection: Selection, viewer: Person) -> QuerySet[Incident]:
    """The incidents behind a mark or a count of the chart, with their services."""
    incidents = visible.standing(viewer).filter(_detected(window), _is_real()).select_related("service")
    if selection.layer or selection.state:
        asked = {name: value for name, value in (("layer", selection.layer), ("state", selection.state)) if value}
        incidents = incidents.filter(Exists(_current().filter(**asked)))
    if selection.only == "untagged":
        incidents = incidents.filter(~Exists(_current()), resolved_at__isnull=False)
    if selection.only == "open":
        incidents = incidents.filter(resolved_at__isnull=True)
    return incidents


def found_in(incident_ids: Collection[int]) -> dict[int, list[Finding]]:
    """The current findings of each incident, primary first; one query."""
    found: dict[int, list[Finding]] = {number: [] for number in incident_ids}
    rows = Finding.objects.filter(incident__in=incident_ids, superseded_at__isnull=True).order_by(
        F("primary").desc(), "layer", "pk"
    )
    for finding in rows.select_related("mode"):
        found[finding.incident_id].append(finding)
    return found


def _current() -> QuerySet[Finding]:
    return Finding.objects.filter(incident=OuterRef("pk"), superseded_at__isnull=True)


def _is_real() -> Q:
    """Neither opened by a source page's test button, nor by reports that all turned out to be no problem."""
    alerts = Alert.objects.filter(incident=OuterRef("pk"))
    return Q(~Exists(alerts.filter(is_test=True))) & ~_is_no_problem()


def _is_no_problem(incident: str = "pk") -> Q:
    """All of its alerts are reports that an editor dismissed. `incident` leads there from the rows that are asked."""
    alerts = Alert.objects.filter(incident=OuterRef(incident))
    return Q(Exists(alerts.filter(dismissed_at__isnull=False))) & ~Q(Exists(alerts.filter(dismissed_at=None)))


def _detected(window: Window, prefix: str = "") -> Q:
    asked: dict[str, object] = {"detected_at__gte": window.since, "detected_at__lt": window.until}
    if window.service == NO_SERVICE:
        asked["service__isnull"] = True
    elif window.service:
        asked["service__slug"] = window.service
    return Q(**{prefix + name: value for name, value in asked.items()})
