"""Incidents of the past with what was found in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from incidents.patterns.window import Window
from incidents.response import findings, lifecycle
from incidents.response.models import FailureMode, Finding, Incident
from ownership.models import Person, Service
from tests import factories as make

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def window(now: datetime = NOW, **asked: str) -> Window:
    """The window that a query asks for; `from_` stands for `from`."""
    return Window.from_query({name.rstrip("_"): value for name, value in asked.items()}, now)


def happened(
    at: datetime,
    *layers: str,
    service: Service | None = None,
    reviewed: bool = False,
    resolved: bool = True,
    by: Person | None = None,
) -> Incident:
    """An incident detected at `at`, resolved an hour later, with a finding in each of `layers`."""
    by = by or make.person()
    now = max(NOW, at + timedelta(hours=2))
    incident = lifecycle.declare(
        title="Answers cite the wrong article", by=by, now=now, detected_at=at, service=service
    )
    if resolved:
        lifecycle.resolve(incident, by=by, now=now, at=at + timedelta(hours=1))
    for layer in layers:
        found(incident, layer, reviewed=reviewed, by=by)
    return incident


def found(incident: Incident, layer: str, *, by: Person, reviewed: bool = False) -> Finding:
    """One finding, provisional unless reviewed."""
    finding = findings.record(incident, layer=layer, by=by, now=NOW)
    return review(finding, by=by) if reviewed else finding


def review(finding: Finding, *, by: Person, layer: str = "") -> Finding:
    """Confirm a provisional finding, or replace it by one in another layer."""
    mode = FailureMode.objects.filter(layer=layer or finding.layer).order_by("code")[0]
    return findings.revise(finding, by=by, now=NOW, mode=mode, evidence="trace 12", state="reviewed")


def month(text: str) -> date:
    """`2026-03` as its first day."""
    return date.fromisoformat(f"{text}-01")
