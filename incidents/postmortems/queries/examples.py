"""Failing examples: of an incident, filtered with pages, and which incidents still have none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from incidents.alerts import access as alerts
from incidents.alerts.queries import reports
from incidents.alerts.queries.reports import Filed
from incidents.postmortems.models import FailingExample
from incidents.postmortems.models.examples import STANDING
from incidents.postmortems.vocabulary import GuardrailKind
from incidents.response.models import Finding, Incident
from incidents.response.queries import modes, visible
from incidents.response.vocabulary import Layer
from ownership.models import Person
from web.errors import Invalid
from web.pagination import Slice, slice_of

KEYS = ("-created_at", "-pk")
SIZE = 25
OF_INCIDENT = 20
CHUNK = 500  # rows of an export that are read at once
WANTING = 20
ASKED = (Layer.EVALUATION, Layer.GUARDRAIL)  # layers whose incidents should leave an example
COVERED = timedelta(days=365)
PARAMETERS = ("service", "layer", "mode", "component", "guardrail", "tag", "since")
_WITH = ("incident__service", "mode__counts_as", "component", "by", "created_by")


@dataclass(frozen=True)
class Filter:
    """What a list or an export holds; all of it narrows, and what is empty does not."""

    service: str = ""
    layer: str = ""
    mode: str = ""  # with what was merged into it
    component: int | None = None
    guardrail: str = ""  # a GuardrailKind, or `any`
    tag: str = ""
    since: date | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Filter:
        """What an address asks for; Invalid for what cannot be meant, so that nobody exports more than they think."""
        told = {name: str(said.get(name) or "").strip() for name in PARAMETERS}
        if any("\x00" in value for value in told.values()):
            raise Invalid("This address holds a character that nothing is called by.")
        _require(told["layer"], Layer.values, "layer")
        _require(told["guardrail"], ["any", *GuardrailKind.values], "guardrail")
        number = told.pop("component")
        if number and not (number.isdecimal() and len(number) < 19):
            raise Invalid("Name the component by its number.", field="component")
        since = told.pop("since")
        try:
            day = date.fromisoformat(since) if since else None
        except ValueError as error:
            raise Invalid("Write the day as 2026-11-30.", field="since") from error
        return cls(**told, component=int(number) if number else None, since=day)

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        told = {name: getattr(self, name) for name in PARAMETERS}
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def condition(self) -> Q:
        """On standing examples; `since` asks when the present version was recorded."""
        asked: dict[str, object] = {
            "incident__service__slug": self.service,
            "layer": self.layer,
            "component": self.component,
            "guardrail_kind": "" if self.guardrail == "any" else self.guardrail,
            "tags__contains": [self.tag] if self.tag else None,
        }
        found = Q(**{name: value for name, value in asked.items() if value})
        if self.mode:
            found &= Q(mode__in=modes.same_as([self.mode]))
        if self.guardrail == "any":
            found &= ~Q(guardrail_kind="")
        if self.since:
            found &= Q(known_from__gte=timezone.make_aware(datetime.combine(self.since, time())))
        return found


def _require(value: str, known: Collection[str], name: str) -> None:
    if value and value not in known:
        raise Invalid(f"There is no {name} “{value[:40]}”; there are {', '.join(known)}.", field=name)


@dataclass(frozen=True)
class OfIncident:
    """The examples of an incident, oldest first, and what people reported that could become one."""

    rows: list[FailingExample]
    more: bool
    reports: list[Filed]


@dataclass(frozen=True)
class Coverage:
    """How many incidents of the layers ASKED, found in the last year, have an example; and the latest without one."""

    incidents: int
    covered: int
    wanting: list[Incident]
    more: bool


def standing() -> QuerySet[FailingExample]:
    """The present version of each example that was not taken back."""
    return FailingExample.objects.filter(STANDING).select_related(*_WITH)


def shown_to(viewer: Person, asked: Filter) -> QuerySet[FailingExample]:
    """Those of the filter whose incidents this person may see."""
    return standing().filter(visible.clause(viewer, of="incident"), asked.condition)


def page(viewer: Person, asked: Filter, *, after: str | None) -> Slice[FailingExample]:
    """One page, the latest first; one query."""
    return slice_of(shown_to(viewer, asked), keys=KEYS, after=after, size=SIZE)


def every(viewer: Person, asked: Filter) -> Iterator[FailingExample]:
    """All of them, the latest first; one query for each CHUNK, none held open between."""
    after: str | None = None
    while True:
        part = slice_of(shown_to(viewer, asked), keys=KEYS, after=after, size=CHUNK)
        yield from part.rows
        if part.following is None:
            return
        after = part.following


def of_incidents(viewer: Person, incident_ids: Collection[int]) -> Mapping[int, OfIncident]:
    """The examples of each incident, and its reports whose words the viewer may read and that are none yet.

    One query for the examples, and three for the reports where there are any, for any number of incidents.
    """
    place = Window(RowNumber(), partition_by=F("incident"), order_by=["created_at", "pk"])
    ranked = standing().filter(incident__in=incident_ids).alias(place=place).filter(place__lte=OF_INCIDENT + 1)
    found: dict[int, list[FailingExample]] = {number: [] for number in incident_ids}
    for example in ranked.order_by("created_at", "pk"):
        found[example.incident_id].append(example)
    filed = reports.of_incidents(incident_ids)
    return {
        number: OfIncident(rows[:OF_INCIDENT], len(rows) > OF_INCIDENT, _usable(viewer, filed.get(number, ()), rows))
        for number, rows in found.items()
    }


def _usable(viewer: Person, filed: Collection[Filed], rows: Collection[FailingExample]) -> list[Filed]:
    used = {one.report_id for one in rows}
    may_read_all = alerts.may_manage(viewer)
    return [
        one
        for one in filed
        if one.words
        and one.report.dismissed_at is None
        and one.report.pk not in used
        and (may_read_all or one.report.filed_by_id == viewer.pk)
    ]


def versions(line: UUID) -> list[FailingExample]:
    """An example over its versions, the present one first; one query."""
    return list(FailingExample.objects.filter(line=line).select_related(*_WITH, "erased_by").order_by("-version"))


def has_one(incident_id: int) -> bool:
    """True when an example of the incident stands."""
    return FailingExample.objects.filter(STANDING, incident=incident_id).exists()


def coverage(viewer: Person, *, now: datetime, service: str = "") -> Coverage:
    """Of the incidents with a finding of the layers ASKED; two queries."""
    found = Finding.objects.filter(incident=OuterRef("pk"), superseded_at=None, layer__in=ASKED)
    own = FailingExample.objects.filter(STANDING, incident=OuterRef("pk"))
    asked = visible.standing(viewer).filter(Exists(found), detected_at__gte=now - COVERED)
    if service:
        asked = asked.filter(service__slug=service)
    counted = asked.aggregate(incidents=Count("pk"), covered=Count("pk", filter=Exists(own)))
    wanting = asked.filter(~Exists(own)).select_related("service").order_by("-detected_at", "-pk")[: WANTING + 1]
    rows = list(wanting)
    return Coverage(counted["incidents"], counted["covered"], rows[:WANTING], len(rows) > WANTING)
