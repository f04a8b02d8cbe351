"""One of everything, for tests that try every address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ownership.models import (
    Alias,
    ApiToken,
    Assignment,
    CatalogueUpload,
    Channel,
    Claim,
    Component,
    ComponentLink,
    Dependency,
    Handover,
    Invitation,
    Manner,
    Membership,
    Message,
    Notice,
    OwnerAlias,
    Part,
    Person,
    Service,
    ServiceLink,
    Team,
    Waiver,
)
from tests import factories as make


@dataclass
class World:
    """What stands in the catalogue."""

    service: Service
    part: Part
    alias: Alias
    link: ServiceLink
    owned: Assignment
    deputy: Assignment
    teams: Assignment
    component: Component
    other: Component
    component_link: ComponentLink
    retired: Component
    seam: Dependency
    claim: Claim
    waiver: Waiver
    ignored: Claim
    meaning: OwnerAlias
    team: Team
    member: Person
    outsider: Person
    gone_team: Team
    vacant: Assignment
    channel: Channel


def build() -> World:
    """A service with an owner, a deputy, a part with an alias, a link; a seam; a team with a member."""
    service = make.service("Support answers")
    component, other = make.component("Retriever", of=service), make.component("Search fallback", of=service)
    make.service("Old answers", retired_at=make.NOON)
    team = make.team("Answers team")
    member, outsider = make.person("Jonas Lind"), make.person("Tomás Reyes")
    Membership.objects.create(team=team, person=member)
    gone_team = make.team("Gone team")
    Team.objects.filter(pk=gone_team.pk).update(dissolved_at=make.NOON)
    gone_team.refresh_from_db()
    return World(
        service=service,
        part=Part.objects.get(component=component),
        alias=Alias.objects.create(component=component, system="job", key="retriever"),
        link=ServiceLink.objects.create(service=service, kind="runbook", label="Runbook", url="https://example.org/r"),
        owned=make.assignment(service, make.person("Priya Nair")),
        deputy=make.assignment(service, member, role="deputy"),
        teams=make.assignment(component, team, role="deputy"),
        component=component,
        other=other,
        component_link=ComponentLink.objects.create(
            component=component, kind="other", label="Code", url="https://example.org/c"
        ),
        retired=make.component("Old cache", retired_at=make.NOON),
        seam=Dependency.objects.create(upstream=component, downstream=other),
        claim=_claim("0", service, owner="answers", team=team),
        ignored=_claim("1", service, owner="gone", person=member, state="ignored"),
        meaning=OwnerAlias.objects.create(text="the answers", team=team, said_by=member, said_at=make.NOON),
        waiver=Waiver.objects.create(component=other, reason="Ends in March."),
        team=team,
        member=member,
        outsider=outsider,
        gone_team=gone_team,
        vacant=make.assignment(other, gone_team),
        channel=make.channel(team),
    )


def _claim(fingerprint: str, service: Service, **fields: Any) -> Claim:
    """The files say something about who answers for the service."""
    return Claim.objects.create(
        fingerprint=fingerprint,
        format="backstage",
        source="x/catalog-info.yaml",
        line=3,
        role="accountable",
        subject_kind="system",
        subject_name="system:default/answers",
        service=service,
        first_seen=make.NOON,
        last_seen=make.NOON,
        **fields,
    )


COUNTED = (
    Alias, ApiToken, Assignment, CatalogueUpload, Channel, Claim, Component, ComponentLink, Dependency, Handover,
    Invitation, Manner, Membership, Message, Notice, OwnerAlias, Part, Person, Service, ServiceLink, Team, Waiver,
)  # fmt: skip


def fingerprint() -> list[object]:
    """All rows of the room, to see that nothing changed."""
    return [list(model._default_manager.order_by("pk").values()) for model in COUNTED]
