"""Who holds which role: given, replaced, ended, corrected; what was known before never changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from ownership import assigning
from ownership.assigning import AlreadyHolds, Outdated
from ownership.models import Assignment, Dependency, Person, Service
from ownership.queries import owners
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON
from web import registry
from web.errors import ConstraintBroken, DomainError, Invalid

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACCOUNTABLE, DEPUTY = AssignmentRole.ACCOUNTABLE, AssignmentRole.DEPUTY


@pytest.fixture
def service() -> Service:
    return make.service("Support answers")


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What listeners of owner_changed heard."""
    heard: list[dict[str, Any]] = []

    def listener(**facts: Any) -> None:
        heard.append(facts)

    registry.listen("owner_changed", listener)
    yield heard
    registry._listeners["owner_changed"].remove(listener)


def owner_at(service: Service, at: datetime, *, known_at: datetime | None = None) -> str | None:
    holding = owners.of_services([service.pk], at=at, known_at=known_at)[service.pk].accountable
    return str(holding.party) if holding else None


def test_an_owner_answers_from_then_on(service: Service, editor: Person, told: list[dict[str, Any]]) -> None:
    priya = make.person("Priya")
    made = assigning.assign(subject=service, role=ACCOUNTABLE, party=priya, since=NOON - DAY, by=editor, now=NOON)
    assert owner_at(service, NOON - 2 * DAY) is None
    assert owner_at(service, NOON - DAY) == "Priya"
    assert (made.made_by, made.known_from) == (editor, NOON)
    assert [(one["service_id"], one["before"], one["after"], one["at"], one["by"]) for one in told] == [
        (service.pk, None, priya, NOON - DAY, editor)
    ]


def test_a_team_a_component_and_a_seam_can_take_part(editor: Person) -> None:
    team, upstream, downstream = make.team("Search"), make.component(), make.component()
    seam = Dependency.objects.create(upstream=upstream, downstream=downstream)
    for subject in (upstream, seam):
        assigning.assign(subject=subject, role=ACCOUNTABLE, party=team, since=NOON, by=editor, now=NOON)
        with pytest.raises(ConstraintBroken) as refused:
            assigning.assign(subject=subject, role=ACCOUNTABLE, party=make.person(), since=NOON, by=editor, now=NOON)
        assert refused.value.code == "already_owned"


def test_a_second_owner_is_refused_and_nobody_is_told(
    service: Service, editor: Person, told: list[dict[str, Any]]
) -> None:
    assigning.assign(subject=service, role=ACCOUNTABLE, party=make.person("Priya"), since=NOON, by=editor, now=NOON)
    with pytest.raises(ConstraintBroken, match="accountable"):
        assigning.assign(subject=service, role=ACCOUNTABLE, party=make.person(), since=NOON, by=editor, now=NOON)
    assert owner_at(service, NOON) == "Priya"
    assert len(told) == 1


def test_deputies_stand_side_by_side_and_each_once(
    service: Service, editor: Person, told: list[dict[str, Any]]
) -> None:
    jonas = make.person("Jonas")
    for party in (jonas, make.team("Search")):
        assigning.assign(subject=service, role=DEPUTY, party=party, since=NOON, by=editor, now=NOON)
    with pytest.raises(AlreadyHolds):
        assigning.assign(subject=service, role=DEPUTY, party=jonas, since=NOON + DAY, by=editor, now=NOON)
    answering = owners.of_services([service.pk], at=NOON)[service.pk]
    assert {str(holding.party) for holding in answering.deputies} == {"Jonas", "Search"}
    assert told == []


def test_somebody_who_left_is_given_nothing(service: Service, editor: Person) -> None:
    gone = make.person("Gone", is_active=False)
    with pytest.raises(Invalid, match="no longer here"):
        assigning.assign(subject=service, role=ACCOUNTABLE, party=gone, since=NOON, by=editor, now=NOON)


def test_a_retired_service_is_given_to_nobody(editor: Person) -> None:
    with pytest.raises(Invalid, match="retired"):
        assigning.assign(
            subject=make.service(retired_at=NOON), role=ACCOUNTABLE, party=editor, since=NOON, by=editor, now=NOON
        )


