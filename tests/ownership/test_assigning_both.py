"""What is over is not replaced, and nobody is accountable for something and its deputy at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ownership import assigning, people, reassigning
from ownership.assigning import AlreadyHolds, Over
from ownership.models import Assignment, Person, Service
from ownership.queries import owners, vacancies
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACCOUNTABLE, DEPUTY = AssignmentRole.ACCOUNTABLE, AssignmentRole.DEPUTY


def answers(service: Service, at: object = NOON) -> tuple[str, list[str]]:
    found = owners.of_services([service.pk], at=at)[service.pk]
    return str(found.accountable and found.accountable.party), [str(one.party) for one in found.deputies]


@pytest.mark.parametrize("role", [ACCOUNTABLE, DEPUTY])
@pytest.mark.parametrize("at", [NOON, NOON - 5 * DAY])
def test_what_is_over_is_not_replaced(role: str, at: object, editor: Person) -> None:
    service = make.service("Answers")
    over = make.assignment(service, make.person("Before"), role=role, since=NOON - 9 * DAY)
    over = assigning.end(over, at=NOON - 3 * DAY, by=editor, now=NOON)
    make.assignment(service, make.person("Now"), role=role, since=NOON - 3 * DAY)
    was = answers(service)
    with pytest.raises(Over) as refused:
        assigning.replace(over, party=make.person("New"), at=at, by=editor, now=NOON)
    assert "correct it" in str(refused.value)
    assert answers(service) == was
    assert Assignment.objects.filter(superseded_at=None).count() == 2


def test_who_is_accountable_is_not_made_deputy(editor: Person) -> None:
    ann = make.person("Ann")
    service = make.service("Answers", owner=ann)
    other = make.assignment(service, make.person("Ben"), role=DEPUTY)
    with pytest.raises(AlreadyHolds, match="Ann is accountable for it already"):
        assigning.assign(subject=service, role=DEPUTY, party=ann, since=NOON, by=editor, now=NOON)
    with pytest.raises(AlreadyHolds, match="choose another deputy"):
        assigning.replace(other, party=ann, at=NOON, by=editor, now=NOON)
    assert answers(service) == ("Ann", ["Ben"])


@pytest.mark.parametrize("owned", [True, False])
def test_a_deputy_who_becomes_accountable_is_deputy_no_longer(owned: bool, editor: Person) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    service = make.service("Answers")
    make.assignment(service, ben, role=DEPUTY, since=NOON - 9 * DAY)
    if owned:
        row = make.assignment(service, ann, since=NOON - 9 * DAY)
        assigning.replace(row, party=ben, at=NOON, by=editor, now=NOON)
    else:
        assigning.assign(subject=service, role=ACCOUNTABLE, party=ben, since=NOON, by=editor, now=NOON)
    assert answers(service) == ("Ben", [])
    assert answers(service, NOON - DAY) == ("Ann" if owned else "None", ["Ben"])


def test_what_was_left_behind_does_not_make_one_party_both(editor: Person) -> None:
    priya, tomas = make.person("Priya"), make.person("Tomás")
    service = make.service("Answers")
    make.assignment(service, priya, role=DEPUTY)
    make.assignment(service, tomas)
    people.deactivate(priya, by=make.person(role="admin"), now=NOON)
    rows = list(vacancies.held(at=NOON, party=priya))
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give(rows, to=tomas, by=editor, now=NOON)
    assert refused.value.rows == ("Answers: Tomás is accountable for it already; choose another deputy.",)
    assert answers(service) == ("Tomás", ["Priya"])


@pytest.mark.parametrize(("role", "held_as"), [(ACCOUNTABLE, "deputy"), (DEPUTY, "accountable")])
def test_a_correction_makes_nobody_both_in_one_time(role: str, held_as: str, editor: Person) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    service = make.service("Answers")
    row = make.assignment(service, ann, role=role, since=NOON - 9 * DAY)
    make.assignment(service, ben, role=held_as, since=NOON - 9 * DAY, until=NOON - 5 * DAY)
    with pytest.raises(AlreadyHolds, match=f"Ben is on record as {held_as} in that time; correct that first"):
        assigning.correct(row, party=ben, since=NOON - 6 * DAY, by=editor, now=NOON)
    row.refresh_from_db()
    assert row.superseded_at is None
    made = assigning.correct(row, party=ben, since=NOON - 5 * DAY, by=editor, now=NOON)
    assert (made.party, made.role) == (ben, role)
