"""From alerts that opened to incidents: subject, grouping key, severity, and the reason for each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from incidents.alerts import deciding, following, severity, signalling
from incidents.alerts.episodes import Episode
from incidents.alerts.ledger import Placed, Problem
from incidents.alerts.matching.conditions import Facts
from incidents.alerts.models import Source
from incidents.alerts.rule_models import AlertRule
from incidents.alerts.sources.reading import Reading
from incidents.response import opening
from incidents.response.vocabulary import Severity
from ownership.queries import resolving
from ownership.queries.resolving import Ruled, Subject

_TEST = Subject(None, None, (), "sent by the source's test button; it is nobody's incident")


@dataclass(frozen=True)
class Opened:
    """An alert that began to fire, and the source it came from."""

    source: Source
    episode: Episode
    reading: Reading
    problem: Problem
    seen: bool  # its problem was seen before this batch


def service_key(service_id: int) -> str:
    """The grouping key of a service's alerts."""
    return f"service:{service_id}"


@dataclass(frozen=True)
class _Decided:
    """What an alert is about, by which rule if one said so, and the layer that the rules suggest."""

    subject: Subject
    rule: AlertRule | None = None
    suggestion: dict[str, Any] = field(default_factory=dict)


def route(opened: Sequence[Opened], *, now: datetime) -> tuple[list[Placed], list[opening.Place]]:
    """Find each alert's subject and open or join its incident; both answers align with `opened`."""
    decided = _decide(opened)
    table = severity.current()
    signals = [_signal(one, said, table) for one, said in zip(opened, decided, strict=True)]
    asked = [following.Asked(one.problem, one.reading.labels, one.episode.is_test, one.seen) for one in opened]
    places = opening.place(following.prepared(asked, signals), now=now)
    placed = [
        Placed(
            component_id=said.subject.component.pk if said.subject.component else None,
            service_id=said.subject.service.pk if said.subject.service else None,
            incident_id=place.incident.pk,
            why=f"{said.subject.why}; {place.why}",
            rule_id=said.rule.pk if said.rule else None,
            suggestion=said.suggestion,
        )
        for said, place in zip(decided, places, strict=True)
    ]
    return placed, places


def facts(source: Source, reading: Reading) -> Facts:
    """What rules may look at of a reading."""
    return Facts(
        source=source.pk,
        source_name=source.name,
        kind=source.kind,
        labels=reading.labels,
        name=reading.name,
        title=reading.title,
        summary=reading.summary,
    )


def _decide(opened: Sequence[Opened]) -> list[_Decided]:
    """Aliases, rules and names say what each is about; a test is nobody's, and suggests nothing."""
    rules = deciding.load()
    looked_at = [None if one.episode.is_test else facts(one.source, one.reading) for one in opened]
    hits = [rules.subjects.first(seen) if seen else None for seen in looked_at]
    real = [(seen.labels, hit[1] if hit else None) for seen, hit in zip(looked_at, hits, strict=True) if seen]
    found = iter(resolving.subjects_of([labels for labels, _ in real], [ruled for _, ruled in real]))
    return [
        _said(next(found), hit, rules.layers.suggest(seen)) if seen else _Decided(_TEST)
        for seen, hit in zip(looked_at, hits, strict=True)
    ]


def _said(subject: Subject, hit: tuple[AlertRule, Ruled] | None, suggestion: dict[str, Any]) -> _Decided:
    return _Decided(subject, hit[0] if hit and subject.by_rule else None, suggestion)


def _signal(one: Opened, said: _Decided, table: severity.Table) -> opening.Signal:
    subject = said.subject
    key, grouped_by = _group(one, subject)
    if one.episode.is_test:
        sev, sev_why = Severity.SEV4, "SEV4 because it is a test"
    else:
        sev, sev_why = severity.of(
            table=table,
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
        suggestion=said.suggestion,
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
