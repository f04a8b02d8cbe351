"""From alerts that opened to incidents: subject, grouping key, severity, and the reason for each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.alerts import severity, signalling
from incidents.alerts.episodes import Episode
from incidents.alerts.ledger import Placed
from incidents.alerts.models import Source
from incidents.alerts.sources.reading import Reading
from incidents.response import opening
from incidents.response.vocabulary import Severity
from ownership.queries import resolving
from ownership.queries.resolving import Subject

_TEST = Subject(None, None, (), "sent by the source's test button; it is nobody's incident")


@dataclass(frozen=True)
class Opened:
    """An alert that began to fire, and the source it came from."""

    source: Source
    episode: Episode
    reading: Reading


def service_key(service_id: int) -> str:
    """The grouping key of a service's alerts."""
    return f"service:{service_id}"


def route(opened: Sequence[Opened], *, now: datetime) -> tuple[list[Placed], list[opening.Place]]:
    """Find each alert's subject and open or join its incident; both answers align with `opened`."""
    subjects = _subjects(opened)
    signals = [_signal(one, subject) for one, subject in zip(opened, subjects, strict=True)]
    places = opening.place(signals, now=now)
    placed = [
        Placed(
            component_id=subject.component.pk if subject.component else None,
            service_id=subject.service.pk if subject.service else None,
            incident_id=place.incident.pk,
            why=f"{subject.why}; {place.why}",
        )
        for subject, place in zip(subjects, places, strict=True)
    ]
    return placed, places


def _subjects(opened: Sequence[Opened]) -> list[Subject]:
    real = [one for one in opened if not one.episode.is_test]
    found = iter(resolving.subjects_of([one.reading.labels for one in real]))
    return [_TEST if one.episode.is_test else next(found) for one in opened]


def _signal(one: Opened, subject: Subject) -> opening.Signal:
    key, grouped_by = _group(one, subject)
    if one.episode.is_test:
        sev, sev_why = Severity.SEV4, "SEV4 because it is a test"
    else:
        sev, sev_why = severity.of(
            tier=subject.service.tier if subject.service else None,
            said=one.reading.severity,
            raw=one.reading.severity_raw,
        )
    return opening.Signal(
        key=key,
        grouped_by=grouped_by,
        title=one.reading.title,
        at=one.episode.started_at,
        received_at=one.episode.received_at,
        severity=sev,
        severity_why=sev_why,
        component=subject.component,
        service=subject.service,
        affected=subject.affected,
        why=subject.why,
        detected_by=signalling.noticed_by(one.source.kind, one.reading.labels),
    )


def _group(one: Opened, subject: Subject) -> tuple[str, str]:
    """One incident per service; without one, one per source and alert name, so that nothing is lumped together."""
    if one.episode.is_test:
        return f"test:{one.source.pk}", f"the tests of {one.source}"
    if subject.service is not None:
        return service_key(subject.service.pk), subject.service.name
    name = one.reading.name or one.reading.title
    key = f"unrouted:{one.source.pk}:{name}"
    if len(key) > opening.KEY_LENGTH:
        key = f"unrouted:{one.source.pk}:{hashlib.sha256(name.encode()).hexdigest()}"
    return key, f"“{name}” from {one.source}"
