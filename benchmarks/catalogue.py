"""A made-up catalogue of any size: services with parts of their own, and shared components of growing popularity.

Parts of a service need each other and two or three shared components; a few of these are needed by nearly everybody,
most by few, as in real systems. So an ordinary component's blast radius stays the same while the catalogue grows, and
the most popular component's grows with it.
"""

from __future__ import annotations

import random
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from ownership.models import Alias, Assignment, Component, Dependency, Part, Person, Service, Team
from ownership.vocabulary import AssignmentRole, ComponentKind, PartRole

PER_SERVICE = 10
SEAMS_PER_COMPONENT, ASSIGNMENTS_PER_COMPONENT = 3, 2


def fill(components: int) -> None:
    """Empty the tables and make this many components, a tenth as many services, and what belongs to them."""
    rng = random.Random(components)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE ownership_component, ownership_service, ownership_team, ownership_person CASCADE")
    people = Person.objects.bulk_create(
        [Person(email=f"p{n}@example.org", name=f"Person {n}", role="editor") for n in range(components // 50)]
    )
    teams = Team.objects.bulk_create([Team(name=f"Team {n}", slug=f"team-{n}") for n in range(components // 100)])
    kinds = ComponentKind.values
    made = Component.objects.bulk_create(
        [
            Component(name=f"Component {n:05}", kind=kinds[n % len(kinds)], custodian=rng.choice([None, *teams]))
            for n in range(components)
        ],
        batch_size=2000,
    )
    Alias.objects.bulk_create([Alias(component=one, system="job", key=one.name.lower()) for one in made])
    services = Service.objects.bulk_create(
        [
            Service(
                name=f"Service {n:04}",
                slug=f"service-{n:04}",
                outcome="Users get a right answer.",
                tier=f"t{n % 4 + 1}",
                latency_budget_ms=2000,
                latency_percentile=99,
            )
            for n in range(components // PER_SERVICE)
        ]
    )
    shared = made[: components // 20]
    _join(services, made[len(shared) :], shared, rng, total=components * SEAMS_PER_COMPONENT)
    _assign(services, made, people, rng, total=components * ASSIGNMENTS_PER_COMPONENT)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _join(
    services: list[Service], own: list[Component], shared: list[Component], rng: random.Random, *, total: int
) -> None:
    """Parts, and seams within each service and to what is shared."""
    parts, pairs = [], set()
    for number, service in enumerate(services):
        members = own[number * len(own) // len(services) : (number + 1) * len(own) // len(services)]
        for place, one in enumerate(members):
            role = PartRole.ENTRY if place == 0 else rng.choice([PartRole.CRITICAL, PartRole.SUPPORTING])
            parts.append(Part(service=service, component=one, role=role, position=place))
            if place:
                pairs.add((members[(place - 1) // 2].pk, one.pk))
            pairs.add((one.pk, _popular(shared, rng).pk))
    while len(pairs) < total:
        one = rng.choice(own)
        pairs.add((one.pk, _popular(shared, rng).pk))
    Part.objects.bulk_create(parts, batch_size=2000)
    Dependency.objects.bulk_create(
        [
            Dependency(
                upstream_id=upstream,
                downstream_id=downstream,
                timeout_ms=rng.choice([None, 200, 800]),
                attempts=rng.choice([None, 1, 3]),
                latency_share=rng.choice([None, 5, 20]),
            )
            for upstream, downstream in sorted(pairs)
        ],
        batch_size=2000,
    )


def _popular(shared: list[Component], rng: random.Random) -> Component:
    """The first ones much more often than the last ones."""
    return shared[int(len(shared) * rng.random() ** 4)]


def _assign(
    services: list[Service], components: list[Component], people: list[Person], rng: random.Random, *, total: int
) -> None:
    """An accountable owner before and one now for each service, a deputy; the rest look after components."""
    now = timezone.now()
    rows: list[Assignment] = []
    for service in services:
        turn = now - timedelta(days=rng.randrange(1, 300))
        before, since = (turn - timedelta(days=100), turn), (turn, None)
        held = (
            (AssignmentRole.ACCOUNTABLE, before),
            (AssignmentRole.ACCOUNTABLE, since),
            (AssignmentRole.DEPUTY, since),
        )
        rows += [Assignment(service=service, role=role, person=rng.choice(people), during=time) for role, time in held]
    while len(rows) < total:
        since = (now - timedelta(days=rng.randrange(1, 300)), None)
        one = components[len(rows) % len(components)]
        rows.append(Assignment(component=one, role=AssignmentRole.CUSTODIAN, person=rng.choice(people), during=since))
    Assignment.objects.bulk_create(rows, batch_size=2000)
