"""Sources and what they sent, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from incidents.alerts.models import Alert, Delivery, DeliveryState, Source
from incidents.alerts.queries import rates
from incidents.alerts.queries.rates import Rate
from incidents.alerts.sources import registry
from incidents.response.queries import visible
from ownership.models import Person
from web.pagination import Slice, slice_of

DELIVERIES_SHOWN = 25
ALERTS_SHOWN = 10
SHOWN = ("all", "rejected", "part")
IN_PART = Q(state=DeliveryState.DIGESTED) & ~Q(reason="")  # some of its readings were rejected
_KEYS = ("-received_at", "-pk")


@dataclass(frozen=True)
class Row:
    """A source in the list. `last_received_at` is None when nothing came yet.

    `silent_since` is set once it is silent for longer than somebody said it may be.
    """

    source: Source
    kind: str
    last_received_at: datetime | None
    waiting: int
    rejected: int
    in_part: int
    silent_since: datetime | None = None
    rate: Rate | None = None


@dataclass(frozen=True)
class SourcePage:
    """One source: its latest deliveries (without bodies, `size` in bytes), its latest alerts, and what is amiss."""

    row: Row
    deliveries: Slice[Delivery]
    alerts: Sequence[Alert]


def listed(*, now: datetime) -> list[Row]:
    """All sources by name with the days behind them; five queries for any number."""
    rows = _rows(Source.objects.order_by("name", "pk"), now)
    days = rates.of([row.source.pk for row in rows], unit="day", now=now) if rows else {}
    return [replace(row, rate=days[row.source.pk]) for row in rows]


def page(source: Source, viewer: Person, *, show: str, after: str | None, now: datetime, cause: str = "") -> SourcePage:
    """One source's page; `show` and `cause` narrow its deliveries, `after` is the cursor of older ones."""
    deliveries = Delivery.objects.filter(source=source).defer("body").annotate(size=_size())
    if show == "rejected":
        deliveries = deliveries.filter(state=DeliveryState.REJECTED, **({"cause": cause} if cause else {}))
    elif show == "part":
        deliveries = deliveries.filter(IN_PART)
    return SourcePage(
        row=_rows(Source.objects.filter(pk=source.pk), now)[0],
        deliveries=slice_of(deliveries, keys=_KEYS, after=after, size=DELIVERIES_SHOWN),
        alerts=list(
            Alert.objects.filter(visible.clause_or_none(viewer), source=source)
            .select_related("incident", "service")
            .order_by("-received_at", "-pk")[:ALERTS_SHOWN]
        ),
    )


def _rows(sources: QuerySet[Source], now: datetime) -> list[Row]:
    last = Delivery.objects.filter(source=OuterRef("pk")).order_by(*_KEYS)
    sent = last.filter(is_test=False)
    found = list(
        sources.annotate(
            last_received_at=Subquery(last.values("received_at")[:1]),
            last_real_at=Subquery(sent.values("received_at")[:1]),
        )
    )
    waiting = _counts(found, Q(state=DeliveryState.WAITING))
    rejected = _counts(found, Q(state=DeliveryState.REJECTED))
    in_part = _counts(found, IN_PART)
    return [
        Row(
            source=source,
            kind=registry.KINDS[source.kind].label if source.kind in registry.KINDS else source.kind,
            last_received_at=source.last_received_at,
            waiting=waiting.get(source.pk, 0),
            rejected=rejected.get(source.pk, 0),
            in_part=in_part.get(source.pk, 0),
            silent_since=source.silent_since(last=source.last_real_at, now=now),
        )
        for source in found
    ]


def _counts(sources: Sequence[Source], which: Q) -> dict[int, int]:
    """How many such deliveries each source has; each of these conditions has a partial index."""
    counted = Delivery.objects.filter(which, source__in=sources).values("source").annotate(n=Count("pk"))
    return {row["source"]: row["n"] for row in counted.order_by()}


def _size() -> Func:
    return Func(F("body"), function="octet_length", output_field=IntegerField())
