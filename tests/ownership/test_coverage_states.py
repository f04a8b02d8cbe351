"""The states of coverage: each when it should, one for whatever stands in the catalogue, a share up to 100 %."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ownership.models import Assignment, Component, Confirmation, Dependency, Part, Person, Service, Team, Waiver
from ownership.queries import confirmations, coverage
from ownership.queries.coverage import Tally
from ownership.queries.states import COVERED, State
from tests import factories as make
from tests.factories import NOON
from tests.ownership.test_coverage_rules import own

DAY = timedelta(days=1)


def states_of(kind: str) -> dict[int, State]:
    return coverage.states(at=NOON)[kind]


@pytest.mark.django_db
def test_each_state_of_a_service() -> None:
    me, other, gone = make.person(), make.person(), make.person(is_active=False)
    accepted, named, vacant, waived, nobody = (make.service() for _ in range(5))
    own(accepted, me)
    own(named, me, by=other)
    own(vacant, gone)
    Waiver.objects.create(service=waived, reason="Ends soon.")
    make.service(retired_at=NOON)
    assert states_of("service") == {
        accepted.pk: State.ACCEPTED, named.pk: State.NAMED, vacant.pk: State.VACANT, waived.pk: State.DELIBERATE,
        nobody.pk: State.UNKNOWN,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("above", "expected"),
    [
        (["accepted"], State.INHERITED),
        (["accepted", "waived"], State.INHERITED),
        (["waived"], State.DELIBERATE),
        (["accepted", "named"], State.NAMED),
        (["accepted", "nobody"], State.UNKNOWN),
        ([], State.UNKNOWN),
    ],
)
def test_a_component_inherits_no_better_than_its_services(above: list[str], expected: State) -> None:
    component = make.component()
    for one in above:
        service = make.service()
        Part.objects.create(service=service, component=component)
        if one == "waived":
            Waiver.objects.create(service=service, reason="Ends soon.")
        elif one != "nobody":
            own(service, make.person(), by=make.person() if one == "named" else None)
    assert states_of("component") == {component.pk: expected}


@pytest.mark.django_db
def test_a_seam_inherits_from_its_ends_when_one_team_looks_after_both() -> None:
    service, team, other = make.service(owner=None), make.team("One", make.person()), make.team("Other", make.person())
    own(service, make.person())
    upstream, downstream = (make.component(of=service, custodian=team) for _ in range(2))
    seam = Dependency.objects.create(upstream=upstream, downstream=downstream)
    assert states_of("dependency") == {seam.pk: State.INHERITED}
    Component.objects.filter(pk=downstream.pk).update(custodian=other)
    assert states_of("dependency") == {seam.pk: State.UNKNOWN}
    own(seam, other)
    assert states_of("dependency") == {seam.pk: State.ACCEPTED}


@pytest.mark.django_db
def test_whoever_left_leaves_it_vacant_until_it_is_unowned_on_purpose() -> None:
    gone = make.person(is_active=False)
    component = make.component()
    own(component, gone)
    assert states_of("component") == {component.pk: State.VACANT}
    Waiver.objects.create(component=component, reason="Ends soon.")
    assert states_of("component") == {component.pk: State.DELIBERATE}


@pytest.mark.django_db
def test_a_team_sees_what_it_has_a_hand_in_and_the_worst_team_comes_first() -> None:
    member = make.person()
    good, bad, idle = make.team("Good", member), make.team("Bad", make.person()), make.team("Idle")
    owned, unowned = make.service("Owned"), make.service("Unowned")
    own(owned, member)
    make.component(of=unowned, custodian=bad)
    rows = coverage.by_team(at=NOON)
    assert [row.team for row in rows] == [bad, good, idle]
    assert [(row.coverage.service.covered, row.coverage.service.total) for row in rows] == [(0, 1), (1, 1), (0, 0)]
    assert coverage.of_team(bad, at=NOON) == rows[0].coverage


def test_the_score_counts_only_what_was_said_and_rounds_down() -> None:
    assert Tally({}).percent is None
    assert Tally({"named": 3, "unknown": 1}).percent == 0
    assert Tally({"accepted": 199, "vacant": 1}).percent == 99
    assert Tally({"accepted": 1, "inherited": 1, "deliberate": 1}).percent == 100


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "No service yet, so nobody can answer for one."),
        ({"accepted": 2}, "2 of 2 services have somebody who said yes."),
        ({"accepted": 1}, "1 of 1 service has somebody who said yes."),
        (
            {"accepted": 41, "named": 7, "deliberate": 1, "unknown": 2, "vacant": 1},
            "41 of 52 services have somebody who said yes; 7 wait for a yes; 1 is unowned on purpose; 3 have nobody.",
        ),
    ],
)
def test_the_headline_says_what_the_counts_say(counts: dict[str, int], sentence: str) -> None:
    assert coverage.headline(Tally(counts)) == sentence


CATALOGUE = st.fixed_dictionaries(
    {
        "people": st.lists(st.booleans(), min_size=1, max_size=3),
        "teams": st.integers(1, 2),
        "services": st.lists(st.tuples(st.booleans(), st.sampled_from(["rag", "other"])), max_size=3),
        "components": st.lists(st.integers(0, 2), max_size=4),
        "parts": st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=6),
        "seams": st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4),
        "owners": st.lists(
            st.tuples(st.integers(0, 10), st.integers(0, 4), st.integers(0, 3), st.integers(1, 400)), max_size=8
        ),
        "waivers": st.lists(st.integers(0, 10), max_size=3),
    }
)


class AnyCatalogue(TestCase):
    """Each example runs in its own rolled-back transaction."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(said=CATALOGUE)
    def test_the_states_part_the_living_and_the_score_stays_within_its_bounds(self, said: dict[str, Any]) -> None:
        """Every living subject is in one state; covered never exceeds all; a yes is what `confirmations` calls one."""
        _build(said)
        each, overall = coverage.states(at=NOON), coverage.overall(at=NOON)
        components = set(Component.objects.filter(retired_at=None).values_list("pk", flat=True))
        living = {
            "service": set(Service.objects.filter(retired_at=None).values_list("pk", flat=True)),
            "component": components,
            "dependency": set(
                Dependency.objects.filter(upstream__in=components, downstream__in=components).values_list(
                    "pk", flat=True
                )
            ),
        }
        for kind, _, tally in overall.kinds():
            assert set(each[kind]) == living[kind]
            assert tally.total == len(living[kind])
            assert tally.covered + tally.named + tally.nobody == tally.total
            assert tally.covered == sum(state in COVERED for state in each[kind].values())
            assert tally.percent is None or 0 <= tally.percent <= 100
            assert sum(share.wide for share in tally.shares()) <= 100.01
        for one in coverage.by_team(at=NOON):
            for kind, _, tally in one.coverage.kinds():
                assert tally.total <= len(living[kind])
                assert tally.percent is None or 0 <= tally.percent <= 100
        _assert_a_yes_is_a_yes(each)


