"""An incident's life: declared, acknowledged, mitigated, resolved, reopened; each act writes its timeline row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from incidents.response import (
    blaming,
    chains,
    confiding,
    escalating,
    findings,
    handing_off,
    participating,
    standing,
    timeline,
    withdrawing,
)
from incidents.response.impacts import NO_START, Impact
from incidents.response.locking import NotResolved, locked, refuse_absurd, require_open
from incidents.response.models import FailureMode, Incident, TimelineRow
from incidents.response.vocabulary import (
    DeclaredVia,
    FindingState,
    ResolvedHow,
    Severity,
    TimelineKind,
)
from ownership.models import Component, Person, Service
from ownership.queries import owners
from web import registry
from web.errors import Doubted, Invalid, translated


def declare(
    *,
    title: str,
    by: Person,
    now: datetime,
    service: Service | None = None,
    of_type: str = "",
    severity: str = Severity.PENDING,
    impact: str = "",
    began: Impact = NO_START,
    detected_by: str = "",
    detected_at: datetime | None = None,
    first_blame: str = "",
    via: str = DeclaredVia.HAND,
    private: bool = False,
) -> Incident:
    """Open an incident by hand or API, also one of the past; the declarer has the ball, and takes part."""
    detected_at = detected_at or now
    refuse_absurd(now, detected_at=detected_at, impact_from=began.begins, impact_until=began.until)
    with translated():
        answering = owners.of_services([service.pk], at=detected_at)[service.pk] if service else owners.NOBODY
        why = f"declared for {service}" if service else "declared without a service"
        incident = Incident.objects.create(
            title=title,
            service=service,
            type=of_type,
            severity=severity,
            severity_set_by=by if severity != Severity.PENDING else None,
            impact=impact,
            impact_from=began.begins,
            impact_until=began.until,
            impact_precision=began.precision,
            detected_by=detected_by,
            detected_at=detected_at,
            opened_at=now,
            ball=by,
            declared_via=via,
            declared_by=by,
            private=private,
            chain=chains.snapshot(service=service, component=None, answering=answering, at=detected_at, why=why),
        )
        handing_off.begin(incident, to=by, reason="declared it", by=by, now=now)
        timeline.add(incident, TimelineKind.DECLARED, at=detected_at, now=now, by=by, text=title, why=why)
        if private:
            timeline.add(incident, TimelineKind.PRIVACY, at=now, now=now, by=by, text=confiding.PRIVATE)
        if began.begins:
            timeline.add(incident, TimelineKind.IMPACT, at=began.begins, now=now, by=by, data=began.told())
        blaming.answer(incident, first_blame, by=by, now=now)
    return incident


def acknowledge(incident: Incident, *, by: Person, now: datetime, first_blame: str = "") -> Incident:
    """Take the incident: acknowledged now, the ball is `by`'s. Twice is once; another first blame is refused."""
    with locked(incident) as current:
        require_open(current)
        blaming.require_unblamed(current, first_blame)
        _acknowledge(current, by=by, now=now)
        blaming.answer(current, first_blame, by=by, now=now)
    return current


def mitigate(incident: Incident, *, by: Person, now: datetime, at: datetime | None = None) -> Incident:
    """Users are well again as of `at` (default now); what is left is to find and mend the cause. Twice is once.

    Whoever says so of an incident that nobody has acknowledged has acknowledged it.
    """
    at = at or now
    refuse_absurd(now, mitigated_at=at)
    with locked(incident) as current:
        require_open(current)
        if current.mitigated_at is not None:
            return current
        if current.impact_from and at < current.impact_from:
            raise Invalid("It cannot be mitigated before it began.", field="mitigated_at")
        _acknowledge(current, by=by, now=now)
        current.mitigated_at, current.mitigated_by = at, by
        current.save(update_fields=["mitigated_at", "mitigated_by", "changed_at"])
        timeline.add(current, TimelineKind.MITIGATED, at=at, now=now, by=by)
    return current


def note(incident: Incident, *, text: str, by: Person, now: datetime) -> TimelineRow:
    """Add a note to the timeline."""
    if not text.strip():
        raise Invalid("Write something first.", field="text")
    standing.require(incident)
    with translated():
        participating.begin(incident, by, now=now)
        return timeline.add(incident, TimelineKind.NOTE, at=now, now=now, by=by, text=text.strip())


