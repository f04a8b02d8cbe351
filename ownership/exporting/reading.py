"""The whole living catalogue, read at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ownership.importing import ours
from ownership.models import (
    Alias,
    Assignment,
    CatalogueEntry,
    Component,
    Dependency,
    Membership,
    Part,
    Person,
    Service,
    Team,
)
from ownership.vocabulary import AssignmentRole

Party = Person | Team
Row = Team | Person | Service | Component


@dataclass(frozen=True)
class Snapshot:
    """Rows by name, and what joins them by their ids. `people` are those who are in a team or hold a role."""

    teams: Sequence[Team]
    people: Sequence[Person]
    services: Sequence[Service]
    components: Sequence[Component]
    teams_of: Mapping[int, Sequence[int]]
    services_of: Mapping[int, Sequence[int]]
    seams: Sequence[tuple[int, int]]
    contracts: Mapping[int, str]
    aliases: Mapping[int, Sequence[Alias]]
    accountable: Mapping[Service | Component, Party]
    custodians: Mapping[Service | Component, Sequence[Party]]
    entries: Sequence[CatalogueEntry]


def snapshot(*, at: datetime) -> Snapshot:
    """Nine queries, however much there is. Retired and dissolved rows, and people who left, are not in it."""
    teams = {team.pk: team for team in Team.objects.filter(dissolved_at=None).order_by("name", "pk")}
    services = {one.pk: one for one in Service.objects.filter(retired_at=None).order_by("name", "pk")}
    components = {one.pk: one for one in Component.objects.filter(retired_at=None).order_by("name", "pk")}
    people: dict[int, Person] = {}
    teams_of: dict[int, list[int]] = defaultdict(list)
    members = Membership.objects.filter(person__is_active=True, team__in=teams).select_related("person")
    for member in members.order_by("team__name", "pk"):
        people[member.person_id] = member.person
        teams_of[member.person_id].append(member.team_id)
    services_of: dict[int, list[int]] = defaultdict(list)
    for part in Part.objects.filter(service__in=services, component__in=components).order_by("service__name", "pk"):
        services_of[part.component_id].append(part.service_id)
    seams, contracts = _seams(components)
    accountable, custodians = _held(teams, services, components, at=at)
    for party in [*accountable.values(), *(one for many in custodians.values() for one in many)]:
        if isinstance(party, Person):
            people[party.pk] = party
    aliases: dict[int, list[Alias]] = defaultdict(list)
    for alias in Alias.objects.filter(component__in=components, system__in=ours.ALIASES).order_by("pk"):
        aliases[alias.component_id].append(alias)
    return Snapshot(
        teams=list(teams.values()),
        people=sorted(people.values(), key=lambda one: (one.name, one.pk)),
        services=list(services.values()),
        components=list(components.values()),
        teams_of=teams_of,
        services_of=services_of,
        seams=seams,
        contracts=contracts,
        aliases=aliases,
        accountable=accountable,
        custodians=custodians,
        entries=list(CatalogueEntry.objects.order_by("pk")),
    )


def _seams(components: Mapping[int, Component]) -> tuple[list[tuple[int, int]], dict[int, str]]:
    """(pairs of who needs what, each once; the contract of what is needed, by its id)."""
    pairs: dict[tuple[int, int], None] = {}
    contracts: dict[int, str] = {}
    rows = Dependency.objects.order_by("downstream__name", "pk").only("upstream_id", "downstream_id", "contract_url")
    for row in rows:
        if row.upstream_id in components and row.downstream_id in components:
            pairs[row.upstream_id, row.downstream_id] = None
            if row.contract_url:
                contracts.setdefault(row.downstream_id, row.contract_url)
    return list(pairs), contracts


def _held(
    teams: Mapping[int, Team], services: Mapping[int, Service], components: Mapping[int, Component], *, at: datetime
) -> tuple[dict[Service | Component, Party], dict[Service | Component, list[Party]]]:
    accountable: dict[Service | Component, Party] = {}
    custodians: dict[Service | Component, list[Party]] = defaultdict(list)
    for component in components.values():
        if (team := teams.get(component.custodian_id or 0)) is not None:
            custodians[component].append(team)
    roles = (AssignmentRole.ACCOUNTABLE, AssignmentRole.CUSTODIAN)
    rows = Assignment.objects.filter(role__in=roles, superseded_at=None, during__contains=at, dependency=None)
    for row in rows.select_related("person", "team").order_by("pk"):
        subject = services.get(row.service_id or 0) or components.get(row.component_id or 0)
        if subject is None or not row.party.is_here(at):
            continue
        if row.role == AssignmentRole.ACCOUNTABLE:
            accountable[subject] = row.party
        elif row.party not in custodians[subject]:
            custodians[subject].append(row.party)
    return accountable, custodians
