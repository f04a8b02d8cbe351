"""New incidents of the past are written, set-wise: a fixed number of statements for each batch of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from incidents.alerts import deciding
from incidents.alerts.matching.conditions import Facts
from incidents.history import meaning, promising
from incidents.history.meaning import Wrote
from incidents.history.models import HistoryRow
from incidents.history.planning import Fresh
from incidents.history.reading.mapping import TIMES
from incidents.history.reading.records import Record
from incidents.response import findings as finding_acts
from incidents.response import timeline
from incidents.response.models import AffectedService, DoubtedTime, Finding, ImpactFacts, Incident
from incidents.response.vocabulary import DeclaredVia, ResolvedHow, TimelineKind
from ownership.models import Component, Person, Service

BATCH = 500
OUTCOME = "Named by imported incidents ({collection}); nobody has said yet what users get."
REVIEWED_ELSEWHERE = "it was imported from {collection}, and what was reviewed of it was reviewed there."


class Names:
    """The rows that names lead to, for writing, and the rules that suggest layers; three queries."""

    def __init__(self, known: meaning.Known) -> None:
        wanted = set(known.components.values())
        self.services: dict[str, int] = dict(Service.objects.values_list("slug", "pk"))
        living = Component.objects.filter(retired_at=None, name__in=wanted)
        self.components: dict[str, int] = dict(living.values_list("name", "pk"))
        self.layers = deciding.load().layers


def make_services(new: Mapping[str, str], *, collection: str) -> None:
    """Services that the file names and nobody has registered; `new` is slug → name. One statement."""
    outcome = OUTCOME.format(collection=collection)
    Service.objects.bulk_create(Service(slug=slug, name=name, outcome=outcome) for slug, name in new.items())


def write(rows: Sequence[Fresh], names: Names, *, collection: str, by: Person, now: datetime) -> dict[str, int]:
    """Write one batch; returns the numbers of its incidents by their keys."""
    incidents = Incident.objects.bulk_create(_incident(one, names, collection, by, now) for one in rows)
    pairs = list(zip(incidents, rows, strict=True))
    AffectedService.objects.bulk_create(
        row for incident, one in pairs for row in affected(incident, one.wrote, names, collection=collection)
    )
    ImpactFacts.objects.bulk_create(
        facts(incident, one.wrote, by=by, now=now) for incident, one in pairs if meaning.has_facts(one.wrote)
    )
    DoubtedTime.objects.bulk_create(row for incident, one in pairs for row in doubts(incident, one.wrote, now=now))
    found = Finding.objects.bulk_create(
        row for incident, one in pairs for row in findings(incident, one.wrote, names, by=by, now=now)
    )
    timeline.add_all(_told(incident, one, collection, by, now) for incident, one in pairs)
    promised = promising.promise([(incident, one.wrote["actions"]) for incident, one in pairs], by=by, now=now)
    brought: dict[int, list[int]] = {incident.pk: [] for incident in incidents}
    for finding in found:
        brought[finding.incident_id].append(finding.pk)
    HistoryRow.objects.bulk_create(
        HistoryRow(
            collection=collection,
            key=one.record.identity,
            incident=incident,
            digest=meaning.digest(one.wrote),
            wrote=one.wrote,
            findings=brought[incident.pk],
            actions=promised.get(incident.pk, []),
            file=one.record.file,
            line=one.record.line,
            url=one.wrote["source_url"],
            by=by,
            imported_at=now,
            changed_at=now,
        )
        for incident, one in pairs
    )
    finding_acts.tell_of([number for number, some in brought.items() if some])
    return {one.record.identity: incident.pk for incident, one in pairs}


def _incident(one: Fresh, names: Names, collection: str, by: Person, now: datetime) -> Incident:
    incident = Incident(opened_at=now, declared_via=DeclaredVia.FILE, declared_by=by)
    for group in ("title", "service", "component", "type", "severity", "impact", "detected_by", "first_blame", "times"):
        put(incident, group, one.wrote, names, by=by, now=now)
    if incident.resolved_at is not None:
        incident.no_postmortem_reason = "" if one.wrote["actions"] else REVIEWED_ELSEWHERE.format(collection=collection)
    # The rules for alerts read its words before anybody says what it was, so that they can be scored by it.
    told = Facts(0, "", "", title=incident.title, summary=incident.impact)
    incident.suggestion = names.layers.suggest(told)
    incident.suggested_layer = incident.suggestion.get("layer", "")
    return incident


def put(incident: Incident, group: str, wrote: Wrote, names: Names, *, by: Person, now: datetime) -> list[str]:
    """Set what a row says on an incident that the caller saves; returns the columns."""
    if group == "times":
        return _put_times(incident, wrote, by=by, now=now)
    if group == "service":
        incident.service_id = names.services.get(wrote["service"])
        return ["service"]
    if group == "component":
        incident.component_id = names.components.get(wrote["component"])
        return ["component"]
    setattr(incident, group, wrote[group])
    if group != "first_blame":
        return [group]
    if wrote[group]:
        incident.first_blamed_at, incident.first_blamed_by = incident.detected_at or now, by
    return ["first_blame", "first_blamed_at", "first_blamed_by"]


def _put_times(incident: Incident, wrote: Wrote, *, by: Person, now: datetime) -> list[str]:
    """Its times, and with its end that it is closed: what was done about it was done elsewhere."""
    for name in TIMES:
        setattr(incident, name, datetime.fromisoformat(wrote[name]) if wrote[name] else None)
    incident.impact_precision, incident.impact_until = wrote["impact_precision"], None
    incident.acknowledged_by = by if incident.acknowledged_at else None
    incident.mitigated_by = by if incident.mitigated_at else None
    ended = incident.resolved_at
    incident.resolved_by, incident.resolved_how = (by, ResolvedHow.PERSON) if ended else (None, "")
    incident.closed_by = (incident.closed_by or by) if ended else None
    incident.closed_at = max(incident.closed_at or now, ended) if ended else None
    return [
        *TIMES, "impact_precision", "impact_until", "acknowledged_by", "mitigated_by", "resolved_by", "resolved_how",
        "closed_at", "closed_by",
    ]  # fmt: skip


def affected(incident: Incident, wrote: Wrote, names: Names, *, collection: str) -> list[AffectedService]:
    """Further services of a row, not yet saved."""
    why = f"named by {collection}"
    return [AffectedService(incident=incident, service_id=names.services[slug], why=why) for slug in wrote["affected"]]


def facts(incident: Incident, wrote: Wrote, *, by: Person, now: datetime) -> ImpactFacts:
    """How far it went, as a row says, not yet saved."""
    share_from, share_until = (Decimal(wrote[name]) if wrote[name] else None for name in ("share_from", "share_until"))
    return ImpactFacts(
        incident=incident,
        slice=wrote["slice"],
        share_from=share_from,
        share_until=share_until,
        bad_count=int(wrote["bad_count"]) if wrote["bad_count"] else None,
        monitors_green=wrote["monitors_green"],
        by=by,
        known_from=now,
    )


def doubts(incident: Incident, wrote: Wrote, *, now: datetime) -> list[DoubtedTime]:
    """The times that tell nothing, not yet saved."""
    return [
        DoubtedTime(
            incident=incident,
            field=one["field"],
            at=getattr(incident, one["field"]),
            told=one["told"][:60],
            reason=one["reason"],
            known_from=now,
        )
        for one in wrote["doubts"]
    ]


def findings(
    incident: Incident, wrote: Wrote, names: Names, *, by: Person, now: datetime, primary: bool = True
) -> list[Finding]:
    """What failed, as a row says, not yet saved; without `primary` none is the primary one."""
    return [_finding(incident, said, names, by=by, now=now, primary=primary) for said in wrote["findings"]]


def _finding(
    incident: Incident, said: Mapping[str, Any], names: Names, *, by: Person, now: datetime, primary: bool
) -> Finding:
    return Finding(
        incident=incident,
        layer=said["layer"],
        mode_id=said["mode"] or None,
        component_id=names.components.get(said["component"]),
        role=said["role"],
        evidence=said["evidence"],
        confidence=said["confidence"],
        primary=said["primary"] and primary,
        state=said["state"],
        by=by,
        known_from=now,
    )


def _told(incident: Incident, one: Fresh, collection: str, by: Person, now: datetime) -> Any:
    """The one row of the timeline: where it comes from, and what is doubted."""
    return timeline.row(
        incident,
        TimelineKind.IMPORTED,
        at=now,
        now=now,
        by=by,
        text=f"from {place(one.record)} of {collection}",
        why="; ".join(f"{doubt['field']} {doubt['reason']}" for doubt in one.wrote["doubts"]),
        data={"collection": collection, "key": one.record.identity, "url": one.wrote["source_url"]},
    )


def place(record: Record) -> str:
    """Where a row stands: `incidents.csv:17`."""
    return f"{record.file}:{record.line}"
