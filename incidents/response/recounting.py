"""What a batch of signals has to tell: who answered, which services are hit too, and the rows of the timelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from incidents.response import chains, timeline
from incidents.response.models import AffectedService, TimelineRow
from incidents.response.queries import policies
from incidents.response.signals import Place, Plan, Signal
from incidents.response.vocabulary import TimelineKind
from ownership.models import Service
from ownership.queries import owners


def know_owners(plan: Plan, places: Mapping[int, Place], signals: Sequence[Signal]) -> None:
    """Keep with each new incident who answered at the time of its first alert."""
    openers = [(signals[index], place.incident) for index, place in places.items() if place.opened]
    wanted = {(signal.service.pk, signal.at) for signal, _ in openers if signal.service}
    answering = owners.of_services_at(wanted)
    for signal, incident in openers:
        holders = answering[signal.service.pk, signal.at] if signal.service else owners.NOBODY
        incident.chain = chains.snapshot(
            service=signal.service, component=signal.component, answering=holders, at=signal.at, why=signal.why
        )


def save_affected(signals: Sequence[Signal], places: Sequence[Place]) -> None:
    """Further services that the incidents hit: one statement."""
    rows = {
        (place.incident.pk, service.pk): AffectedService(
            incident=place.incident, service=service, why=_why_affected(signal, service)
        )
        for signal, place in zip(signals, places, strict=True)
        for service in (*signal.affected, *_of_a_follower(signal))
        if service.pk != place.incident.service_id
    }
    AffectedService.objects.bulk_create(rows.values(), ignore_conflicts=True)


def _of_a_follower(signal: Signal) -> list[Service]:
    """The service of what joined another's incident because a person moved it there."""
    return [signal.service] if signal.follows and signal.service else []


def _why_affected(signal: Signal, service: Service) -> str:
    if service == signal.service:
        return "an alert of it was moved here"
    return f"{signal.component} is also part of it"[:300]


def add_rows(plan: Plan, signals: Sequence[Signal], places: Sequence[Place], *, now: datetime) -> None:
    """What was opened again, opened, raised: one statement."""
    timeline.add_all([*_reopened(plan, now), *_routed(signals, places, now), *_raised(plan, now)])


def _reopened(plan: Plan, now: datetime) -> list[TimelineRow]:
    return [
        timeline.row(incident, TimelineKind.REOPENED, at=signal.at, now=now, text=f"by “{signal.title}”", why=why)
        for incident, signal, why in plan.reopened
    ]


def _routed(signals: Sequence[Signal], places: Sequence[Place], now: datetime) -> list[TimelineRow]:
    """For each new incident: who answers by which rule, how bad by which row of the table, and how it is grouped."""
    rows = []
    for signal, place_ in zip(signals, places, strict=True):
        if place_.opened:
            who = chains.words(place_.incident.chain)
            grouped = f"grouped by {policies.words(place_.incident.policy)}"
            text = f"{signal.service.name}: {who}" if signal.service else "Nobody answers for this yet"
            rows.append(
                timeline.row(
                    place_.incident,
                    TimelineKind.ROUTED,
                    at=signal.at,
                    now=now,
                    text=text,
                    why="; ".join(filter(None, (signal.why, signal.severity_why, _suggested(signal), grouped))),
                )
            )
    return rows


def _suggested(signal: Signal) -> str:
    said = signal.suggestion
    return f"suggests {said['layer']} because {said['why']}" if said else ""


def _raised(plan: Plan, now: datetime) -> list[TimelineRow]:
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
