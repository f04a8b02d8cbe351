"""Sources and what they sent, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Func, IntegerField, OuterRef, QuerySet, Subquery

from incidents.alerts.models import Alert, Delivery, DeliveryState, Source
from incidents.alerts.sources import registry
from web.pagination import Slice, slice_of

DELIVERIES_SHOWN = 25
ALERTS_SHOWN = 10
SHOWN = ("all", "rejected")
_KEYS = ("-received_at", "-pk")


@dataclass(frozen=True)
class Row:
    """A source in the list. `last_received_at` is None when nothing came yet."""

    source: Source
    kind: str
    last_received_at: datetime | None
    waiting: int
    rejected: int


@dataclass(frozen=True)
class SourcePage:
    """One source: its latest deliveries (without bodies, `size` in bytes), its latest alerts, and what is amiss."""

    row: Row
    deliveries: Slice[Delivery]
    alerts: Sequence[Alert]


def listed() -> list[Row]:
    """All sources by name; three queries for any number."""
    return _rows(Source.objects.order_by("name", "pk"))


def page(source: Source, *, show: str, after: str | None) -> SourcePage:
    """One source's page; `show` narrows its deliveries, `after` is the cursor of older ones."""
    deliveries = Delivery.objects.filter(source=source).defer("body").annotate(size=_size())
    if show == "rejected":
        deliveries = deliveries.filter(state=DeliveryState.REJECTED)
    return SourcePage(
        row=_rows(Source.objects.filter(pk=source.pk))[0],
        deliveries=slice_of(deliveries, keys=_KEYS, after=after, size=DELIVERIES_SHOWN),
        alerts=list(
            Alert.objects.filter(source=source)
            .select_related("incident", "service")
            .order_by("-received_at", "-pk")[:ALERTS_SHOWN]
        ),
    )


def _rows(sources: QuerySet[Source]) -> list[Row]:
    last = Delivery.objects.filter(source=OuterRef("pk")).order_by(*_KEYS).values("received_at")[:1]
    found = list(sources.annotate(last_received_at=Subquery(last)))
    waiting = _counts(found, DeliveryState.WAITING)
    rejected = _counts(found, DeliveryState.REJECTED)
    return [
        Row(
            source=source,
            kind=registry.KINDS[source.kind].label if source.kind in registry.KINDS else source.kind,
            last_received_at=source.last_received_at,
            waiting=waiting.get(source.pk, 0),
            rejected=rejected.get(source.pk, 0),
        )
        for source in found
    ]


def _counts(sources: Sequence[Source], state: str) -> dict[int, int]:
    """How many deliveries of each source are in this state; both states have a partial index."""
    counted = Delivery.objects.filter(source__in=sources, state=state).values("source").annotate(n=Count("pk"))
    return {row["source"]: row["n"] for row in counted.order_by()}


def _size() -> Func:
    return Func(F("body"), function="octet_length", output_field=IntegerField())