def _build(said: dict[str, Any]) -> None:
    people = [make.person(is_active=here) for here in said["people"]]
    teams = [make.team("", people[0]) for _ in range(said["teams"])]
    parties: list[Person | Team] = [*people, *teams]
    services = [
        make.service(archetype=archetype, retired_at=None if living else NOON) for living, archetype in said["services"]
    ]
    components = [
        make.component(custodian=teams[place] if place < len(teams) else None) for place in said["components"]
    ]
    for service, component in set(said["parts"]):
        if service < len(services) and component < len(components):
            Part.objects.create(service=services[service], component=components[component])
    seams = [
        Dependency.objects.create(upstream=components[up], downstream=components[down])
        for up, down in sorted(set(said["seams"]))
        if up != down and max(up, down) < len(components)
    ]
    subjects: list[Any] = [*services, *components, *seams]
    for which, party, by, days in {one[0]: one for one in said["owners"]}.values():
        if which < len(subjects):
            taker = people[by] if by < len(people) else None
            made = own(subjects[which], parties[party % len(parties)], by=taker or people[0])
            Assignment.objects.filter(pk=made.pk).update(known_from=NOON - days * DAY)
            if days % 3 == 0:
                Confirmation.objects.create(assignment=made, by=people[0], at=NOON - days * DAY)
    for which in set(said["waivers"]):
        if which < len(subjects):
            column = {Service: "service", Component: "component", Dependency: "dependency"}[type(subjects[which])]
            Waiver.objects.create(**{column: subjects[which]}, reason="On purpose.")


def _assert_a_yes_is_a_yes(each: dict[str, dict[int, State]]) -> None:
    rows = list(confirmations.accountable(NOON))
    words = confirmations.standing_of([row.pk for row in rows], NOON)
    for row in rows:
        kind, subject = next(
            (kind, getattr(row, f"{kind}_id")) for kind in each if getattr(row, f"{kind}_id") is not None
        )
        if subject in each[kind]:
            said_yes = words[row.pk].confirmed_at is not None
            assert each[kind][subject] == (State.ACCEPTED if said_yes else State.NAMED)
