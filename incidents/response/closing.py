"""How incidents come to an end without anybody resolving them by hand: by their alerts; and closed, once reviewed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from incidents.response import timeline
from incidents.response.locking import NotResolved, locked
from incidents.response.models import Incident
from incidents.response.vocabulary import ResolvedHow, TimelineKind
from ownership.models import Person
from web import registry
from web.errors import Invalid


class NotReviewed(Invalid):
    """Its review is not done, and nobody has said why it goes without one."""

    code = "not_reviewed"


@dataclass(frozen=True)
class Verdict:
    """All alerts of an incident have resolved, the last one at `at`; `why` says so in words."""

    incident: Incident
    at: datetime
    why: str


def by_alerts(verdicts: Collection[Verdict], *, now: datetime) -> None:
    """Resolve incidents whose rows the caller has locked; two statements for any number.

    An impact that a person says began, or was mitigated, later than the last resolve moves the end there.
    """
    resolved, rows = [], []
    for verdict in verdicts:
        incident = verdict.incident
        people_said = filter(None, (incident.impact_from, incident.mitigated_at))
        incident.resolved_at = max(verdict.at, incident.detected_at, *people_said)
        incident.resolved_how, incident.resolved_by = ResolvedHow.ALERTS, None
        incident.joinable, incident.changed_at = False, now
        resolved.append(incident)
        rows.append(timeline.row(incident, TimelineKind.RESOLVED, at=incident.resolved_at, now=now, why=verdict.why))
    Incident.objects.bulk_update(resolved, ["resolved_at", "resolved_how", "resolved_by", "joinable", "changed_at"])
    timeline.add_all(rows)


def close(incident: Incident, *, by: Person, now: datetime, why: str = "") -> Incident:
    """Nothing is left to do on it. Twice is once.

    Raises NotResolved, and NotReviewed with what speaks against it (`registry.guards_for("close", …)`).
    """
    with locked(incident) as current:
        if not current.is_over:
            raise NotResolved("This incident is not resolved yet.")
        for guard in registry.guards_for("close", [current.pk]).get(current.pk, []):
            raise NotReviewed(f"{guard.label}. {guard.hint}")
        end(current, by=by, now=now, why=why)
    return current


def end(current: Incident, *, by: Person, now: datetime, why: str) -> None:
    """Close this resolved incident, whose row the caller has locked, because its review is done: `why` says how."""
    if current.closed_at is None:
        current.closed_at, current.closed_by = max(now, current.resolved_at or now), by
        current.save(update_fields=["closed_at", "closed_by", "changed_at"])
        timeline.add(current, TimelineKind.CLOSED, at=now, now=now, by=by, why=why)
