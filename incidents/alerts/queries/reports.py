"""What people reported, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from incidents.alerts.models import Alert, Delivery, DeliveryState
from incidents.alerts.report_models import Report
from incidents.alerts.sources import report
from incidents.response.models import Incident
from incidents.response.queries import visible
from ownership.models import Person
from web.pagination import slice_of

PAGE = 25
SHOWN_OF_INCIDENT = 20
SHOWN = ("mine", "all")


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
    place = Window(RowNumber(), partition_by=F("incident"), order_by=["-started_at", "-pk"])
    latest = (
        Alert.objects.filter(incident__in=incident_ids, source__built_in=True)
        .alias(place=place)
        .filter(place__lte=SHOWN_OF_INCIDENT)
        .order_by("-started_at", "-pk")
    )
    keys = {key: number for key, number in latest.values_list("problem_key", "incident_id") if number is not None}
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
