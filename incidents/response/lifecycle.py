"""An incident's life: declared, acknowledged, resolved, reopened; each act writes its timeline row."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.urls import reverse

from incidents.response import chains, confiding, escalating, findings, participating, standing, timeline
from incidents.response.models import FailureMode, Incident, TimelineRow
from incidents.response.queries import visible
from incidents.response.vocabulary import (
    DeclaredVia,
    FindingState,
    Layer,
    Precision,
    ResolvedHow,
    Severity,
    TimelineKind,
)
from ownership import notifying
from ownership.models import Component, Person, Service, Team
from ownership.queries import owners
from ownership.vocabulary import NoticeKind
from web import registry
from web.errors import DomainError, Doubted, Invalid, translated

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class NotOpen(DomainError):
    """This incident is resolved; reopen it first."""

    code = "not_open"


class NotResolved(DomainError):
    """This incident is open already."""

    code = "not_resolved"


@dataclass(frozen=True)
class Impact:
    """When the impact began, as exactly as it is known. `until` only with precision `between`."""

    precision: str = Precision.UNKNOWN
    begins: datetime | None = None
    until: datetime | None = None


def declare(
    *,
    title: str,
    by: Person,
    now: datetime,
    service: Service | None = None,
    severity: str = Severity.PENDING,
    impact: str = "",
    began: Impact = Impact(),
    detected_by: str = "",
    detected_at: datetime | None = None,
    first_blame: str = "",
    via: str = DeclaredVia.HAND,
    private: bool = False,
) -> Incident:
    """Open an incident by hand or API, also one of the past; the declarer has the ball, and takes part."""
    detected_at = detected_at or now
    _refuse_absurd(now, detected_at=detected_at, impact_from=began.begins, impact_until=began.until)
    with translated():
        answering = owners.of_services([service.pk], at=detected_at)[service.pk] if service else owners.NOBODY
        why = f"declared for {service}" if service else "declared without a service"
        incident = Incident.objects.create(
            title=title,
            service=service,
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
        timeline.add(incident, TimelineKind.DECLARED, at=detected_at, now=now, by=by, text=title, why=why)
        participating.begin(incident, by, now=now)
        if private:
            timeline.add(incident, TimelineKind.PRIVACY, at=now, now=now, by=by, text=confiding.PRIVATE)
        if began.begins:
            timeline.add(incident, TimelineKind.IMPACT, at=began.begins, now=now, by=by, data=_told(began))
        _blame(incident, first_blame, by=by, now=now)
    return incident


def acknowledge(incident: Incident, *, by: Person, now: datetime, first_blame: str = "") -> Incident:
    """Take the incident: acknowledged now, the ball is `by`'s. Twice is once; another first blame is refused."""
    with _locked(incident) as current:
        _require_open(current)
        _require_unblamed(current, first_blame)
        if current.acknowledged_at is None:
            current.acknowledged_at, current.acknowledged_by, current.ball = now, by, by
            current.save(update_fields=["acknowledged_at", "acknowledged_by", "ball", "changed_at"])
            timeline.add(current, TimelineKind.ACKNOWLEDGED, at=now, now=now, by=by)
            participating.begin(current, by, now=now)
            escalating.take(current, by=by, now=now)
        elif escalating.take(current, by=by, now=now):  # it came back since
            current.ball = by
            current.save(update_fields=["ball", "changed_at"])
            timeline.add(current, TimelineKind.ACKNOWLEDGED, at=now, now=now, by=by, why="it was open again")
            participating.begin(current, by, now=now)
        _blame(current, first_blame, by=by, now=now)
    return current


def blame(incident: Incident, *, layer: str, by: Person, now: datetime) -> Incident:
    """Set first blame; once set it is frozen."""
    with _locked(incident) as current:
        _require_unblamed(current, layer)
        _blame(current, layer, by=by, now=now)
    return current


class FirstBlameFrozen(DomainError):
    """First blame is frozen once set; what was found goes into the findings."""

    code = "first_blame_frozen"


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
    _refuse_absurd(now, resolved_at=at)
    layer = mode.layer if mode else layer
    with _locked(incident) as current:
        _require_open(current)
        earliest = max(filter(None, (current.impact_from, current.detected_at)))
        if at < earliest:
            raise Invalid("It cannot be resolved before it was noticed or began.", field="resolved_at")
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
    """Open a resolved incident again; alerts do not join it by themselves."""
    with _locked(incident) as current:
        if current.resolved_at is None:
            raise NotResolved
        current.resolved_at, current.resolved_by, current.resolved_how = None, None, ""
        current.save(update_fields=["resolved_at", "resolved_by", "resolved_how", "changed_at"])
        timeline.add(current, TimelineKind.REOPENED, at=now, now=now, by=by, text=reason)
    return current


