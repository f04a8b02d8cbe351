"""Alerts open incidents or join open ones, set-wise: a fixed number of statements for any number of alerts.

What decides is the time by the sender's clock and the time of receipt, never the clock of the worker: a worker that
was away for an hour makes of its backlog what it would have made at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Greatest

from incidents.response import chains, timeline
from incidents.response.models import AffectedService, Incident, TimelineRow
from incidents.response.vocabulary import DeclaredVia, DetectedBy, Severity, TimelineKind
from ownership.models import Component, Service
from ownership.queries import owners
from web.wording import age

GROUP_WINDOW = timedelta(minutes=30)
MAX_LENGTH = timedelta(hours=24)
LOCKS = 0x5EA1_0002  # the namespace of the advisory locks on grouping keys
BUCKETS = 64
KEY_LENGTH = 300


_REACH = """
UPDATE incidents_incident AS incident SET changed_at = %s, detected_at = LEAST(incident.detected_at, told.first),
    last_alert_at = GREATEST(incident.last_alert_at, told.last)
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS told(id, first, last)
WHERE incident.id = told.id AND (told.first < incident.detected_at OR told.last > incident.last_alert_at)
"""


@dataclass(frozen=True)
class Signal:
    """Something that began: an alert's first firing. `key` says what it is grouped with, `grouped_by` in words."""

    key: str
    grouped_by: str
    title: str
    at: datetime
    received_at: datetime
    severity: Severity
    severity_why: str
    component: Component | None = None
    service: Service | None = None
    affected: tuple[Service, ...] = ()
    why: str = ""
    detected_by: str = DetectedBy.MONITOR
    suggestion: Mapping[str, Any] = field(default_factory=dict)  # `layer` and why; empty when nothing suggests one


@dataclass(frozen=True)
class Place:
    """The incident that a signal opened or joined, and why that one."""

    incident: Incident
    opened: bool
    why: str


@dataclass
class _Plan:
    """What a batch does to the incidents table."""

    opened: list[Incident] = field(default_factory=list)
    joined: dict[int, Incident] = field(default_factory=dict)  # by id() of the object: new ones have no number yet
    raised: list[tuple[Incident, Signal, str]] = field(default_factory=list)


def place(signals: Sequence[Signal], *, now: datetime) -> list[Place]:
    """Open or join an incident for each signal, in the order of their times; the answers align with `signals`.

    Runs inside the caller's transaction. Writes the incidents, their affected services and the rows that say why.
    """
    keys = sorted({signal.key for signal in signals})
    _lock(keys)
    open_by_key = _joinable(keys)
    plan = _Plan()
    places: dict[int, Place] = {}
    for index in sorted(range(len(signals)), key=lambda index: (signals[index].at, signals[index].received_at)):
        places[index] = _place_one(signals[index], open_by_key, plan)
    _know_owners(plan, places, signals)
    _save(plan, now)
    ordered = [places[index] for index in range(len(signals))]
    _save_affected(signals, ordered)
    timeline.add_all([*_routed(signals, ordered, now), *_raised(plan, now)])
    return ordered


def reach(begins: Mapping[int, Sequence[datetime]], *, now: datetime) -> None:
    """News that came out of order: members of these incidents begin earlier or later than was known.

    Runs inside the caller's transaction; one statement.
    """
    if begins:
        first, last = [min(times) for times in begins.values()], [max(times) for times in begins.values()]
        with connection.cursor() as cursor:
            cursor.execute(_REACH, [now, list(begins), first, last])


def end_joining(*, as_of: datetime) -> int:
    """Incidents past their window or maximum length take no more alerts by themselves; returns how many.

    Those that somebody holds locked wait for the next time. Runs inside the caller's transaction.
    """
    latest = Greatest("last_alert_at", "opened_at")
    late = Q(latest__lt=as_of - GROUP_WINDOW) | Q(opened_at__lt=as_of - MAX_LENGTH)
    found = Incident.objects.alias(latest=latest).filter(late, resolved_at=None, joinable=True)
    free = found.select_for_update(skip_locked=True, no_key=True).values("pk")
    return Incident.objects.filter(pk__in=free).update(joinable=False)


def adopt_group(incident: Incident, *, key: str) -> None:
    """From now on further alerts of `key` join this incident, unless another open one has that key already.

    Runs inside the caller's transaction.
    """
    _lock([key])
    taken = _joinable([key])
    joinable = incident.joinable and (key not in taken or taken[key].pk == incident.pk)
    Incident.objects.filter(pk=incident.pk, resolved_at=None).update(grouping_key=key[:KEY_LENGTH], joinable=joinable)


def _lock(keys: Collection[str]) -> None:
    """One digest at a time decides about a key; ascending buckets, so no deadlock. Held until the transaction ends.

    With the key locked, looking first and inserting only what is missing burns no incident numbers.
    """
    buckets = sorted({zlib.crc32(key.encode()) % BUCKETS for key in keys})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, bucket) FROM unnest(%s::int[]) AS bucket", [LOCKS, buckets])


def _joinable(keys: Collection[str]) -> dict[str, Incident]:
    found = Incident.objects.filter(grouping_key__in=keys, joinable=True, resolved_at=None)
    return {incident.grouping_key: incident for incident in found.order_by("pk").select_for_update(no_key=True)}


