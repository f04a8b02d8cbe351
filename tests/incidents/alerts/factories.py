"""Sources, deliveries and Alertmanager bodies for tests."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from incidents.alerts import changing, digest, intake, rotating, sourcing
from incidents.alerts.change_models import Change
from incidents.alerts.models import Delivery, Source
from incidents.alerts.trust_models import Purpose
from incidents.response import policies
from incidents.response.models import GroupingPolicy, Incident, TimelineRow
from incidents.response.policies import Said
from ownership.models import Component, Person, Service
from tests import factories as make
from tests.factories import NOON

ZERO = "0001-01-01T00:00:00Z"
LONG_AGO = NOON - timedelta(days=60)
_count = itertools.count(1)


def source(name: str = "", **fields: Any) -> Source:
    """A connected Alertmanager."""
    return with_key(name, **fields)[0]


def with_key(name: str = "", **fields: Any) -> tuple[Source, str]:
    """A connected Alertmanager and its key."""
    return sourcing.add(kind="alertmanager", name=name or f"Cluster {next(_count)}", by=None, now=NOON, **fields)


def live_keys(of: Source) -> list[str]:
    """The hashes of its live hook keys, the newest first."""
    return [one.digest for one in rotating.live(of, Purpose.KEY, now=timezone.now())]


def alert(
    name: str = "HighLatency",
    *,
    starts: datetime = NOON,
    ends: datetime | None = None,
    severity: str = "warning",
    summary: str = "",
    fingerprint: str | None = None,
    **labels: str,
) -> dict[str, Any]:
    """One alert of a batch, resolved when it has an end."""
    one: dict[str, Any] = {
        "status": "resolved" if ends else "firing",
        "labels": {"alertname": name, "severity": severity, **labels},
        "annotations": {"summary": summary or f"{name} is firing"},
        "startsAt": starts.isoformat(),
        "endsAt": ends.isoformat() if ends else ZERO,
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
    }
    if fingerprint is not None:
        one["fingerprint"] = fingerprint
    return one


def body(*alerts: dict[str, Any], **group: Any) -> bytes:
    """A batch as Alertmanager posts it."""
    firing = any(one.get("status") == "firing" for one in alerts)
    whole = {"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing" if firing else "resolved"}
    return json.dumps({**whole, "alerts": list(alerts), **group}).encode()


def policy(of: Service | None = None, *, now: datetime = LONG_AGO, **said: Any) -> GroupingPolicy:
    """A version of a grouping policy, by default in force since long ago."""
    return policies.save(of, Said(**said), by=make.person(role="editor"), now=now)


def deliver(to: Source, *alerts: dict[str, Any], at: datetime = NOON, raw: bytes | None = None) -> Delivery:
    """Store a delivery, not digested yet."""
    content = body(*alerts) if raw is None else raw
    taken = intake.store(to, body=content, headers={}, now=at)
    return Delivery.objects.get(pk=taken.id)


def send(to: Source, *alerts: dict[str, Any], at: datetime = NOON) -> Delivery:
    """Store a delivery and digest all that waits."""
    delivery = deliver(to, *alerts, at=at)
    drain(at)
    delivery.refresh_from_db()
    return delivery


def rejected(to: Source, raw: bytes = b"[]", *, at: datetime = NOON) -> Delivery:
    """A delivery that its adapter could not read; another try may."""
    delivery = deliver(to, at=at, raw=raw)
    drain(at)
    delivery.refresh_from_db()
    assert delivery.state == "rejected"
    return delivery


def drain(at: datetime = NOON) -> None:
    """Digest until nothing waits."""
    while digest.batch(now=at):
        pass


def change(title: str = "", *, of: Component | Service | None = None, by: Person | None = None, **said: Any) -> Change:
    """A change recorded by hand, an hour before NOON unless said otherwise."""
    said.setdefault("at", NOON - timedelta(hours=1))
    now = said.pop("now", NOON)
    if of is not None:
        said["service" if isinstance(of, Service) else "component"] = of
    new = changing.Said(title=title or f"Change {next(_count)}", **said)
    return changing.record(new, by=by or make.person(), now=now)[0]


def minutes(count: float, *, after: datetime = NOON) -> datetime:
    """That many minutes after NOON."""
    return after + timedelta(minutes=count)


def kinds(incident: Incident) -> list[str]:
    """The timeline's kinds in the order they happened."""
    return list(TimelineRow.objects.filter(incident=incident).order_by("at", "pk").values_list("kind", flat=True))


def utc(text: str) -> datetime:
    """A time written as `2026-11-20 12:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
