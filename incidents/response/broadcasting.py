"""Telling webhooks what happened to incidents: rows that triggers wrote become the messages that are sent."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from incidents.response.models import Incident, IncidentEvent
from ownership import delivering, withholding
from ownership.models import Person, Service
from web.registry import EventName

BATCH = 500
VERSION = 1
# The kind that a trigger wrote → what webhooks know it by.
EVENTS = {
    "opened": EventName("incident.opened", "An incident opened"),
    "acknowledged": EventName("incident.acknowledged", "Somebody acknowledged it"),
    "severity": EventName("incident.severity_changed", "Its severity changed"),
    "service": EventName("incident.service_named", "Its service was named"),
    "mitigated": EventName("incident.mitigated", "Users are well again"),
    "resolved": EventName("incident.resolved", "It was resolved"),
    "reopened": EventName("incident.reopened", "It is open again"),
    "closed": EventName("incident.closed", "It was closed"),
    "handed_off": EventName("incident.handed_off", "Somebody else has the ball"),
    "merged": EventName("incident.merged", "It was merged with another one, or parted from it"),
    "escalated": EventName("incident.escalated", "Somebody further was told", quiet=True),
    "note": EventName("incident.note", "Somebody wrote a note", quiet=True),
}
TIMES = ("detected_at", "opened_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at")


def drain(*, now: datetime, limit: int = BATCH) -> int:
    """Write what each webhook is told of what waits, in order; returns how many events. One transaction.

    Several workers may drain: each takes what no other holds.
    """
    with transaction.atomic():
        withholding.begin_writing()
        waiting = IncidentEvent.objects.order_by("pk").select_related("incident")
        rows = list(waiting.select_for_update(of=("self",), skip_locked=True)[:limit])
        if not rows:
            return 0
        people = Person.objects.in_bulk(_ids(rows))
        services = Service.objects.in_bulk({row.state["service_id"] for row in rows if row.state.get("service_id")})
        delivering.publish([_event(row, people, services) for row in rows if row.kind in EVENTS], now=now)
        IncidentEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def withhold(*, numbers: Collection[int]) -> None:
    """These incidents are private now: webhooks that hear of no private ones are told nothing more of them."""
    withholding.about([Incident(pk=number).ref for number in numbers])


def _ids(rows: Collection[IncidentEvent]) -> set[int]:
    return {one for row in rows for one in (row.by, row.state.get("ball_id")) if one is not None}


def _event(row: IncidentEvent, people: Mapping[int, Person], services: Mapping[int, Service]) -> delivering.Event:
    name = EVENTS[row.kind].name
    body = {
        "version": VERSION,
        "id": str(row.event_id),
        "event": name,
        "sequence": row.pk,
        "at": row.at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "by": _person(people.get(row.by or 0)),
        "text": row.text,
        "why": row.why,
        "incident": _incident(row, people, services),
    }
    # What is private now is nobody else's, whatever it was when this happened.
    is_private = bool(row.state.get("private")) or row.incident.private
    return delivering.Event(row.event_id, name, row.incident.ref, json.dumps(body), is_private)


def _incident(row: IncidentEvent, people: Mapping[int, Person], services: Mapping[int, Service]) -> dict[str, Any]:
    state = row.state
    service = services.get(state.get("service_id") or 0)
    return {
        "id": row.incident_id,
        "ref": row.incident.ref,
        "url": f"{settings.BASE_URL}{reverse('incidents:incident', args=[row.incident_id])}",
        "title": state["title"],
        "state": _state(state),
        "severity": state["severity"],
        "service": {"slug": service.slug, "name": service.name} if service else None,
        "has_ball": _person(people.get(state.get("ball_id") or 0)),
        "private": bool(state.get("private")),
        **{name: state.get(name) for name in TIMES},
    }


def _state(state: Mapping[str, Any]) -> str:
    if state.get("merged_into_id"):
        return "merged"
    for name in ("closed", "resolved", "mitigated", "acknowledged"):
        if state.get(f"{name}_at"):
            return name
    return "open"


def _person(person: Person | None) -> dict[str, Any] | None:
    return {"id": person.pk, "name": str(person), "email": person.email} if person else None
