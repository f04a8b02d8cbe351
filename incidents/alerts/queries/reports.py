"""What people reported, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from incidents.alerts.models import Alert, Delivery, DeliveryState
from incidents.alerts.queries.members import MOST
from incidents.alerts.report_models import Report
from incidents.alerts.sources import report
from incidents.alerts.sources.report import NAME
from incidents.response.models import Incident
from incidents.response.queries import visible
from ownership.models import Person
from web.pagination import slice_of

PAGE = 25
SHOWN_OF_INCIDENT = 20
SHOWN = ("mine", "all")
# Of the alerts that any report makes, by the index alert_reported, those filed here; a storm of alerts is not gone
# through for them, nor one of complaints that a product sends.
_OF_INCIDENTS = """
SELECT filed.problem_key, one.id FROM unnest(%(incidents)s::bigint[]) AS one(id)
CROSS JOIN LATERAL (
    SELECT latest.problem_key, latest.started_at, latest.id FROM (
        SELECT id, source_id, problem_key, started_at FROM incidents_alert
        WHERE incident_id = one.id AND name LIKE %(begins)s ORDER BY started_at DESC, id DESC LIMIT %(most)s
    ) AS latest JOIN incidents_source AS source ON source.id = latest.source_id AND source.built_in
    ORDER BY latest.started_at DESC, latest.id DESC LIMIT %(shown)s
) AS filed ORDER BY filed.started_at DESC, filed.id DESC
"""


@dataclass(frozen=True)
class Filed:
    """A report, the incident it opened or joined, and its words (None for those who may not read them, or once the
    body is no longer kept)."""

    report: Report
    incident: Incident | None
    words: Mapping[str, str] | None = None

    @property
    def state(self) -> str:
        """In words: what became of it so far."""
        delivery = self.report.delivery
        if self.report.dismissed_at is not None:
            return "not a problem"
        if delivery.state == DeliveryState.WAITING:
            return "being read"
        if delivery.state == DeliveryState.REJECTED:
            return "could not be read"
        return self.incident.state if self.incident else "read"


@dataclass(frozen=True)
class FiledPage:
    """One page of reports, latest first."""

    rows: Sequence[Filed]
    following: str | None


def page(viewer: Person, *, show: str, after: str | None) -> FiledPage:
    """The viewer's own reports, or everybody's; three queries for any number."""
    found = _reports() if show == "all" else _reports().filter(filed_by=viewer)
    rows = slice_of(found, keys=("-filed_at", "-pk"), after=after, size=PAGE)
    incidents = incidents_of(viewer, rows.rows)
    return FiledPage([Filed(one, incidents.get(one.problem_key)) for one in rows.rows], rows.following)


def one(viewer: Person, found: Report, *, may_read: bool) -> Filed:
    """One report with its incident, where the viewer may see that, and its words for those who may read them."""
    words = words_of([found.problem_key]).get(found.problem_key) if may_read else None
    return Filed(found, incidents_of(viewer, [found]).get(found.problem_key), words)


def of_incidents(incident_ids: Collection[int]) -> Mapping[int, list[Filed]]:
    """The latest reports of each incident, with their words; three queries for any number of incidents."""
    if not incident_ids:
        return {}
    asked: dict[str, Any] = {
        "incidents": list(incident_ids), "begins": f"{NAME}%", "most": MOST, "shown": SHOWN_OF_INCIDENT
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_OF_INCIDENTS, asked)
        keys: dict[str, int] = dict(cursor.fetchall())
    if not keys:
        return {}
    reports = {str(one.pk): one for one in _reports().filter(pk__in=list(keys))}
    words = words_of(list(keys))
    found: dict[int, list[Filed]] = {}
    for problem_key, number in keys.items():
        if problem_key in reports:
            found.setdefault(number, []).append(Filed(reports[problem_key], None, words.get(problem_key)))
    return found


def incidents_of(viewer: Person, reports: Collection[Report]) -> Mapping[str, Incident]:
    """The incident of each report that has one which the viewer may see, by problem key; one query."""
    sources = {one.delivery.source_id for one in reports}
    keys = [one.problem_key for one in reports]
    alerts = Alert.objects.filter(visible.clause(viewer, of="incident"), source__in=sources, problem_key__in=keys)
    return {
        alert.problem_key: alert.incident
        for alert in alerts.exclude(incident=None).select_related("incident__service").order_by("started_at", "pk")
        if alert.incident is not None
    }


def words_of(delivery_ids: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    """What was asked, answered and expected, by problem key, where the body is still kept; one query."""
    bodies = Delivery.objects.filter(pk__in=delivery_ids, body_removed_at=None).values_list("pk", "body")
    return {str(number): report.written(bytes(body)) for number, body in bodies}


def _reports() -> QuerySet[Report]:
    return Report.objects.select_related("delivery", "filed_by", "service", "dismissed_by").defer("delivery__body")