def resolve(
    incident: Incident,
    *,
    by: Person,
    now: datetime,
    at: datetime | None = None,
    layer: str = "",
    mode: FailureMode | None = None,
    evidence: str = "",
    despite: Collection[str] = (),
) -> Incident:
    """Resolve as of `at` (default now), with one provisional finding, or none: "not known".

    What speaks against it (`registry.guards_for("resolve", …)`) must be named in `despite`, or it is refused.
    """
    at = at or now
    refuse_absurd(now, resolved_at=at)
    layer = mode.layer if mode else layer
    with locked(incident) as current:
        require_open(current)
        earliest = max(filter(None, (current.impact_from, current.detected_at, current.mitigated_at)))
        if at < earliest:
            raise Invalid("It cannot be resolved before it was noticed, began or was mitigated.", field="resolved_at")
        doubts = _overruled(current, despite)
        current.resolved_at, current.resolved_by, current.resolved_how = at, by, ResolvedHow.PERSON
        current.joinable = False
        current.save(update_fields=["resolved_at", "resolved_by", "resolved_how", "joinable", "changed_at"])
        text = " ".join(filter(None, (doubts, "" if layer else "What failed is not known yet.")))
        timeline.add(current, TimelineKind.RESOLVED, at=at, now=now, by=by, text=text)
        if layer:
            findings.record(
                current,
                layer=layer,
                mode=mode,
                component=current.component,
                evidence=evidence,
                primary=not findings.has_primary(current),
                state=FindingState.PROVISIONAL,
                by=by,
                now=now,
            )
    return current


def reopen(incident: Incident, *, reason: str, by: Person, now: datetime) -> Incident:
    """Open a resolved or closed incident again: it is mitigated no more; alerts do not join it by themselves."""
    with locked(incident) as current:
        if not current.is_over:
            raise NotResolved("This incident is open already.")
        text = f"it was closed; {reason}" if current.closed_at else reason
        current.resolved_at, current.resolved_by, current.resolved_how = None, None, ""
        current.mitigated_at = current.mitigated_by = current.closed_at = current.closed_by = None
        current.save(
            update_fields=[
                "resolved_at", "resolved_by", "resolved_how", "mitigated_at", "mitigated_by", "closed_at", "closed_by",
                "changed_at",
            ]
        )  # fmt: skip
        timeline.add(current, TimelineKind.REOPENED, at=now, now=now, by=by, text=text)
    return current


def set_severity(incident: Incident, *, severity: str, by: Person, now: datetime) -> Incident:
    """A person's choice; alerts no longer raise it."""
    with locked(incident) as current:
        old = current.severity
        current.severity, current.severity_set_by = severity, by
        current.save(update_fields=["severity", "severity_set_by", "changed_at"])
        if old != severity:
            text = f"{Severity(old).label} → {Severity(severity).label}"
            timeline.add(current, TimelineKind.SEVERITY, at=now, now=now, by=by, text=text)
    return current


def set_service(
    incident: Incident,
    *,
    service: Service,
    by: Person,
    now: datetime,
    component: Component | None = None,
    why: str = "",
) -> Incident:
    """Say which service failed; who answers is resolved as of the time it was noticed."""
    with locked(incident) as current:
        answering = owners.of_services([service.pk], at=current.detected_at)[service.pk]
        why = why or f"{by} said so"
        current.service = service
        current.component = component or current.component
        current.chain = chains.snapshot(
            service=service, component=current.component, answering=answering, at=current.detected_at, why=why
        )
        current.save(update_fields=["service", "component", "chain", "changed_at"])
        timeline.add(current, TimelineKind.SERVICE, at=now, now=now, by=by, text=service.name, why=why)
        if current.private:  # who sees it as the owner of another service works on
            participating.begin(current, by, now=now)
            withdrawing.narrowed([current.pk])  # those of the service before may see it no longer
        registry.tell("service_named", incident=current, now=now)
    return current


def raise_severity(incident: Incident, *, severity: Severity, why: str, now: datetime) -> Incident:
    """What the alerts say it is by now; never below what stands there, and never over a person's choice."""
    with locked(incident) as current:
        old = Severity(current.severity)
        if current.severity_set_by_id is None and severity.rank < old.rank:
            current.severity = severity
            current.save(update_fields=["severity", "changed_at"])
            text = f"{old.label} → {severity.label}"
            timeline.add(current, TimelineKind.SEVERITY, at=now, now=now, text=text, why=why)
    return current


def _acknowledge(current: Incident, *, by: Person, now: datetime) -> None:
    """Nothing when somebody has it; what came back since may be taken once more."""
    first = current.acknowledged_at is None
    if not escalating.take_all([current], by=by, now=now):
        return
    handing_off.move(current, to=by, reason="acknowledged it", by=by, now=now)
    if first:
        current.acknowledged_at, current.acknowledged_by = now, by
        current.save(update_fields=["acknowledged_at", "acknowledged_by", "changed_at"])
    why = "" if first else "it was open again"
    timeline.add(current, TimelineKind.ACKNOWLEDGED, at=now, now=now, by=by, why=why)
    participating.begin(current, by, now=now)


def _overruled(incident: Incident, despite: Collection[str]) -> str:
    """What spoke against resolving and was overruled, in words; raises Doubted for what was not."""
    guards = registry.guards_for("resolve", [incident.pk]).get(incident.pk, [])
    for guard in guards:
        if guard.code not in despite:
            raise Doubted(guard.code, f"{guard.label}? {guard.hint}")
    return " ".join(f"{guard.said[:1].upper()}{guard.said[1:]}." for guard in guards)
