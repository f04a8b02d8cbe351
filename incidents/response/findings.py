"""Findings: recorded, revised, withdrawn; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from incidents.response import evidence as showing
from incidents.response import timeline
from incidents.response.models import FailureMode, Finding, Incident, TimelineRow
from incidents.response.vocabulary import Confidence, FindingRole, FindingState, TimelineKind
from ownership.models import Component, Dependency, Person
from web import registry
from web.errors import DomainError, translated

STAND = (
    "findings_stand"  # told with the `numbers` of incidents, when a finding was recorded there or says another thing
)
CARRIED = ("layer", "mode", "component", "dependency", "role", "evidence", "links", "confidence", "primary", "state")
_TICK = timedelta(microseconds=1)


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
    links: Sequence[Mapping[str, Any]] = (),
    confidence: str = Confidence.PROBABLE,
    primary: bool = False,
    state: str = FindingState.PROVISIONAL,
    why: str = "",
) -> Finding:
    """A new finding of an incident. A mode brings its layer; the database refuses a second primary one.

    `links` as in `evidence.clean`; `why` is what the timeline says of its coming to be.
    """
    shown_by = showing.clean(links)
    with translated():
        now = _turn(incident.pk, now)
        finding = Finding.objects.create(
            incident=incident,
            layer=layer or (mode.layer if mode else ""),
            mode=mode,
            component=component,
            dependency=dependency,
            role=role,
            evidence=evidence.strip(),
            links=shown_by,
            confidence=confidence,
            primary=primary,
            state=state,
            by=by,
            known_from=now,
        )
        _tell(finding, "found", by=by, now=now, why=why)
        tell_of([incident.pk])
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
    if "links" in changes:
        changes["links"] = showing.clean(changes["links"])
    if all(getattr(finding, name) == value for name, value in changes.items()):
        return finding
    with translated():
        now = _turn(finding.incident_id, now)
        if changes.get("primary") and not finding.primary:
            for other in Finding.objects.filter(incident=finding.incident_id, primary=True, superseded_at=None):
                _next_version(other, by=by, now=now, primary=False)
        revised = _next_version(finding, by=by, now=now, **changes)
        confirmed = finding.state == FindingState.PROVISIONAL and revised.state == FindingState.REVIEWED
        _tell(revised, "reviewed" if confirmed else "revised", by=by, now=now)
        tell_of([finding.incident_id])
    return revised


def withdraw(finding: Finding, *, by: Person, now: datetime, why: str = "") -> None:
    """Take a finding back; it stays in the past of the record."""
    with translated():
        now = max(_turn(finding.incident_id, now), finding.known_from)
        _supersede(finding, now=now)
        _tell(finding, "withdrawn", by=by, now=now, why=why)


def as_of(incident: Incident, *, now: datetime) -> datetime:
    """`now`, or when its findings last changed where that is later. The caller holds the incident's row."""
    rows = Finding.objects.filter(incident=incident)
    changed: dict[str, datetime | None] = rows.aggregate(Max("known_from"), Max("superseded_at"))
    return max([now, *filter(None, changed.values())])


def tell_of(numbers: Collection[int]) -> None:
    """Tell the wings above that findings stand on these incidents."""
    registry.tell(STAND, numbers=numbers)


def _turn(number: int, now: datetime) -> datetime:
    """Hold the incident's row; returns `now`, or just after what closed it while this act waited.

    What is published shows what was known by then: what its checklist has not seen must not count as known earlier.
    """
    rows = Incident.objects.select_for_update(no_key=True)
    closed_at = rows.values_list("closed_at", flat=True).get(pk=number)
    return now if closed_at is None else max(now, closed_at + _TICK)


def _next_version(finding: Finding, *, by: Person, now: datetime, **changes: Any) -> Finding:
    now = max(now, finding.known_from)  # of two acts at once the later may have read the clock first
    _supersede(finding, now=now)
    carried = {name: getattr(finding, name) for name in CARRIED} | changes
    return Finding.objects.create(incident_id=finding.incident_id, line=finding.line, by=by, known_from=now, **carried)


def _supersede(finding: Finding, *, now: datetime) -> None:
    ended = Finding.objects.filter(pk=finding.pk, superseded_at=None).update(superseded_at=now)
    if not ended:
        raise FindingChanged


def told(finding: Finding, verb: str, *, by: Person, now: datetime, why: str = "") -> TimelineRow:
    """What the timeline says of it, not yet saved; `verb` is found, reviewed, revised or withdrawn."""
    text = f"{verb}: {finding.mode.name if finding.mode else finding.get_layer_display()}"
    data = {"layer": finding.layer, "line": str(finding.line), "verb": verb, "state": finding.state}
    return timeline.row(finding.incident, TimelineKind.FINDING, at=now, now=now, by=by, text=text, why=why, data=data)


def _tell(finding: Finding, verb: str, *, by: Person, now: datetime, why: str = "") -> None:
    timeline.add_all([told(finding, verb, by=by, now=now, why=why)])
