"""Everything that one incident's page shows, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.response.models import Finding, Incident, SuggestionVerdict
from incidents.response.queries import exhibits, ladder, merged, people, verdicts
from incidents.response.queries import links as ties_of
from incidents.response.queries.exhibits import Exhibit
from incidents.response.queries.links import Tie
from ownership.models import Part, Person, ServiceLink, Team, Waiver
from ownership.queries import owners, waivers


@dataclass(frozen=True)
class Dossier:
    """One incident with what stands around it; its timeline is told by `story`."""

    incident: Incident
    answering: owners.Answering
    corrected: owners.Answering | None
    known: dict[str, Any]
    parts: Sequence[Part]
    links: Sequence[ServiceLink]
    affected: Sequence[Any]
    findings: Sequence[Exhibit]
    verdict: SuggestionVerdict | None  # on the layer that its alerts suggest
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


def of(incident: Incident, viewer: Person, *, now: datetime) -> Dossier:
    """The dossier of an incident as this viewer sees it."""
    service_id = incident.service_id
    answering = owners.of_services([service_id], at=now)[service_id] if service_id else owners.NOBODY
    then = owners.of_services([service_id], at=incident.detected_at)[service_id] if service_id else owners.NOBODY
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
        findings=exhibits.of(current_findings(incident), viewer, number=incident.pk),
        verdict=verdicts.current(incident),
        people=people.of(incident, viewer),
        family=merged.family(incident.pk),
        ties=ties_of.ties(incident, viewer),
        waiver=waivers.of_services([service_id]).get(service_id) if service_id and not answering.is_answered else None,
        ladder=ladder.shown(incident, answering=answering),
    )


def current_findings(incident: Incident) -> list[Finding]:
    """An incident's findings that hold now, the primary one first."""
    return list(
        Finding.objects.filter(incident=incident, superseded_at=None)
        .select_related("mode__counts_as", "component", "dependency__upstream", "dependency__downstream", "by")
        .order_by("-primary", "known_from", "pk")
    )


def _differs(known: dict[str, Any], then: owners.Answering) -> bool:
    """True when who was accountable then is told differently today."""
    was = known.get("accountable") or {}
    held = then.accountable.as_known() if then.accountable else {}
    return (was.get("kind"), was.get("id")) != (held.get("kind"), held.get("id"))