def test_replacing_leaves_no_instant_without_an_owner(
    service: Service, editor: Person, told: list[dict[str, Any]]
) -> None:
    before, after = make.person("Before"), make.person("After")
    current = make.assignment(service, before)
    assigning.replace(current, party=after, at=NOON, by=editor, now=NOON)
    tick = timedelta(microseconds=1)
    assert [owner_at(service, at) for at in (NOON - tick, NOON, NOON + tick)] == ["Before", "After", "After"]
    assert [(one["before"], one["after"]) for one in told] == [(before, after)]


def test_what_was_known_before_a_replacement_stays_as_it_was(service: Service, editor: Person) -> None:
    current = make.assignment(service, make.person("Before"))
    assigning.replace(current, party=make.person("After"), at=NOON - 9 * DAY, by=editor, now=NOON)
    assert owner_at(service, NOON - 5 * DAY) == "After"
    assert owner_at(service, NOON - 5 * DAY, known_at=NOON - DAY) == "Before"


def test_replacing_from_before_the_current_one_began_takes_over_what_overlaps(service: Service, editor: Person) -> None:
    make.assignment(service, make.person("First"), until=NOON - 10 * DAY)
    current = make.assignment(service, make.person("Second"), since=NOON - 10 * DAY)
    assigning.replace(current, party=make.person("Third"), at=NOON - 20 * DAY, by=editor, now=NOON)
    assert [owner_at(service, NOON - days * DAY) for days in (30, 15, 5)] == ["First", "Third", "Third"]


def test_nobody_replaces_what_they_have_not_seen(service: Service, editor: Person) -> None:
    seen = make.assignment(service, make.person("Before"))
    assigning.replace(seen, party=make.person("Quick"), at=NOON, by=editor, now=NOON)
    with pytest.raises(Outdated):
        assigning.replace(seen, party=make.person("Slow"), at=NOON, by=editor, now=NOON)
    assert owner_at(service, NOON) == "Quick"


def test_replacing_somebody_by_themselves_is_refused(service: Service, editor: Person) -> None:
    priya = make.person("Priya")
    with pytest.raises(AlreadyHolds):
        assigning.replace(make.assignment(service, priya), party=priya, at=NOON, by=editor, now=NOON)


def test_replacing_a_deputy_leaves_the_other_deputies(service: Service, editor: Person) -> None:
    first = make.assignment(service, make.person("One"), role=DEPUTY)
    make.assignment(service, make.person("Two"), role=DEPUTY)
    assigning.replace(first, party=make.person("Three"), at=NOON, by=editor, now=NOON)
    deputies = owners.of_services([service.pk], at=NOON)[service.pk].deputies
    assert {str(holding.party) for holding in deputies} == {"Two", "Three"}


def test_a_clock_that_lags_does_not_break_the_order_of_knowledge(service: Service, editor: Person) -> None:
    current = make.assignment(service, make.person("Before"), known_from=NOON)
    made = assigning.replace(current, party=make.person("After"), at=NOON, by=editor, now=NOON - timedelta(seconds=1))
    assert made.known_from == NOON


def test_an_end_shortens_and_keeps_the_past(service: Service, editor: Person, told: list[dict[str, Any]]) -> None:
    priya = make.person("Priya")
    shortened = assigning.end(make.assignment(service, priya), at=NOON, by=editor, now=NOON)
    assert shortened.during.upper == NOON
    assert owner_at(service, NOON - DAY) == "Priya"
    assert owner_at(service, NOON) is None
    assert [(one["before"], one["after"]) for one in told] == [(priya, None)]


@pytest.mark.parametrize("at", [NOON - 60 * DAY, NOON - 61 * DAY])
def test_an_end_lies_after_the_beginning(service: Service, editor: Person, at: datetime) -> None:
    with pytest.raises(Invalid, match="after it began"):
        assigning.end(make.assignment(service, make.person()), at=at, by=editor, now=NOON)


def test_what_ended_does_not_end_later(service: Service, editor: Person) -> None:
    ended = make.assignment(service, make.person(), until=NOON - DAY)
    with pytest.raises(Invalid, match="already"):
        assigning.end(ended, at=NOON, by=editor, now=NOON)


