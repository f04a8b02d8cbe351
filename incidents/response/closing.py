"""Incidents resolve by themselves once the alerts that opened them have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from incidents.response import timeline
from incidents.response.models import Incident
from incidents.response.vocabulary import ResolvedHow, TimelineKind


@dataclass(frozen=True)
class Verdict:
    """All alerts of an incident have resolved, the last one at `at`; `why` says so in words."""

    incident: Incident
    at: datetime
    why: str


def by_alerts(verdicts: Collection[Verdict], *, now: datetime) -> None:
    """Resolve incidents whose rows the caller has locked; two statements for any number.

    An impact that a person says began later than the last resolve moves the end to that beginning.
    """
    resolved, rows = [], []
    for verdict in verdicts:
        incident = verdict.incident
        incident.resolved_at = max(verdict.at, incident.impact_from or verdict.at, incident.detected_at)
        incident.resolved_how, incident.resolved_by = ResolvedHow.ALERTS, None
        incident.joinable, incident.changed_at = False, now
        resolved.append(incident)
        rows.append(timeline.row(incident, TimelineKind.RESOLVED, at=incident.resolved_at, now=now, why=verdict.why))
    Incident.objects.bulk_update(resolved, ["resolved_at", "resolved_how", "resolved_by", "joinable", "changed_at"])
    timeline.add_all(rows)
