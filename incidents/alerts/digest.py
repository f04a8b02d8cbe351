"""The digest: waiting deliveries become alerts and incidents, batch by batch, each batch in one transaction.

Any number of workers may run, one digests at a time, in the order of receipt: which alert opened an incident and which
joined it must not depend on who was quicker. A worker that dies leaves its batch waiting, and its turn to the next.
What cannot be digested fails its batch once, then is tried alone, so that it never holds up the others.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from incidents.alerts import (
    aftermath,
    changing,
    chronicle,
    flapping,
    judging,
    ledger,
    remapping,
    rotating,
    routing,
    settling,
    signalling,
)
from incidents.alerts.episodes import Episode, Mark, fold
from incidents.alerts.ledger import Placed, Problem
from incidents.alerts.mapping_models import SourceMapping
from incidents.alerts.models import Delivery, DeliveryState, Source
from incidents.alerts.sources import registry
from incidents.alerts.sources.reading import Parsed, Reading, Rejection, State, clean
from incidents.response import opening, timeline

BATCH = 500
BATCH_BYTES = 2 * 1024 * 1024  # some thousand alerts; more at once is slower, not faster
SPAN = timedelta(seconds=5)  # of receipt in one batch, as often as the scheduler has incidents settled
TRIES = 3
AHEAD = timedelta(days=1)  # a sender's clock further ahead than this is not believed
KEY_LENGTH = 300
PASSING = {"08", "40", "53", "55", "57", "58"}  # SQLSTATE classes: connection, rollback, resources, locks, operators
_log = logging.getLogger("seamline.digest")

_TURN = 0x5EA1_0001_0000_0000  # the advisory lock of who digests; held until the transaction ends
_TRY_TURN = f"SELECT pg_try_advisory_xact_lock({_TURN})"
_AWAIT_TURN = f"SELECT pg_advisory_xact_lock({_TURN})"
_CLAIM = """
SELECT id, octet_length(body), received_at FROM incidents_delivery WHERE state = 'waiting'
ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_CLAIM_ONE = """
SELECT id, 0, received_at FROM incidents_delivery WHERE state = 'waiting' AND id = %s FOR UPDATE SKIP LOCKED
"""
_MARK = """
UPDATE incidents_delivery AS delivery
SET state = done.state, reason = done.reason, attempts = delivery.attempts + 1, mapping_version = done.mapping_version,
    processed_at = CASE WHEN done.state <> 'held' THEN %s::timestamptz END
FROM jsonb_to_recordset(%s::jsonb) AS done(id uuid, state text, reason text, mapping_version int)
WHERE delivery.id = done.id
"""


@dataclass
class _Claim:
    """Deliveries that this transaction holds, oldest first, and the first one's receipt."""

    ids: list[Any] = field(default_factory=list)
    since: datetime | None = None


