"""Small makers of rows for tests; each makes what it needs and takes overrides."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.text import slugify

from incidents.response import findings, lifecycle
from incidents.response.models import FailureMode, Finding, Incident
from ownership import channels
from ownership.models import Assignment, Channel, Component, Dependency, Membership, Part, Person, Service, Team
from ownership.models.assignments import Subject, column_of
from ownership.vocabulary import AssignmentRole, ComponentKind, PartRole, Role

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PASSWORD = "seven-quiet-herons"
_count = itertools.count(1)


def person(name: str = "", *, role: str = Role.RESPONDER, **fields: Any) -> Person:
    """Somebody who has joined and can sign in with PASSWORD."""
    number = next(_count)
    name = name or f"Person {number}"
    fields.setdefault("email", f"{slugify(name)}-{number}@example.org")
    fields.setdefault("joined_at", NOON - timedelta(days=90))
    return Person.objects.create_user(password=PASSWORD, name=name, role=role, **fields)


def team(name: str = "", *members: Person) -> Team:
    """A team with members."""
    number = next(_count)
    name = name or f"Team {number}"
    made = Team.objects.create(name=name, slug=slugify(name))
    Membership.objects.bulk_create([Membership(team=made, person=member) for member in members])
    return made


def channel(owner: Person | Team, address: str = "jsons://hooks.example.org/services/s3cr3t-part") -> Channel:
    """A channel of a person or a team."""
    return channels.add(owner, address=address, by=person(), now=NOON)


def service(name: str = "", *, owner: Person | Team | None = None, **fields: Any) -> Service:
    """A service, owned since long ago when an owner is given."""
    number = next(_count)
    name = name or f"Service {number}"
    fields.setdefault("outcome", "Users get a right answer.")
    made = Service.objects.create(name=name, slug=slugify(name), **fields)
    if owner is not None:
        assignment(made, owner)
    return made


def assignment(
    subject: Subject,
    party: Person | Team,
    *,
    role: str = AssignmentRole.ACCOUNTABLE,
    since: datetime = NOON - timedelta(days=60),
    until: datetime | None = None,
    known_from: datetime | None = None,
    answering: Person | None = None,
) -> Assignment:
    """A party holds a role, by default since sixty days before NOON."""
    return Assignment.objects.create(
        **{column_of(subject): subject},
        **{"person" if isinstance(party, Person) else "team": party},
        role=role,
        answering=answering,
        during=(since, until),
        known_from=known_from or since,
    )


def component(name: str = "", *, kind: str = ComponentKind.API, of: Service | None = None, **fields: Any) -> Component:
    """A component, part of a service when one is given."""
    made = Component.objects.create(name=name or f"Component {next(_count)}", kind=kind, **fields)
    if of is not None:
        position = Part.objects.filter(service=of).count()
        Part.objects.create(service=of, component=made, role=PartRole.CRITICAL, position=position)
    return made


def seam(upstream: Component | None = None, downstream: Component | None = None, **fields: Any) -> Dependency:
    """A seam between two components, new ones unless given."""
    return Dependency.objects.create(upstream=upstream or component(), downstream=downstream or component(), **fields)


def incident(title: str = "", *, by: Person | None = None, now: datetime = NOON, **fields: Any) -> Incident:
    """An incident declared by hand."""
    return lifecycle.declare(title=title or f"Incident {next(_count)}", by=by or person(), now=now, **fields)


def finding(
    of: Incident, mode: str = "integration.retry_amplification", *, by: Person | None = None, **fields: Any
) -> Finding:
    """A finding with a built-in mode."""
    fields.setdefault("now", NOON)
    return findings.record(of, mode=FailureMode.objects.get(code=mode), by=by or person(), **fields)