def test_a_correction_changes_what_is_known_now_and_not_what_was_known_then(service: Service, editor: Person) -> None:
    wrong = make.assignment(service, make.person("Wrong"))
    assigning.correct(wrong, party=make.person("Right"), since=NOON - 30 * DAY, until=NOON - DAY, by=editor, now=NOON)
    assert [owner_at(service, NOON - days * DAY) for days in (40, 20, 0)] == [None, "Right", None]
    assert owner_at(service, NOON - 20 * DAY, known_at=NOON - DAY) == "Wrong"


def test_a_correction_may_not_end_before_it_begins(service: Service, editor: Person) -> None:
    row = make.assignment(service, make.person())
    with pytest.raises(Invalid, match="after it began"):
        assigning.correct(row, party=make.person(), since=NOON, until=NOON, by=editor, now=NOON)


def test_a_correction_that_would_make_two_owners_changes_nothing(service: Service, editor: Person) -> None:
    make.assignment(service, make.person("First"), until=NOON - 10 * DAY)
    second = make.assignment(service, make.person("Second"), since=NOON - 10 * DAY)
    with pytest.raises(DomainError) as refused:
        assigning.correct(second, party=make.person(), since=NOON - 11 * DAY, by=editor, now=NOON)
    assert refused.value.code == "already_owned"
    assert owner_at(service, NOON - 5 * DAY) == "Second"


def test_many_services_each_at_its_own_instant_take_one_query(
    service: Service, editor: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.assignment(service, make.person("First"), until=NOON - 10 * DAY)
    make.assignment(service, make.person("Second"), since=NOON - 10 * DAY)
    make.assignment(service, make.team("Search"), role=AssignmentRole.ESCALATION)
    wanted = [(service.pk, NOON - days * DAY) for days in (0, 10, 11, 300)] + [(make.service().pk, NOON)]
    with django_assert_num_queries(1):
        told = owners.of_services_at(wanted)
    assert told == {(pk, at): owners.of_services([pk], at=at)[pk] for pk, at in wanted}
    assert owners.of_services_at([]) == {}
    second = told[service.pk, NOON]
    assert [holding.as_known()["kind"] for holding in (second.accountable, *second.escalation) if holding] == [
        "person",
        "team",
    ]


def test_a_listener_that_refuses_undoes_the_change(service: Service, editor: Person) -> None:
    def refuse(**facts: Any) -> None:
        raise Invalid("not now")

    registry.listen("owner_changed", refuse)
    try:
        with pytest.raises(Invalid, match="not now"):
            assigning.assign(subject=service, role=ACCOUNTABLE, party=editor, since=NOON, by=editor, now=NOON)
    finally:
        registry._listeners["owner_changed"].remove(refuse)
    assert not Assignment.objects.exists()


# ---- what the database itself holds, whoever writes ----


def refused_by(name: str, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Assignment.objects.create(**{"role": ACCOUNTABLE, "during": (NOON, None), **fields})


def test_the_database_allows_one_accountable_owner_of_anything(service: Service, editor: Person) -> None:
    component = make.component()
    seam = Dependency.objects.create(upstream=component, downstream=make.component())
    for column, subject in (("service", service), ("component", component), ("dependency", seam)):
        Assignment.objects.create(
            **{column: subject}, role=ACCOUNTABLE, person=editor, during=(NOON - DAY, NOON), known_from=NOON
        )
        Assignment.objects.create(**{column: subject}, role=ACCOUNTABLE, person=editor, during=(NOON, None))
        name = f"assignment_one_accountable_{column}"
        refused_by(name, **{column: subject}, team=make.team(), during=(NOON - DAY, None))
        Assignment.objects.create(**{column: subject}, role=DEPUTY, person=editor, during=(NOON - DAY, None))


def test_the_database_wants_one_party_one_subject_and_a_real_time(service: Service, editor: Person) -> None:
    refused_by("assignment_one_party", service=service)
    refused_by("assignment_one_party", service=service, person=editor, team=make.team())
    refused_by("assignment_one_subject", person=editor)
    refused_by("assignment_one_subject", service=service, component=make.component(), person=editor)
    refused_by("assignment_lasts", service=service, person=editor, during=(NOON, NOON))
    refused_by("assignment_role_known", service=service, person=editor, role="boss")
    refused_by("assignment_known_in_order", service=service, person=editor, known_from=NOON, superseded_at=NOON - DAY)
