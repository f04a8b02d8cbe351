"""The last words about the quality of services' answers, and the services about which nobody says any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from incidents.alerts.watch_models import QualitySignal
from ownership.models import Service
from web.pagination import Slice, slice_of

FRESH = timedelta(days=30)
SHOWN = ("unwatched", "all")
PAGE = 50


@dataclass(frozen=True)
class Watched:
    """A service and its signals, latest first; `is_watched` while the latest is not older than FRESH."""

    service: Service
    signals: list[QualitySignal]
    is_watched: bool


@dataclass(frozen=True)
class Listing:
    """One page of services, how many there are, and about how many nobody says anything."""

    rows: list[Watched]
    following: str | None
    total: int
    unwatched: int


def of_services(service_ids: Collection[int]) -> Mapping[int, list[QualitySignal]]:
    """The signals of each service that has any, latest first; one query."""
    found: dict[int, list[QualitySignal]] = defaultdict(list)
    rows = QualitySignal.objects.filter(service__in=service_ids).select_related("source")
    for signal in rows.order_by("-at", "sort"):
        found[signal.service_id].append(signal)
    return found


def is_fresh(signals: Collection[QualitySignal], *, now: datetime) -> bool:
    """Whether anything was said of late."""
    return any(signal.at >= now - FRESH for signal in signals)


def listing(*, show: str, after: str | None, now: datetime) -> Listing:
    """Living services by name, those that only uptime watches or all; four queries for any number."""
    living = Service.objects.filter(retired_at=None)
    unwatched = _unwatched(living, now)
    page: Slice[Service] = slice_of(living if show == "all" else unwatched, keys=("name", "pk"), after=after, size=PAGE)
    signals = of_services([service.pk for service in page.rows])
    rows = [
        Watched(service, signals.get(service.pk, []), is_fresh(signals.get(service.pk, []), now=now))
        for service in page.rows
    ]
    return Listing(rows, page.following, living.count(), unwatched.count())


def _unwatched(services: QuerySet[Service], now: datetime) -> QuerySet[Service]:
    fresh = QualitySignal.objects.filter(service=OuterRef("pk"), at__gte=now - FRESH)
    return services.filter(~Exists(fresh))
