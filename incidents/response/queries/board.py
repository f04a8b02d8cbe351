"""The board's reads: open incidents first by what needs somebody, constant in queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.aggregates import Count

from incidents.response.models import Incident
from incidents.response.queries import visible
from incidents.response.vocabulary import Severity
from ownership.models import Person, Service
from ownership.queries import owners
from web import pagination

# Pending could turn out to be anything, so it stands above what is known to be mild.
BOARD_ORDER = (Severity.SEV1, Severity.SEV2, Severity.PENDING, Severity.SEV3, Severity.SEV4)
OPEN_KEYS = ("nobodys", "rank", "-detected_at", "-pk")
PAST_KEYS = ("-resolved_at", "-pk")
SHOWN = ("open", "mine", "nobody", "resolved")


@dataclass(frozen=True)
class Filter:
    """What the board shows: one of SHOWN, and at most one service."""

    show: str = "open"
    service: Service | None = None
    after: str | None = None


@dataclass(frozen=True)
class Row:
    """One incident on the board, with who answers for its service now."""

    incident: Incident
    answering: owners.Answering

    @property
    def nobody(self) -> bool:
        """True when nobody answers: no service, or one without an accountable owner who is still here."""
        return not self.answering.is_answered


@dataclass(frozen=True)
class Totals:
    """What the board's head says of all open incidents."""

    open: int
    unacknowledged: int
    nobodys: int
    mine: int
    oldest: datetime | None


@dataclass(frozen=True)
class Board:
    """A page of the board."""

    rows: Sequence[Row]
    following: str | None
    totals: Totals


def open_count(viewer: Person) -> int:
    """How many open incidents this person sees; one query over the open ones."""
    return visible.standing(viewer).filter(resolved_at__isnull=True).count()


def page(viewer: Person, shown: Filter, *, now: datetime) -> Board:
    """One page of the board in three queries."""
    incidents = _filtered(viewer, shown).select_related("service", "ball")
    keys = PAST_KEYS if shown.show == "resolved" else OPEN_KEYS
    part = pagination.slice_of(incidents, keys=keys, after=shown.after)
    service_ids = {incident.service_id for incident in part.rows if incident.service_id}
    answering = owners.of_services(service_ids, at=now)
    rows = [Row(incident, answering.get(incident.service_id or 0, owners.NOBODY)) for incident in part.rows]
    return Board(rows, part.following, _totals(viewer))


def _filtered(viewer: Person, shown: Filter) -> QuerySet[Incident]:
    incidents = visible.standing(viewer)
    if shown.service is not None:
        incidents = incidents.filter(service=shown.service)
    if shown.show == "resolved":
        return incidents.filter(resolved_at__isnull=False)
    incidents = incidents.filter(resolved_at__isnull=True).annotate(
        nobodys=Case(When(service__isnull=True, then=0), default=1, output_field=IntegerField()),
        rank=Case(
            *[When(severity=severity, then=Value(rank)) for rank, severity in enumerate(BOARD_ORDER)],
            output_field=IntegerField(),
        ),
    )
    if shown.show == "mine":
        return incidents.filter(_mine(viewer))
    if shown.show == "nobody":
        return incidents.filter(service__isnull=True)
    return incidents


def _mine(viewer: Person) -> Q:
    """The viewer has the ball, or answers for the service, by name or through a team."""
    services = Service.objects.filter(
        Q(assignments__person=viewer) | Q(assignments__team__members=viewer),
        assignments__role="accountable",
        assignments__superseded_at__isnull=True,
        assignments__during__upper_inf=True,
    )
    return Q(ball=viewer) | Q(service__in=services.values("pk"))


def _totals(viewer: Person) -> Totals:
    counted = (
        visible.standing(viewer)
        .filter(resolved_at__isnull=True)
        .aggregate(
            open=Count("pk"),
            unacknowledged=Count("pk", filter=Q(acknowledged_at__isnull=True)),
            nobodys=Count("pk", filter=Q(service__isnull=True)),
            mine=Count("pk", filter=_mine(viewer)),
            oldest=Min("detected_at"),
        )
    )
    return Totals(**counted)