def pass_balls(numbers: Collection[int], *, to: Person | Team, by: Person, now: datetime) -> list[str]:
    """Give open incidents whose responder is no longer here to somebody; says in words which could not be given."""
    rows = visible.standing(by).filter(pk__in=numbers, resolved_at__isnull=True, ball__is_active=False)
    found = list(rows.select_for_update(of=("self",)).select_related("ball").order_by("pk"))
    missing = sorted(set(numbers) - {incident.pk for incident in found})
    refused = [f"INC-{number}: it was resolved, or somebody has it by now." for number in missing]
    if not isinstance(to, Person):
        return refused + [f"{incident.ref}: a person has the ball, not a team." for incident in found]
    for incident in found:
        text = f"{to} has the ball instead of {incident.ball}"
        incident.ball = to
        incident.save(update_fields=["ball", "changed_at"])
        timeline.add(incident, TimelineKind.NOTE, at=now, now=now, by=by, text=text, why="who had it is no longer here")
        participating.begin(incident, to, now=now)
        path = reverse("incidents:incident", args=[incident.pk])
        notifying.tell(
            [to], kind=NoticeKind.GIVEN, text=f"{by} gave you the ball: {incident}", path=path, now=now, besides=by
        )
    return refused


def set_severity(incident: Incident, *, severity: str, by: Person, now: datetime) -> Incident:
    """A person's choice; alerts no longer raise it."""
    with _locked(incident) as current:
        old = current.severity
        current.severity, current.severity_set_by = severity, by
        current.save(update_fields=["severity", "severity_set_by", "changed_at"])
        if old != severity:
            text = f"{Severity(old).label} → {Severity(severity).label}"
            timeline.add(current, TimelineKind.SEVERITY, at=now, now=now, by=by, text=text)
    return current


def set_impact(
    incident: Incident, *, impact: str, began: Impact, detected_by: str, by: Person, now: datetime
) -> Incident:
    """Say or correct what users see and since when; the old times stay in the incident's versions."""
    _refuse_absurd(now, impact_from=began.begins, impact_until=began.until)
    with _locked(incident) as current:
        changed = (current.impact_from, current.impact_until, current.impact_precision) != (
            began.begins,
            began.until,
            began.precision,
        )
        current.impact, current.detected_by = impact, detected_by
        current.impact_from, current.impact_until = began.begins, began.until
        current.impact_precision = began.precision
        current.save(
            update_fields=[
                "impact", "detected_by", "impact_from", "impact_until", "impact_precision", "changed_at",
            ]
        )  # fmt: skip
        if changed:
            timeline.add(
                current, TimelineKind.IMPACT, at=began.begins or now, now=now, by=by, text=impact, data=_told(began)
            )
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
    with _locked(incident) as current:
        answering = owners.of_services([service.pk], at=current.detected_at)[service.pk]
        why = why or f"{by} said so"
        current.service = service
        current.component = component or current.component
        current.chain = chains.snapshot(
            service=service, component=current.component, answering=answering, at=current.detected_at, why=why
        )
        current.save(update_fields=["service", "component", "chain", "changed_at"])
        timeline.add(current, TimelineKind.SERVICE, at=now, now=now, by=by, text=service.name, why=why)
        registry.tell("service_named", incident=current, now=now)
    return current


def raise_severity(incident: Incident, *, severity: Severity, why: str, now: datetime) -> Incident:
    """What the alerts say it is by now; never below what stands there, and never over a person's choice."""
    with _locked(incident) as current:
        old = Severity(current.severity)
        if current.severity_set_by_id is None and severity.rank < old.rank:
            current.severity = severity
            current.save(update_fields=["severity", "changed_at"])
            text = f"{old.label} → {severity.label}"
            timeline.add(current, TimelineKind.SEVERITY, at=now, now=now, text=text, why=why)
    return current


def _blame(incident: Incident, layer: str, *, by: Person, now: datetime) -> None:
    if not layer or incident.first_blame:
        return
    incident.first_blame, incident.first_blamed_at, incident.first_blamed_by = layer, now, by
    incident.save(update_fields=["first_blame", "first_blamed_at", "first_blamed_by", "changed_at"])
    timeline.add(
        incident, TimelineKind.FIRST_BLAME, at=now, now=now, by=by, text=Layer(layer).label, data={"layer": layer}
    )


@contextmanager
def _locked(incident: Incident) -> Iterator[Incident]:
    """The incident's row, locked, so that two clicks at once become one after the other."""
    with translated():
        rows = Incident.objects.select_for_update(of=("self",)).select_related("service", "component")
        current = rows.get(pk=incident.pk)
        standing.require(current)
        yield current


def _overruled(incident: Incident, despite: Collection[str]) -> str:
    """What spoke against resolving and was overruled, in words; raises Doubted for what was not."""
    guards = registry.guards_for("resolve", [incident.pk]).get(incident.pk, [])
    for guard in guards:
        if guard.code not in despite:
            raise Doubted(guard.code, f"{guard.label}? {guard.hint}")
    return " ".join(f"{guard.said[:1].upper()}{guard.said[1:]}." for guard in guards)


def _require_unblamed(incident: Incident, layer: str) -> None:
    if layer and incident.first_blame and layer != incident.first_blame:
        raise FirstBlameFrozen


def _require_open(incident: Incident) -> None:
    if incident.resolved_at is not None:
        raise NotOpen


def _refuse_absurd(now: datetime, **times: datetime | None) -> None:
    for field, time in times.items():
        if time is not None and time > now:
            raise Invalid("This time lies in the future.", field=field)
        if time is not None and time < EARLIEST:
            raise Invalid("This time lies before the year 2000; is the year right?", field=field)


def _told(began: Impact) -> dict[str, str]:
    return {"precision": began.precision, "until": began.until.isoformat() if began.until else ""}
