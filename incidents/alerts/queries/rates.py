"""How much sources sent over time: from the counted hours, and the hour that is running from the deliveries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection

Unit = Literal["hour", "day"]
SPANS: dict[Unit, int] = {"hour": 7 * 24, "day": 30}  # how many bars of each
STEPS: dict[Unit, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
HEIGHT, WIDE = 100, 10  # of the picture, and of one bar with the gap beside it

# The running hour is the only one counted from the deliveries, along their index: what it costs does not grow.
_RATES = """
SELECT source_id, date_trunc(%(unit)s, hour, 'UTC') AS at, sum(deliveries)::bigint, sum(rejected)::bigint
FROM (
    SELECT source_id, hour, deliveries, rejected FROM incidents_sourcehour
    WHERE source_id = ANY(%(sources)s) AND hour >= %(since)s AND hour < %(running)s
    UNION ALL
    SELECT source_id, %(running)s, count(*), count(*) FILTER (WHERE state = 'rejected') FROM incidents_delivery
    WHERE source_id = ANY(%(sources)s) AND received_at >= %(running)s
    GROUP BY source_id
) AS counted
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Bar:
    """One hour or day (UTC): what came and how much of it was rejected, with the heights to draw, 0 to HEIGHT."""

    place: int
    at: datetime
    deliveries: int
    rejected: int
    high: int
    bad: int

    @property
    def x(self) -> int:
        """Where it stands, from the left."""
        return self.place * WIDE

    @property
    def top(self) -> int:
        """Where the bar begins, from above."""
        return HEIGHT - self.high

    @property
    def bad_top(self) -> int:
        """The same of what was rejected."""
        return HEIGHT - self.bad


@dataclass(frozen=True)
class Rate:
    """The bars of one source, oldest first, without gaps."""

    unit: Unit
    bars: Sequence[Bar]

    @property
    def width(self) -> int:
        """Of the whole picture."""
        return len(self.bars) * WIDE

    @property
    def first(self) -> Bar:
        """The oldest bar."""
        return self.bars[0]

    @property
    def last(self) -> Bar:
        """The bar that is still running."""
        return self.bars[-1]

    @property
    def deliveries(self) -> int:
        """All that came."""
        return sum(bar.deliveries for bar in self.bars)

    @property
    def rejected(self) -> int:
        """All that was rejected."""
        return sum(bar.rejected for bar in self.bars)

    @property
    def busiest(self) -> Bar:
        """The bar with most deliveries, the latest of equals."""
        return max(self.bars, key=lambda bar: (bar.deliveries, bar.at))

    @property
    def told(self) -> list[Bar]:
        """The bars in which anything came, latest first: the rows of the table."""
        return [bar for bar in reversed(self.bars) if bar.deliveries]


def of(source_ids: Collection[int], *, unit: Unit, now: datetime) -> Mapping[int, Rate]:
    """The rate of each of these sources; one query for any number."""
    step, count = STEPS[unit], SPANS[unit]
    running = now.replace(minute=0, second=0, microsecond=0)
    last = running if unit == "hour" else running.replace(hour=0)
    first = last - step * (count - 1)
    found: dict[tuple[int, datetime], tuple[int, int]] = {}
    with connection.cursor() as cursor:
        asked = {"unit": unit, "sources": list(source_ids), "since": first, "running": running}
        cursor.execute(_RATES, asked)
        for source_id, at, deliveries, rejected in cursor.fetchall():
            found[source_id, at] = deliveries, rejected
    times = [first + step * place for place in range(count)]
    return {
        source_id: Rate(unit, _bars([(at, *found.get((source_id, at), (0, 0))) for at in times]))
        for source_id in source_ids
    }


def _bars(counts: Sequence[tuple[datetime, int, int]]) -> list[Bar]:
    most = max((deliveries for _, deliveries, _ in counts), default=0) or 1
    return [
        Bar(place, at, deliveries, rejected, _high(deliveries, most), _high(rejected, most))
        for place, (at, deliveries, rejected) in enumerate(counts)
    ]


def _high(count: int, most: int) -> int:
    """Of HEIGHT; the least that came is still seen."""
    return max(3, round(HEIGHT * min(count, most) / most)) if count else 0
