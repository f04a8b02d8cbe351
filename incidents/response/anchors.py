"""The named times of an incident: corrected by people with a reason, and checked by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.response import impacts, timeline
from incidents.response.impacts import Impact
from incidents.response.locking import locked, refuse_absurd
from incidents.response.models import Incident
from incidents.response.vocabulary import Anchor, TimelineKind
from ownership.models import Person
from web.errors import DomainError, Invalid

COLUMNS = {  # all but the start of the impact, which has a precision
    Anchor.DETECTED: "detected_at",
    Anchor.ACKNOWLEDGED: "acknowledged_at",
    Anchor.IDENTIFIED: "identified_at",
    Anchor.MITIGATED: "mitigated_at",
    Anchor.RESOLVED: "resolved_at",
}
BY = {"acknowledged_at": "acknowledged_by", "mitigated_at": "mitigated_by"}
SAVED = [
    "impact_from", "impact_until", "impact_precision", *COLUMNS.values(), *BY.values(), "times_checked_at",
    "times_checked_by", "changed_at",
]  # fmt: skip


class TimesChanged(DomainError):
    """Somebody, or an alert, changed a time meanwhile; look at the times as they are now, then save again."""

    code = "times_changed"


@dataclass(frozen=True)
class Times:
    """The anchors as they stand or as somebody says they were."""

    impact: Impact
    detected_at: datetime | None
    acknowledged_at: datetime | None = None
    identified_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def stamp(self) -> str:
        """Two that are equal have the same; for a form to say what it was written on."""
        times = (self.impact.begins, self.impact.until, *(getattr(self, name) for name in COLUMNS.values()))
        return "|".join([self.impact.precision, *(time.isoformat() if time else "" for time in times)])


def of(incident: Incident) -> Times:
    """The anchors of an incident."""
    return Times(impacts.start_of(incident), **{name: getattr(incident, name) for name in COLUMNS.values()})


def correct(
    incident: Incident,
    *,
    times: Times | None,
    reason: str,
    by: Person,
    now: datetime,
    checked: bool = False,
    written_on: str | None = None,
) -> Incident:
    """Set the anchors as they were, with a reason; `checked` also says that all of them are right.

    The old values stay in the incident's versions. `written_on` is the stamp of the times that the person saw:
    TimesChanged when they are others by now; `times` None: as they stand. Acknowledged and resolved cannot be taken
    away here, nor resolved set.
    """
    reason = reason.strip()
    with locked(incident) as current:
        before = of(current)
        if written_on is not None and written_on != before.stamp:
            raise TimesChanged
        times = times or before
        changes = _changes(before, times)
        if not changes and not checked:
            raise Invalid("Nothing was changed.", field="reason")
        if changes and not reason:
            raise Invalid("Say why: where the better time comes from.", field="reason")
        _refuse(current, before, times, now)
        _set(current, times, by)
        if checked:
            current.times_checked_at, current.times_checked_by = now, by
        elif changes:
            current.times_checked_at = current.times_checked_by = None
        current.save(update_fields=SAVED)
        _tell(current, changes, reason=reason, checked=checked, by=by, now=now)
    return current


def check(incident: Incident, *, by: Person, now: datetime, written_on: str | None = None) -> Incident:
    """Say that all times are right as they stand; a change of any of them takes that away again."""
    return correct(incident, times=None, reason="", by=by, now=now, checked=True, written_on=written_on)


def _changes(before: Times, after: Times) -> dict[Anchor, tuple[datetime | None, datetime | None]]:
    found = {
        anchor: (getattr(before, name), getattr(after, name))
        for anchor, name in COLUMNS.items()
        if getattr(before, name) != getattr(after, name)
    }
    if before.impact != after.impact:
        found = {Anchor.IMPACT: (before.impact.begins, after.impact.begins), **found}
    return found


def _refuse(current: Incident, before: Times, after: Times, now: datetime) -> None:
    refuse_absurd(now, impact_from=after.impact.begins, impact_until=after.impact.until)
    refuse_absurd(now, **{name: getattr(after, name) for name in COLUMNS.values()})
    if after.detected_at is None:
        raise Invalid("Somebody or something noticed it; say when.", field="detected_at")
    if before.acknowledged_at and not after.acknowledged_at:
        raise Invalid("It was acknowledged; the time can be another, but not none.", field="acknowledged_at")
    if before.resolved_at and not after.resolved_at:
        raise Invalid("Reopen it instead: then it is not resolved.", field="resolved_at")
    if after.resolved_at and not before.resolved_at:
        raise Invalid("Resolve it first; then its time can be corrected.", field="resolved_at")
    if after.resolved_at and after.resolved_at < after.detected_at:
        raise Invalid("It cannot be resolved before it was noticed.", field="resolved_at")


def _set(current: Incident, times: Times, by: Person) -> None:
    impacts.begin(current, times.impact)
    for name in COLUMNS.values():
        was, becomes = getattr(current, name), getattr(times, name)
        setattr(current, name, becomes)
        if name in BY and (was is None) != (becomes is None):
            setattr(current, BY[name], by if becomes else None)


def _tell(
    current: Incident,
    changes: Mapping[Anchor, tuple[datetime | None, datetime | None]],
    *,
    reason: str,
    checked: bool,
    by: Person,
    now: datetime,
) -> None:
    """One row for the correction; a new start of the impact has its row at its own time too."""
    told = [
        {"anchor": anchor.value, "was": was.isoformat() if was else "", "is": becomes.isoformat() if becomes else ""}
        for anchor, (was, becomes) in changes.items()
    ]
    text = "; ".join(filter(None, ("corrected" if told else "", "checked" if checked else "")))
    timeline.add(current, TimelineKind.TIMES, at=now, now=now, by=by, text=text, why=reason, data={"changes": told})
    if Anchor.IMPACT in changes:
        began = impacts.start_of(current)
        at = began.begins or current.detected_at
        timeline.add(current, TimelineKind.IMPACT, at=at, now=now, by=by, why=reason, data=began.told())