def _place_one(signal: Signal, open_by_key: dict[str, Incident], plan: _Plan) -> Place:
    current = open_by_key.get(signal.key)
    if current is not None and _fits(current, signal):
        return _join(current, signal, plan)
    if current is not None:
        current.joinable = False
        plan.joined[id(current)] = current
    incident = Incident(
        title=signal.title,
        service=signal.service,
        component=signal.component,
        severity=signal.severity,
        detected_by=signal.detected_by,
        detected_at=signal.at,
        opened_at=signal.received_at,
        declared_via=DeclaredVia.ALERT,
        grouping_key=signal.key,
        joinable=True,
        last_alert_at=signal.at,
    )
    _suggest(incident, signal)
    open_by_key[signal.key] = incident
    plan.opened.append(incident)
    return Place(incident, opened=True, why=f"opened it: {signal.grouped_by} had no incident to join")


def _fits(incident: Incident, signal: Signal) -> bool:
    """Within the window after the last alert or the opening, and within the maximum length."""
    last = max(incident.last_alert_at or incident.opened_at, incident.opened_at)
    return signal.at <= last + GROUP_WINDOW and signal.at <= incident.opened_at + MAX_LENGTH


def _join(incident: Incident, signal: Signal, plan: _Plan) -> Place:
    incident.last_alert_at = max(incident.last_alert_at or signal.at, signal.at)
    incident.detected_at = min(incident.detected_at, signal.at)
    plan.joined[id(incident)] = incident
    _suggest(incident, signal)
    worse = signal.severity.rank < Severity(incident.severity).rank
    if worse and incident.severity_set_by_id is None:
        text = f"{Severity(incident.severity).label} → {signal.severity.label}"
        incident.severity = signal.severity
        plan.raised.append((incident, signal, text))
    why = f"joined it: the last alert of {signal.grouped_by} was less than {age(GROUP_WINDOW)} before"
    return Place(incident, opened=False, why=why)


def _suggest(incident: Incident, signal: Signal) -> None:
    """The first member that suggests a layer does so for the incident; later ones change nothing."""
    if signal.suggestion and not incident.suggested_layer:
        incident.suggested_layer, incident.suggestion = signal.suggestion["layer"], dict(signal.suggestion)


def _know_owners(plan: _Plan, places: Mapping[int, Place], signals: Sequence[Signal]) -> None:
    """Keep with each new incident who answered at the time of its first alert."""
    openers = [(signals[index], place.incident) for index, place in places.items() if place.opened]
    wanted = {(signal.service.pk, signal.at) for signal, _ in openers if signal.service}
    answering = owners.of_services_at(wanted)
    for signal, incident in openers:
        holders = answering[signal.service.pk, signal.at] if signal.service else owners.NOBODY
        incident.chain = chains.snapshot(
            service=signal.service, component=signal.component, answering=holders, at=signal.at, why=signal.why
        )


def _save(plan: _Plan, now: datetime) -> None:
    new = {id(incident) for incident in plan.opened}
    stored = [incident for key, incident in plan.joined.items() if key not in new]
    for incident in stored:
        incident.changed_at = now
    # Before the new ones: where the old one's window is past, its successor takes the one joinable place.
    Incident.objects.bulk_update(
        stored,
        ["joinable", "last_alert_at", "detected_at", "severity", "suggested_layer", "suggestion", "changed_at"],
    )
    Incident.objects.bulk_create(plan.opened)


def _save_affected(signals: Sequence[Signal], places: Sequence[Place]) -> None:
    rows = {
        (place.incident.pk, service.pk): AffectedService(
            incident=place.incident, service=service, why=f"{signal.component} is also part of it"[:300]
        )
        for signal, place in zip(signals, places, strict=True)
        for service in signal.affected
        if service.pk != place.incident.service_id
    }
    AffectedService.objects.bulk_create(rows.values(), ignore_conflicts=True)


def _routed(signals: Sequence[Signal], places: Sequence[Place], now: datetime) -> list[TimelineRow]:
    """For each new incident: who answers by which rule, how bad by which row of the table, which layer is suggested."""
    rows = []
    for signal, place_ in zip(signals, places, strict=True):
        if place_.opened:
            who = chains.words(place_.incident.chain)
            text = f"{signal.service.name}: {who}" if signal.service else "Nobody answers for this yet"
            rows.append(
                timeline.row(
                    place_.incident,
                    TimelineKind.ROUTED,
                    at=signal.at,
                    now=now,
                    text=text,
                    why="; ".join(filter(None, (signal.why, signal.severity_why, _suggested(signal)))),
                )
            )
    return rows


def _suggested(signal: Signal) -> str:
    said = signal.suggestion
    return f"suggests {said['layer']} because {said['why']}" if said else ""


def _raised(plan: _Plan, now: datetime) -> list[TimelineRow]:
    return [
        timeline.row(
            incident,
            TimelineKind.SEVERITY,
            at=signal.at,
            now=now,
            text=text,
            why=f"raised by “{signal.title}”: {signal.severity_why}",
        )
        for incident, signal, text in plan.raised
    ]
