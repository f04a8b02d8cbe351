"""The digest: waiting deliveries become alerts and incidents, batch by batch, each batch in one transaction.

Deliveries are claimed with SKIP LOCKED, so any number of workers may run; a worker that dies leaves its batch waiting.
What cannot be digested fails its batch once, then is tried alone, so that it never holds up the others.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from incidents.alerts import chronicle, ledger, routing
from incidents.alerts.episodes import Episode, Mark, fold
from incidents.alerts.ledger import Placed, Problem
from incidents.alerts.models import Delivery, DeliveryState, Source
from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, State, clean

BATCH = 500
BATCH_BYTES = 16 * 1024 * 1024
TRIES = 3
AHEAD = timedelta(days=1)  # a sender's clock further ahead than this is not believed
KEY_LENGTH = 300
PASSING = {"08", "40", "53", "55", "57", "58"}  # SQLSTATE classes: connection, rollback, resources, locks, operators
_log = logging.getLogger("seamline.digest")

_CLAIM = """
SELECT id, octet_length(body) FROM incidents_delivery WHERE state = 'waiting'
ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_CLAIM_ONE = "SELECT id, 0 FROM incidents_delivery WHERE state = 'waiting' AND id = %s FOR UPDATE SKIP LOCKED"
_MARK = """
UPDATE incidents_delivery AS delivery
SET state = done.state, reason = done.reason, processed_at = %s, attempts = delivery.attempts + 1
FROM jsonb_to_recordset(%s::jsonb) AS done(id uuid, state text, reason text)
WHERE delivery.id = done.id
"""


@dataclass
class _Batch:
    """What a batch of deliveries says: the marks of each problem, and what becomes of each delivery."""

    sources: dict[int, Source] = field(default_factory=dict)
    marks: dict[Problem, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    done: list[dict[str, str]] = field(default_factory=list)


def batch(*, now: datetime, size: int = BATCH) -> int:
    """Digest the oldest waiting deliveries that no other worker holds; returns how many were claimed."""
    claimed: list[Any] = []
    try:
        with transaction.atomic():
            claimed = _claim(_CLAIM, [size])
            _digest(claimed, now)
    except Exception as error:
        if _is_passing(error):
            raise  # all of it still waits
        _log.exception("a batch failed; its deliveries are tried one by one", extra={"deliveries": len(claimed)})
        for delivery_id in claimed:
            _alone(delivery_id, now)
    return len(claimed)


def _alone(delivery_id: Any, now: datetime) -> None:
    """One delivery in a transaction of its own; at its last failed try it is rejected with the reason."""
    try:
        with transaction.atomic():
            _digest(_claim(_CLAIM_ONE, [delivery_id]), now)
    except Exception as error:
        if _is_passing(error):
            raise
        _log.exception("a delivery failed", extra={"delivery": str(delivery_id)})
        with transaction.atomic():
            for delivery in Delivery.objects.select_for_update(skip_locked=True).filter(
                pk=delivery_id, state=DeliveryState.WAITING
            ):
                delivery.attempts += 1
                if delivery.attempts >= TRIES:
                    delivery.state, delivery.processed_at = DeliveryState.REJECTED, now
                    delivery.reason = clean(f"it could not be digested: {type(error).__name__}: {error}")
                delivery.save(update_fields=["attempts", "state", "reason", "processed_at"])


def _is_passing(error: Exception) -> bool:
    """True when the database was away or busy, so that the same deliveries may well succeed in a moment."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] in PASSING


def _claim(statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Lock waiting deliveries, oldest first, and keep as many as fit into memory together."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        ids: list[Any] = []
        total = 0
        for delivery_id, length in cursor.fetchall():
            total += length
            if ids and total > BATCH_BYTES:
                break
            ids.append(delivery_id)
    return ids


def _digest(ids: Sequence[Any], now: datetime) -> None:
    if not ids:
        return
    said = _Batch()
    for delivery in Delivery.objects.filter(pk__in=ids).select_related("source").order_by("received_at", "pk"):
        _read(delivery, said)
    if said.marks:
        _write(said, now)
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [now, json.dumps(said.done)])


def _read(delivery: Delivery, said: _Batch) -> None:
    """Parse one delivery into marks; what went wrong becomes its reason."""
    source = said.sources.setdefault(delivery.source_id, delivery.source)
    parsed = _parsed(delivery, source)
    for reading in parsed.readings:
        if reading.state is not State.NOT_AN_ALERT:
            said.marks[source.pk, _key(reading)].append(_mark(reading, delivery))
    reason = "; ".join(str(rejection) for rejection in parsed.rejections)
    if not parsed.readings and not reason:
        reason = "it holds nothing that this kind of source sends"
    state = DeliveryState.DIGESTED if parsed.readings else DeliveryState.REJECTED
    said.done.append({"id": str(delivery.pk), "state": state.value, "reason": clean(reason)})


def _parsed(delivery: Delivery, source: Source) -> Parsed:
    try:
        adapter = registry.adapter(source.kind)
        return adapter.parse(bytes(delivery.body), delivery.headers, received_at=delivery.received_at)
    except Exception as error:  # noqa: BLE001 -- a gap in an adapter costs one delivery, replayed once it is mended
        _log.exception("an adapter failed", extra={"delivery": str(delivery.pk), "kind": source.kind})
        return Parsed(rejections=(Rejection(f"the adapter failed on it: {type(error).__name__}: {error}"),))


def _key(reading: Reading) -> str:
    if len(reading.problem_key) <= KEY_LENGTH:
        return reading.problem_key
    return hashlib.sha256(reading.problem_key.encode()).hexdigest()


def _mark(reading: Reading, delivery: Delivery) -> Mark:
    """The reading at the sender's time, or at receipt where the sender gave none or one from tomorrow."""
    latest = delivery.received_at + AHEAD
    at = reading.event_time if reading.event_time and reading.event_time <= latest else delivery.received_at
    began = reading.started_at if reading.started_at and reading.started_at <= at else None
    return Mark(reading, at=at, began=began, received_at=delivery.received_at, is_test=delivery.is_test)


def _write(said: _Batch, now: datetime) -> None:
    """Fold the marks into the stored episodes, route what opened, save alerts and timeline rows."""
    ledger.lock(said.marks)
    stored = ledger.load(
        {problem: min(min(mark.at, mark.began or mark.at) for mark in marks) for problem, marks in said.marks.items()}
    )
    episodes: list[tuple[Problem, Episode]] = [
        (problem, episode)
        for problem, marks in said.marks.items()
        for episode in fold(stored.get(problem, ()), marks)
        if episode.changed
    ]
    opened = [
        routing.Opened(said.sources[problem[0]], episode, episode.shown)
        for problem, episode in episodes
        if episode.opened and episode.shown is not None
    ]
    placed, places = routing.route(opened, now=now) if opened else ([], [])
    by_episode: dict[int, Placed] = {id(one.episode): place for one, place in zip(opened, placed, strict=True)}
    ledger.save(episodes, by_episode, now=now)
    chronicle.tell(
        [episode for _, episode in episodes],
        {id(one.episode): place for one, place in zip(opened, places, strict=True)},
        now=now,
    )
