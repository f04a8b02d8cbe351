"""Rejected deliveries get another try, one or all; their time of receipt stays.

What was refused at the door (it is no JSON) was never given to an adapter, which its `attempts` of 0 tell: no later
adapter or mapping can read it, so it is never tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from incidents.alerts.models import Delivery, DeliveryState, Source
from ownership.models import Person
from web.errors import DomainError

BATCH = 1_000
LIMIT = 10_000  # of one act

# Chosen first, once: a subquery in WHERE may be planned as a loop, and each round would lock another LIMIT of rows.
_AGAIN = """
WITH chosen AS MATERIALIZED (
    SELECT id FROM incidents_delivery
    WHERE source_id = %(source)s AND state = 'rejected' AND attempts > 0 AND body_removed_at IS NULL
      AND (%(cause)s = '' OR cause = %(cause)s)
    ORDER BY received_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE incidents_delivery AS delivery
SET state = 'waiting', reason = '', processed_at = NULL, attempts = 0, mapping_version = NULL
FROM chosen WHERE delivery.id = chosen.id
"""


class NotRejected(DomainError):
    """Only a rejected delivery can be tried again."""

    code = "not_rejected"


class NeverReadable(DomainError):
    """Its body is no JSON: it can never be read. Let its sender send it again."""

    code = "never_readable"


class BodyRemoved(DomainError):
    """Its body was let go after the days that bodies are kept; nothing is left to try again."""

    code = "body_removed"


@dataclass(frozen=True)
class Replayed:
    """How many deliveries wait for their next try, and how many of the same are left for another act."""

    waiting: int
    left: int

    def __str__(self) -> str:
        if not self.waiting:
            return "Nothing can be tried again."
        said = "1 delivery waits" if self.waiting == 1 else f"{self.waiting} deliveries wait"
        return f"{said} for the next try." + (f" {self.left} more are left: press again." if self.left else "")


def again(delivery: Delivery, *, by: Person, now: datetime) -> None:
    """Let the digest try a rejected delivery once more."""
    if delivery.body_removed_at is not None:
        raise BodyRemoved
    if delivery.state == DeliveryState.REJECTED and not delivery.may_be_tried:
        raise NeverReadable
    rejected = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.REJECTED, attempts__gt=0, body_removed_at=None
    )
    changed = rejected.update(
        state=DeliveryState.WAITING, reason="", processed_at=None, attempts=0, mapping_version=None
    )
    if not changed:
        raise NotRejected


def all_again(source: Source, *, by: Person, now: datetime, cause: str = "") -> Replayed:
    """Let the digest try a source's rejected deliveries once more, those of one cause or all, the oldest LIMIT of them.

    One statement for each BATCH, each committed by itself: however many there are, no other writer waits for long.
    """
    total = 0
    while total < LIMIT:
        with connection.cursor() as cursor:
            cursor.execute(_AGAIN, {"source": source.pk, "cause": cause, "limit": min(BATCH, LIMIT - total)})
            changed = cursor.rowcount
        total += changed
        if changed < BATCH:
            break
    left = Delivery.objects.filter(
        source=source,
        state=DeliveryState.REJECTED,
        attempts__gt=0,
        body_removed_at=None,
        **({"cause": cause} if cause else {}),
    )
    return Replayed(total, left.count() if total >= LIMIT else 0)
