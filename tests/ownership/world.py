"""One of everything, for tests that try every address."""

from __future__ import annotations

from dataclasses import dataclass

from ownership.models import (
    Alias,
    ApiToken,
    Assignment,
    Claim,
    Component,
    Dependency,
    Handover,
    Invitation,
    Membership,
    Part,
    Person,
    Service,
    ServiceLink,
    Team,
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
    component: Component
    other: Component
    seam: Dependency
    claim: Claim
    team: Team
    member: Person
    outsider: Person


def build() -> World:
    """A service with an owner, a deputy, a part with an alias, a link; a seam; a team with a member."""
    service = make.service("Support answers")
    component, other = make.component("Retriever", of=service), make.component("Search fallback", of=service)
    team = make.team("Answers team")
    member, outsider = make.person("Jonas Lind"), make.person("Tomás Reyes")
    Membership.objects.create(team=team, person=member)
    return World(
        service=service,
        part=Part.objects.get(component=component),
        alias=Alias.objects.create(component=component, system="job", key="retriever"),
        link=ServiceLink.objects.create(service=service, kind="runbook", label="Runbook", url="https://example.org/r"),
        owned=make.assignment(service, make.person("Priya Nair")),
        deputy=make.assignment(service, member, role="deputy"),
        component=component,
        other=other,
        seam=Dependency.objects.create(upstream=component, downstream=other),
        claim=Claim.objects.create(
            fingerprint="0",
            format="backstage",
            source="x/catalog-info.yaml",
            line=3,
            owner="answers",
            role="accountable",
            subject_kind="system",
            subject_name="system:default/answers",
            service=service,
            team=team,
            first_seen=make.NOON,
            last_seen=make.NOON,
        ),
        team=team,
        member=member,
        outsider=outsider,
    )


COUNTED = (
    Alias, ApiToken, Assignment, Claim, Component, Dependency, Handover, Invitation, Membership, Part, Person, Service,
    ServiceLink, Team,
)  # fmt: skip


def fingerprint() -> list[object]:
    """All rows of the room, to see that nothing changed."""
    return [list(model._default_manager.order_by("pk").values()) for model in COUNTED]
