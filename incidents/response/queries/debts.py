"""What an owner of a service takes on: its open incidents and what keeps failing; and whose ball nobody has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, IntegerField, Max, Value, When, Window
from django.db.models.functions import RowNumber

from incidents.response.models import FailureMode, Finding, Incident
from incidents.response.queries import modes, visible
from incidents.response.vocabulary import BOARD_ORDER
from ownership.models import Person

SHOWN = 5
TWICE = 2
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class OpenIncidents:
    """The worst SHOWN open incidents of a service, and how many there are in all."""

    rows: list[Incident]
    count: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


def open_incidents(viewer: Person, ids: Collection[int], *, of: str = "service") -> dict[int, OpenIncidents]:
    """Open incidents of each service (or `of` component) that has some, as the viewer sees them, worst first.

    One query.
    """
    rank = Case(
        *[When(severity=severity, then=Value(rank)) for rank, severity in enumerate(BOARD_ORDER)],
        output_field=IntegerField(),
    )
    rows = (
        visible.standing(viewer)
        .filter(**{f"{of}__in": ids}, resolved_at__isnull=True)
        .annotate(
            place=Window(RowNumber(), partition_by=of, order_by=[rank, F("detected_at").asc(), F("pk").asc()]),
            in_all=Window(Count("pk"), partition_by=of),
        )
        .filter(place__lte=SHOWN)
        .order_by(of, "place")
    )
    found: dict[int, list[Incident]] = {}
    for incident in rows:
        found.setdefault(getattr(incident, f"{of}_id"), []).append(incident)
    return {one: OpenIncidents(some, some[0].in_all) for one, some in found.items()}  # type: ignore[attr-defined]  # annotated above


@dataclass(frozen=True)
class RecurringMode:
    """A failure mode that was found in two incidents of a service or more, and when it last was."""

    mode: FailureMode
    incidents: int
    latest: datetime


def recurring_modes(
    viewer: Person, ids: Collection[int], *, at: datetime, of: str = "incident__service"
) -> dict[int, list[RecurringMode]]:
    """What was found in at least TWICE incidents of each service within a YEAR before `at`, most often first.

    `of` component: what was found in that component itself.

    Findings as they stand now, provisional ones too, by what their modes count as; an incident counts once however many
    findings name the mode. Two queries.
    """
    counted = (
        Finding.objects.filter(
            visible.clause(viewer, of="incident"),
            **{f"{of}__in": ids},
            incident__merged_into__isnull=True,
            incident__detected_at__gt=at - YEAR,
            incident__detected_at__lte=at,
            superseded_at__isnull=True,
            mode__isnull=False,
        )
        .annotate(counted=modes.counted())
        .values(of, "counted")
        .annotate(incidents=Count("incident", distinct=True), latest=Max("incident__detected_at"))
        .filter(incidents__gte=TWICE)
        .order_by("-incidents", "-latest", "counted")
    )
    rows = list(counted)
    named = FailureMode.objects.in_bulk({row["counted"] for row in rows})
    found: dict[int, list[RecurringMode]] = {}
    for row in rows:
        mode = RecurringMode(named[row["counted"]], row["incidents"], row["latest"])
        found.setdefault(row[of], []).append(mode)
    return found


def without_ball(viewer: Person, *, person: Person | None, limit: int) -> list[Incident]:
    """Open incidents that `person` works on, or, when that is None, somebody who is no longer here; one query."""
    rows = visible.standing(viewer).filter(resolved_at__isnull=True, ball__isnull=False).select_related("ball")
    rows = rows.filter(ball=person) if person is not None else rows.filter(ball__is_active=False)
    return list(rows.order_by("-pk")[:limit])
