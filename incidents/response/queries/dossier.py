"""Everything that one incident's page shows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from incidents.response.models import Finding, Incident, TimelineRow
from incidents.response.queries import ladder, merged, people, referring
from incidents.response.queries import links as ties_of
from incidents.response.queries.links import Tie
from incidents.response.vocabulary import Anchor, Precision, TimelineKind
from ownership.models import Part, Person, ServiceLink, Team, Waiver
from ownership.queries import owners, waivers

TIMELINE_SHOWN = 100
# How a row is marked: what hurts, what people did, what is well again; the rest is quiet.
BAD = {
    TimelineKind.DECLARED,
    TimelineKind.IMPACT,
    TimelineKind.ALERT_FIRING,
    TimelineKind.FLAPPING,
    TimelineKind.STILL_FIRING,
    TimelineKind.REOPENED,
}
HUMAN = {
    TimelineKind.NOTE,
    TimelineKind.ACKNOWLEDGED,
    TimelineKind.FIRST_BLAME,
    TimelineKind.FINDING,
    TimelineKind.HANDED_OFF,
}
GOOD = {TimelineKind.MITIGATED, TimelineKind.RESOLVED, TimelineKind.ALERT_RESOLVED}


@dataclass(frozen=True)
class Told:
    """A timeline row and the sign before it."""

    row: TimelineRow
    sign: str
    text: str = ""  # as the viewer may read it
    refers_to: int | None = None  # another incident, where the viewer may see that
    origin: str = ""  # the incident that was merged into this one and has the row

    @property
    def precision(self) -> str:
        """How exactly the start of the impact was known, in words."""
        return Precision(self.row.data["precision"]).label.lower()

    @property
    def changes(self) -> list[tuple[str, datetime | None, datetime | None]]:
        """Of a correction: each time by its name, as it was believed and as it is."""
        changes = self.row.data.get("changes", ())
        return [(Anchor(one["anchor"]).label, _moment(one["was"]), _moment(one["is"])) for one in changes]

    @property
    def late(self) -> bool:
        """True when it was recorded more than five minutes after it happened."""
        return (self.row.recorded_at - self.row.at).total_seconds() > 300


@dataclass(frozen=True)
class Dossier:
    """One incident with what stands around it. `earlier` is the cursor of older timeline rows."""

    incident: Incident
    answering: owners.Answering
    corrected: owners.Answering | None
    known: dict[str, Any]
    parts: Sequence[Part]
    links: Sequence[ServiceLink]
    affected: Sequence[Any]
    findings: Sequence[Finding]
    timeline: Sequence[Told]
    earlier: int | None
    people: people.People
    family: Mapping[int, str]  # what was merged into it: titles by number
    ties: Sequence[Tie]
    waiver: Waiver | None = None  # why nobody needs to answer, while nobody does
    ladder: ladder.Shown | None = None  # who was told of it, and who is next

    @property
    def custodians(self) -> list[tuple[Team, str]]:
        """The teams that look after what failed, or, while that is not known, after the parts of the path."""
        failing = self.incident.component
        looked_after: dict[Team, list[str]] = {}
        for part in [failing] if failing else [part.component for part in self.parts]:
            if part.custodian is not None and part.custodian.dissolved_at is None:
                looked_after.setdefault(part.custodian, []).append(part.name)
        return [(team, ", ".join(names)) for team, names in looked_after.items()]


def of(incident: Incident, viewer: Person, *, now: datetime, before: int | None = None) -> Dossier:
    """The dossier of an incident as this viewer sees it; `before` pages the timeline back from that row's id."""
    service_id = incident.service_id
    answering = owners.of_services([service_id], at=now)[service_id] if service_id else owners.NOBODY
    then = owners.of_services([service_id], at=incident.detected_at)[service_id] if service_id else owners.NOBODY
    family = merged.family(incident.pk)
    timeline, earlier = _timeline([incident.pk, *family], viewer, before)
    return Dossier(
        incident=incident,
        answering=answering,
        corrected=then if _differs(incident.chain, then) else None,
        known=incident.chain,
        parts=list(
            Part.objects.filter(service=service_id).select_related("component__custodian").order_by("position", "pk")
            if service_id
            else ()
        ),
        links=list(ServiceLink.objects.filter(service=service_id).order_by("kind", "pk") if service_id else ()),
        affected=list(incident.affected.select_related("service").order_by("service__tier", "pk")),
        findings=current_findings(incident),
        timeline=timeline,
        earlier=earlier,
        people=people.of(incident, viewer),
        family=family,
        ties=ties_of.ties(incident, viewer),
        waiver=waivers.of_services([service_id]).get(service_id) if service_id and not answering.is_answered else None,
        ladder=ladder.shown(incident, answering=answering),
    )


def current_findings(incident: Incident) -> list[Finding]:
    """An incident's findings that hold now, the primary one first."""
    return list(
        Finding.objects.filter(incident=incident, superseded_at=None)
        .select_related("mode", "component", "dependency__upstream", "dependency__downstream", "by")
        .order_by("-primary", "known_from", "pk")
    )


def _timeline(numbers: Sequence[int], viewer: Person, before: int | None) -> tuple[list[Told], int | None]:
    """The latest rows of an incident and its family, in the order they happened, and the id to page back from."""
    rows = TimelineRow.objects.filter(incident__in=numbers).select_related("by").order_by("-at", "-pk")
    anchor = TimelineRow.objects.filter(incident__in=numbers, pk=before).first() if before else None
    if anchor is not None:
        rows = rows.filter(Q(at__lt=anchor.at) | Q(at=anchor.at, pk__lt=anchor.pk))
    found = list(rows[: TIMELINE_SHOWN + 1])
    shown = found[:TIMELINE_SHOWN]
    earlier = shown[-1].pk if len(found) > TIMELINE_SHOWN else None
    seen = referring.seen(viewer, shown)
    return [_told(row, seen, numbers) for row in reversed(shown)], earlier


def _told(row: TimelineRow, seen: Collection[int], family: Sequence[int]) -> Told:
    other = referring.other(row)
    return Told(
        row,
        _sign(row.kind),
        text=referring.text(row, {*seen, *family}),
        refers_to=other if other in seen else None,
        origin="" if row.incident_id == family[0] else f"INC-{row.incident_id}",
    )


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _sign(kind: str) -> str:
    if kind in BAD:
        return "bad"
    if kind in GOOD:
        return "good"
    return "human" if kind in HUMAN else ""


def _differs(known: dict[str, Any], then: owners.Answering) -> bool:
    """True when who was accountable then is told differently today."""
    was = known.get("accountable") or {}
    held = then.accountable.as_known() if then.accountable else {}
    return (was.get("kind"), was.get("id")) != (held.get("kind"), held.get("id"))
