"""Findings: recorded, revised, withdrawn; nothing is overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from incidents.response import timeline
from incidents.response.models import FailureMode, Finding, Incident, TimelineRow
from incidents.response.vocabulary import Confidence, FindingRole, FindingState, TimelineKind
from ownership.models import Component, Dependency, Person
from web.errors import DomainError, translated

CARRIED = ("layer", "mode", "component", "dependency", "role", "evidence", "confidence", "primary", "state")


class FindingChanged(DomainError):
    """Somebody changed this finding meanwhile; reload and look again."""

    code = "finding_changed"


def has_primary(incident: Incident) -> bool:
    """True when one of the incident's current findings is the primary one."""
    return Finding.objects.filter(incident=incident, primary=True, superseded_at=None).exists()


def record(
    incident: Incident,
    *,
    by: Person,
    now: datetime,
    layer: str = "",
    mode: FailureMode | None = None,
    component: Component | None = None,
    dependency: Dependency | None = None,
    role: str = FindingRole.CAUSE,
    evidence: str = "",
    confidence: str = Confidence.PROBABLE,
    primary: bool = False,
    state: str = FindingState.PROVISIONAL,
) -> Finding:
    """A new finding of an incident. A mode brings its layer; the database refuses a second primary one."""
    with translated():
        finding = Finding.objects.create(
            incident=incident,
            layer=layer or (mode.layer if mode else ""),
            mode=mode,
            component=component,
            dependency=dependency,
            role=role,
            evidence=evidence.strip(),
            confidence=confidence,
            primary=primary,
            state=state,
            by=by,
            known_from=now,
        )
        _tell(finding, "found", by=by, now=now)
    return finding


def provisional(
    incident: Incident,
    layer: str,
    mode: FailureMode | None,
    *,
    evidence: str,
    primary: bool,
    by: Person,
    now: datetime,
) -> Finding:
    """What resolving finds, not yet saved, for acts that write many at once; they also write what is `told` of it."""
    return Finding(
        incident=incident,
        layer=mode.layer if mode else layer,
        mode=mode,
        component=incident.component,
        role=FindingRole.CAUSE,
        evidence=evidence.strip(),
        confidence=Confidence.PROBABLE,
        primary=primary,
        state=FindingState.PROVISIONAL,
        by=by,
        known_from=now,
    )


def revise(finding: Finding, *, by: Person, now: datetime, **changes: Any) -> Finding:
    """Supersede a finding by a changed version on the same line; `changes` are fields of `record`.

    Making it primary takes that mark from the one that had it. Nothing changed is nothing done.
    """
    if "mode" in changes and changes["mode"] is not None:
        changes.setdefault("layer", changes["mode"].layer)
    if all(getattr(finding, name) == value for name, value in changes.items()):
        return finding
    with translated():
        if changes.get("primary") and not finding.primary:
            for other in Finding.objects.filter(incident=finding.incident_id, primary=True, superseded_at=None):
                _next_version(other, by=by, now=now, primary=False)
        revised = _next_version(finding, by=by, now=now, **changes)
        confirmed = finding.state == FindingState.PROVISIONAL and revised.state == FindingState.REVIEWED
        _tell(revised, "reviewed" if confirmed else "revised", by=by, now=now)
    return revised


def withdraw(finding: Finding, *, by: Person, now: datetime) -> None:
    """Take a finding back; it stays in the past of the record."""
    with translated():
        _supersede(finding, now=now)
        _tell(finding, "withdrawn", by=by, now=now)


def _next_version(finding: Finding, *, by: Person, now: datetime, **changes: Any) -> Finding:
    _supersede(finding, now=now)
    carried = {name: getattr(finding, name) for name in CARRIED} | changes
    return Finding.objects.create(incident_id=finding.incident_id, line=finding.line, by=by, known_from=now, **carried)


def _supersede(finding: Finding, *, now: datetime) -> None:
    ended = Finding.objects.filter(pk=finding.pk, superseded_at=None).update(superseded_at=now)
    if not ended:
        raise FindingChanged


def told(finding: Finding, verb: str, *, by: Person, now: datetime) -> TimelineRow:
    """What the timeline says of it, not yet saved; `verb` is found, reviewed, revised or withdrawn."""
    text = f"{verb}: {finding.mode.name if finding.mode else finding.get_layer_display()}"
    data = {"layer": finding.layer, "line": str(finding.line), "verb": verb, "state": finding.state}
    return timeline.row(finding.incident, TimelineKind.FINDING, at=now, now=now, by=by, text=text, data=data)


def _tell(finding: Finding, verb: str, *, by: Person, now: datetime) -> None:
    timeline.add_all([told(finding, verb, by=by, now=now)])
