"""Deliberately unowned: with a reason, not while somebody answers, ended as soon as somebody does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ownership import assigning, cataloguing, people, teams, waiving
from ownership.models import Assignment, Component, Dependency, Person, Service, Waiver
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def by(db: None) -> Person:
    return make.person("Maya", role="editor")


@pytest.fixture(params=["service", "component", "dependency"])
def subject(request: pytest.FixtureRequest, db: None) -> Service | Component | Dependency:
    if request.param == "service":
        return make.service()
    if request.param == "component":
        return make.component()
    return Dependency.objects.create(upstream=make.component(), downstream=make.component())


def test_a_waiver_keeps_reason_person_and_time_and_can_end(subject: Service, by: Person) -> None:
    made = waiving.waive(subject, reason="  Ends\nsoon. ", by=by, now=NOON)
    assert (made.reason, made.made_by, made.made_at, made.ended_at) == ("Ends soon.", by, NOON, None)
    assert made.subject == subject
    ended = waiving.end(made, by=by, now=NOON + DAY)
    assert (ended.ended_at, ended.ended_by) == (NOON + DAY, by)
    with pytest.raises(waiving.EndedAlready):
        waiving.end(made, by=by, now=NOON + DAY)


def test_it_needs_a_reason(subject: Service, by: Person) -> None:
    with pytest.raises(Invalid) as refused:
        waiving.waive(subject, reason="  ", by=by, now=NOON)
    assert refused.value.field == "reason"
    assert not Waiver.objects.exists()


def test_not_while_somebody_who_is_here_answers(by: Person) -> None:
    owner = make.person("Priya")
    service = make.service(owner=owner)
    with pytest.raises(waiving.SomebodyAnswers, match="Priya"):
        waiving.waive(service, reason="Ends soon.", by=by, now=NOON)
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    assert waiving.waive(service, reason="Ends soon.", by=by, now=NOON).pk


def test_not_twice_and_not_what_is_retired(by: Person) -> None:
    service = make.service()
    waiving.waive(service, reason="Ends soon.", by=by, now=NOON)
    with pytest.raises(ConstraintBroken) as refused:
        waiving.waive(service, reason="Really.", by=by, now=NOON)
    assert refused.value.code == "waived_already"
    with pytest.raises(Invalid):
        waiving.waive(make.service(retired_at=NOON), reason="Ends soon.", by=by, now=NOON)


def test_naming_somebody_accountable_ends_it_in_the_same_act(subject: Service, by: Person) -> None:
    made = waiving.waive(subject, reason="Ends soon.", by=by, now=NOON)
    other = waiving.waive(make.service(), reason="Ends soon.", by=by, now=NOON)
    assigning.assign(subject=subject, role="deputy", party=by, since=NOON, by=by, now=NOON)
    made.refresh_from_db()
    assert made.ended_at is None
    assigning.assign(subject=subject, role="accountable", party=by, since=NOON, by=by, now=NOON + DAY)
    made.refresh_from_db()
    other.refresh_from_db()
    assert (made.ended_at, made.ended_by) == (NOON + DAY, by)
    assert other.ended_at is None


def test_not_while_somebody_is_to_answer_soon(subject: Service, by: Person) -> None:
    owner = make.person("Priya")
    make.assignment(subject, owner, since=NOON + DAY)
    with pytest.raises(waiving.SomebodyAnswers, match="Priya answers for it from 2026-11-21 12:00 UTC on; end that"):
        waiving.waive(subject, reason="Ends soon.", by=by, now=NOON)
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    assert waiving.waive(subject, reason="Ends soon.", by=by, now=NOON).pk


def test_it_ends_when_who_is_accountable_is_here_again(subject: Service, by: Person) -> None:
    admin, owner, team = make.person(role="admin"), make.person(), make.team("Search")
    others = [make.service() for _ in range(3)]
    make.assignment(subject, owner)
    make.assignment(others[0], team, since=NOON + 9 * DAY)
    make.assignment(others[1], owner, until=NOON - DAY)
    make.assignment(others[2], owner, role="deputy")
    people.deactivate(owner, by=admin, now=NOON)
    teams.dissolve(team, by=admin, now=NOON)
    made = [waiving.waive(one, reason="Ends soon.", by=by, now=NOON) for one in (subject, *others)]
    people.reactivate(owner, by=admin, now=NOON + DAY)
    for one in made:
        one.refresh_from_db()
    assert [one.ended_by for one in made] == [admin, None, None, None]
    assert made[0].ended_at == NOON + DAY
    teams.restore(team, by=admin, now=NOON + 2 * DAY)
    for one in made:
        one.refresh_from_db()
    assert [one.ended_at for one in made] == [NOON + DAY, NOON + 2 * DAY, None, None]


def test_a_seam_that_was_unowned_on_purpose_is_not_forgotten(by: Person) -> None:
    seam = make.seam()
    waiving.end(waiving.waive(seam, reason="Ends soon.", by=by, now=NOON), by=by, now=NOON)
    with pytest.raises(cataloguing.InUse):
        cataloguing.remove_seam(seam, by=by, now=NOON)
    assert Waiver.objects.get().dependency == seam


def test_a_correction_of_the_past_leaves_it(by: Person) -> None:
    service = make.service()
    past = make.assignment(service, make.person(), since=NOON - 60 * DAY, until=NOON - 30 * DAY)
    made = waiving.waive(service, reason="Ends soon.", by=by, now=NOON)
    assigning.correct(past, party=by, since=NOON - 50 * DAY, until=NOON - 20 * DAY, by=by, now=NOON)
    made.refresh_from_db()
    assert made.ended_at is None
    assert Assignment.objects.filter(person=by).exists()
