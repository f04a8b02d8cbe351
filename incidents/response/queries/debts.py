"""What an owner of a service takes on: its open incidents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Value, When, Window
from django.db.models.functions import RowNumber

from incidents.response.models import Incident
from incidents.response.queries.board import BOARD_ORDER

SHOWN = 5


@dataclass(frozen=True)
class OpenIncidents:
    """The worst SHOWN open incidents of a service, and how many there are in all."""

    rows: list[Incident]
    count: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


def open_incidents(service_ids: Collection[int]) -> dict[int, OpenIncidents]:
    """Open incidents of each service that has some, worst first; one query."""
    rank = Case(
        *[When(severity=severity, then=Value(rank)) for rank, severity in enumerate(BOARD_ORDER)],
        output_field=IntegerField(),
    )
    rows = (
        Incident.objects.filter(service__in=service_ids, resolved_at__isnull=True)
        .annotate(
            place=Window(RowNumber(), partition_by="service", order_by=[rank, F("detected_at").asc(), F("pk").asc()]),
            in_all=Window(Count("pk"), partition_by="service"),
        )
        .filter(place__lte=SHOWN)
        .order_by("service", "place")
    )
    found: dict[int, list[Incident]] = {}
    for incident in rows:
        found.setdefault(incident.service_id or 0, []).append(incident)
    return {service: OpenIncidents(some, some[0].in_all) for service, some in found.items()}  # type: ignore[attr-defined]
