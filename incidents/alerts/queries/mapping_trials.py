"""Stored deliveries to try a mapping on, and what it reads out of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Func, IntegerField

from incidents.alerts.models import Delivery, DeliveryState, Source
from incidents.alerts.sources import mapping
from incidents.alerts.sources.reading import Parsed, Reading, Rejection

OFFERED = 20
LONGEST = 256 * 1024  # bytes of a body that is tried while somebody types
STEPS = 200_000  # about a fifth of a second
SHOWN = 20


@dataclass(frozen=True)
class Trial:
    """What a mapping made of a body: the first SHOWN of each, how many there are, and what is `wrong` with it."""

    wrong: str = ""
    readings: Sequence[Reading] = ()
    rejections: Sequence[Rejection] = ()
    reading_count: int = 0
    rejection_count: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.reading_count + self.rejection_count - len(self.readings) - len(self.rejections)


@dataclass(frozen=True)
class Body:
    """What a trial reads: as it came, or as it was pasted."""

    content: bytes
    headers: Mapping[str, str]
    received_at: datetime


def offered(source: Source) -> list[Delivery]:
    """The newest deliveries whose bodies are kept, short enough and JSON, without the bodies; `size` in bytes."""
    size = Func(F("body"), function="octet_length", output_field=IntegerField())
    found = (
        Delivery.objects.filter(source=source, body_removed_at=None)
        .defer("body")
        .annotate(size=size)
        .filter(size__lte=LONGEST)
        .exclude(state=DeliveryState.REJECTED, attempts=0)  # no JSON: no mapping reads it
    )
    return list(found.order_by("-received_at", "-pk")[:OFFERED])


def body_of(source: Source, delivery_id: UUID) -> Body | None:
    """The body of one of its deliveries; None when there is none, it is no longer kept, or too long."""
    found = Delivery.objects.filter(source=source, pk=delivery_id).first()
    if found is None or found.body_removed_at is not None or len(found.body) > LONGEST:
        return None
    headers = {"content-type": found.content_type, **found.headers}
    return Body(bytes(found.body), headers, found.received_at)


def of(text: str, body: Body | None) -> Trial:
    """Try a mapping on a body, within STEPS; no body: only whether it can be used."""
    wrong = mapping.problem(text)
    if wrong or body is None:
        return Trial(wrong)
    parsed: Parsed = mapping.parse(text, body.content, body.headers, body.received_at, steps=STEPS)
    return Trial(
        readings=parsed.readings[:SHOWN],
        rejections=parsed.rejections[:SHOWN],
        reading_count=len(parsed.readings),
        rejection_count=len(parsed.rejections),
    )