@dataclass
class _Batch:
    """What a batch of deliveries says: the marks of each problem, and what becomes of each delivery."""

    sources: dict[int, Source] = field(default_factory=dict)
    marks: dict[Problem, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    passed: list[signalling.Word] = field(default_factory=list)  # checks that found nothing
    changes: list[changing.Sent] = field(default_factory=list)
    mappings: Mapping[int, SourceMapping] = field(default_factory=dict)  # by source, where it has one of its own
    done: list[dict[str, Any]] = field(default_factory=list)


def batch(*, now: datetime, size: int = BATCH) -> int | None:
    """Digest the oldest waiting deliveries; returns how many were claimed, None when another worker is at it."""
    claim = _Claim()
    try:
        with transaction.atomic():
            if not _answers_true(_TRY_TURN):
                return None
            claim = _claim(_CLAIM, [size])
            _digest(claim, now)
    except Exception as error:
        if _is_passing(error):
            raise  # all of it still waits
        _log.exception("a batch failed; its deliveries are tried one by one", extra={"deliveries": len(claim.ids)})
        for delivery_id in claim.ids:
            _alone(delivery_id, now)
    return len(claim.ids)


def await_turn() -> None:
    """Keep the digest from working until the caller's transaction ends; waits for the batch that it is at."""
    _answers_true(_AWAIT_TURN)


def waiting_since() -> datetime | None:
    """When the oldest delivery that waits was received, held by another worker or not; None when none waits."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("received_at", "pk")
    return waiting.values_list("received_at", flat=True).first()


def _alone(delivery_id: Any, now: datetime) -> None:
    """One delivery in a transaction of its own; at its last failed try it is rejected with the reason."""
    try:
        with transaction.atomic():
            await_turn()
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


def _answers_true(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return bool(cursor.fetchone() != (False,))


def _claim(statement: str, parameters: Sequence[Any]) -> _Claim:
    """Lock waiting deliveries, oldest first, and keep what came within SPAN and fits into memory together."""
    claim = _Claim()
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        total = 0
        for delivery_id, length, received_at in cursor.fetchall():
            total += length
            since = claim.since = claim.since or received_at
            if claim.ids and (total > BATCH_BYTES or received_at - since > SPAN):
                break
            claim.ids.append(delivery_id)
    return claim


def _catch_up(claim: _Claim, now: datetime) -> None:
    """After an absence: what had become quiet before these came is resolved first, as the scheduler would have had it.

    Otherwise an alert of the afternoon would join the incident of the morning because the worker slept over noon.
    """
    if claim.since is not None and now - claim.since > SPAN:
        settling.settle(now=now, as_of=claim.since)


def _digest(claim: _Claim, now: datetime) -> None:
    if not claim.ids:
        return
    _catch_up(claim, now)
    found = Delivery.objects.filter(pk__in=claim.ids).prefetch_related("source").order_by("received_at", "pk")
    claimed = list(found)
    verdicts = judging.judge(claimed, now=now)
    mapped = {one.source_id for one in claimed if registry.takes_mapping(one.source.kind)}
    said = _Batch(mappings=remapping.current_of(mapped) if mapped else {})
    for delivery in claimed:
        if verdict := verdicts.get(delivery.pk):
            said.done.append({"id": str(delivery.pk), "state": verdict.state.value, "reason": clean(verdict.reason)})
        else:
            _read(delivery, said)
    about = _write(said, now) if said.marks else set()
    changing.take(said.changes, now=now)
    signalling.keep([*said.passed, *_words(said, about)])
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [now, json.dumps(said.done)])
    rotating.note_use(claim.ids)


def _read(delivery: Delivery, said: _Batch) -> None:
    """Parse one delivery into marks; what went wrong becomes its reason."""
    source = said.sources.setdefault(delivery.source_id, delivery.source)
    own = None if delivery.is_test else said.mappings.get(source.pk)  # the test button speaks the plain form
    parsed = _parsed(delivery, source, own.text if own else "")
    for reading in parsed.readings:
        mark = _mark(reading, delivery)
        if reading.state is not State.NOT_AN_ALERT:
            said.marks[source.pk, _key(reading)].append(mark)
        elif not delivery.is_test:
            said.passed.append(_word(source, _key(reading), mark))
    said.changes += [changing.Sent(source, delivery, one) for one in parsed.changes if not delivery.is_test]
    reason = "; ".join(str(rejection) for rejection in parsed.rejections)
    if not parsed.readings and not reason:
        reason = "it holds nothing that this kind of source sends"
    state = DeliveryState.DIGESTED if parsed.readings else DeliveryState.REJECTED
    version = own.version if own else None
    said.done.append(
        {"id": str(delivery.pk), "state": state.value, "reason": clean(reason), "mapping_version": version}
    )


def _parsed(delivery: Delivery, source: Source, mapping: str) -> Parsed:
    try:
        headers = {"content-type": delivery.content_type, **delivery.headers}
        body, received_at = bytes(delivery.body), delivery.received_at
        return registry.parse(source.kind, body, headers, received_at=received_at, mapping=mapping)
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


def _words(said: _Batch, about: Collection[Problem]) -> list[signalling.Word]:
    """What the batch says of problems, for those who ask how good the answers are; `about` components."""
    return [
        _word(said.sources[source_id], key, mark, of_component=(source_id, key) in about)
        for (source_id, key), marks in said.marks.items()
        for mark in marks
        if not mark.is_test
    ]


def _word(source: Source, key: str, mark: Mark, *, of_component: bool = True) -> signalling.Word:
    said = mark.reading
    return signalling.Word(
        source.pk, source.kind, key, said.state, said.labels, mark.at, mark.received_at, of_component
    )


def _write(said: _Batch, now: datetime) -> set[Problem]:
    """Fold the marks into the stored episodes, route what opened, save alerts and timeline rows.

    Returns the problems whose alerts are about a component.
    """
    stored = ledger.load(
        {problem: min(min(mark.at, mark.began or mark.at) for mark in marks) for problem, marks in said.marks.items()}
    )
    episodes: list[tuple[Problem, Episode]] = [
        (problem, episode)
        for problem, marks in said.marks.items()
        for episode in fold(stored.episodes.get(problem, ()), marks)
        if episode.changed
    ]
    opened = [
        routing.Opened(said.sources[problem[0]], episode, episode.shown, problem, problem in stored.seen)
        for problem, episode in episodes
        if episode.opened and episode.shown is not None
    ]
    placed, places = routing.route(opened, now=now) if opened else ([], [])
    by_episode: dict[int, Placed] = {id(one.episode): place for one, place in zip(opened, placed, strict=True)}
    ledger.save(episodes, by_episode, now=now)
    told = flapping.mark(episodes, seen=stored.seen, now=now)
    by_place = {id(one.episode): place for one, place in zip(opened, places, strict=True)}
    chronicle.tell([episode for _, episode in episodes], by_place, now=now)
    timeline.add_all(told)
    aftermath.tell(episodes, now=now)
    opening.reach(_moved([episode for _, episode in episodes], by_place), now=now)
    return {
        *stored.of_components,
        *(one.problem for one, place in zip(opened, placed, strict=True) if place.component_id),
    }


def _moved(episodes: Sequence[Episode], places: Mapping[int, opening.Place]) -> dict[int, list[datetime]]:
    """By incident, where its members begin of which it was told otherwise."""
    begins: dict[int, list[datetime]] = defaultdict(list)
    for episode in episodes:
        source = episode.cut_from or episode
        place = places.get(id(source))
        incident_id = place.incident.pk if place else source.incident_id
        if episode.moved and episode.times_seen and incident_id is not None:
            begins[incident_id].append(episode.started_at)
    return begins
