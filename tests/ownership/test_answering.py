"""A team that is accountable names one person who answers for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ownership import assigning, handing_over, speaking
from ownership.models import Assignment, Person, Service, Team
from ownership.queries import owners
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal
from web.errors import Invalid

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACCOUNTABLE = AssignmentRole.ACCOUNTABLE


@pytest.fixture
def service() -> Service:
    return make.service("Support answers")


@pytest.fixture
def grace() -> Person:
    return make.person("Grace")


@pytest.fixture
def team(grace: Person) -> Team:
    return make.team("Payments team", grace, make.person("Ada"))


def given(service: Service, party: Person | Team, by: Person, answering: Person | None = None) -> Assignment:
    return assigning.assign(
        subject=service, role=ACCOUNTABLE, party=party, since=NOON - 9 * DAY, by=by, now=NOON, answering=answering
    )


def words_at(service: Service, days: int, **known: object) -> str:
    return owners.of_services([service.pk], at=NOON + days * DAY, **known)[service.pk].words


def test_a_member_is_named(service: Service, team: Team, grace: Person, editor: Person) -> None:
    assert given(service, team, editor, grace).answering == grace
    assert words_at(service, 0) == "Payments team (Grace) answers"


def test_the_only_member_is_taken(service: Service, grace: Person, editor: Person) -> None:
    assert given(service, make.team("Small team", grace, make.person(is_active=False)), editor).answering == grace


def test_a_team_may_name_nobody_yet(service: Service, team: Team, editor: Person) -> None:
    given(service, team, editor)
    holding = owners.of_services([service.pk], at=NOON)[service.pk].accountable
    assert holding is not None
    assert (holding.answering, holding.names_nobody, holding.words) == (None, True, "Payments team")


@pytest.mark.parametrize("gone", [False, True])
def test_only_members_who_are_here_are_named(
    service: Service, team: Team, grace: Person, editor: Person, gone: bool
) -> None:
    if gone:
        Person.objects.filter(pk=grace.pk).update(is_active=False)
    stranger = grace if gone else make.person("Sam")
    with pytest.raises(Invalid, match="is not in Payments team: choose one of its members") as refused:
        given(service, team, editor, stranger)
    assert refused.value.field == "answering"
    assert not Assignment.objects.exists()


def test_nobody_is_named_for_a_person(service: Service, grace: Person, editor: Person) -> None:
    with pytest.raises(Invalid, match="answers for themselves"):
        given(service, grace, editor, editor)
    row = given(service, grace, editor)
    with pytest.raises(Invalid, match="answers for themselves"):
        assigning.correct(row, party=grace, answering=editor, since=NOON - DAY, by=editor, now=NOON)
    with pytest.raises(Invalid, match="answers for themselves"):
        assigning.name_answering(row, editor, by=editor, now=NOON)


@pytest.mark.parametrize(("members", "cure"), [(2, "choose one of its members"), (0, "add somebody to the team")])
def test_where_a_name_is_required_the_error_says_the_cure(members: int, cure: str) -> None:
    team = make.team("Payments team", *[make.person() for _ in range(members)])
    with pytest.raises(Invalid, match=cure):
        speaking.answering_of(team, None, required=True)


def test_naming_somebody_counts_from_then_on_and_changes_no_owner(
    service: Service, team: Team, grace: Person, editor: Person
) -> None:
    row = given(service, team, editor)
    named = assigning.name_answering(row, grace, by=editor, now=NOON)
    assert [words_at(service, days) for days in (-5, 0)] == ["Payments team answers", "Payments team (Grace) answers"]
    assert words_at(service, 0, known_at=NOON - timedelta(seconds=1)) == "nobody is accountable, and nobody stands in"
    holding = owners.of_services([service.pk], at=NOON)[service.pk].accountable
    assert holding is not None
    assert (holding.row, holding.since) == (named.pk, NOON - 9 * DAY)  # the team has held it all along
    assert assigning.name_answering(named, grace, by=editor, now=NOON + DAY) == named  # said already
    of_all = owners.of_services_at([(service.pk, NOON), (service.pk, NOON - 5 * DAY)])
    assert of_all[service.pk, NOON].accountable == holding


def test_naming_somebody_before_the_time_begins_counts_for_all_of_it(
    service: Service, team: Team, grace: Person, editor: Person
) -> None:
    row = make.assignment(service, team, since=NOON + DAY, known_from=NOON)
    assigning.name_answering(row, grace, by=editor, now=NOON)
    assert Assignment.objects.filter(superseded_at=None).count() == 1


def test_nobody_is_named_for_a_time_that_is_over(service: Service, team: Team, grace: Person, editor: Person) -> None:
    row = make.assignment(service, team, until=NOON - DAY)
    with pytest.raises(Invalid, match="over"):
        assigning.name_answering(row, grace, by=editor, now=NOON)


def test_ending_and_replacing_keep_who_answered(service: Service, team: Team, grace: Person, editor: Person) -> None:
    row = given(service, team, editor, grace)
    assigning.replace(row, party=editor, at=NOON, by=editor, now=NOON)
    assert words_at(service, -1) == "Payments team (Grace) answers"
    other = given(make.service(), team, editor, grace)
    assert assigning.end(other, at=NOON, by=editor, now=NOON).answering == grace


def test_a_correction_may_name_who_left(service: Service, team: Team, editor: Person) -> None:
    gone = make.person("Lee", is_active=False)
    row = given(service, editor, editor)
    made = assigning.correct(row, party=team, answering=gone, since=NOON - 9 * DAY, by=editor, now=NOON)
    assert made.answering == gone


def test_a_retraction_leaves_nothing_and_the_past_as_it_was_known(service: Service, editor: Person) -> None:
    row = make.assignment(service, editor)
    assigning.retract(row, by=editor, now=NOON)
    assert words_at(service, -1) == "nobody is accountable, and nobody stands in"
    assert words_at(service, -1, known_at=NOON - DAY) == "Edith Editor answers"


# ---- hand-overs ----


def accepted(team: Team, by: Person, answering: Person | None = None) -> Person | None:
    found = handing_over.accept(proposal(team), by=by, now=NOON + DAY, answering=answering)
    current = handing_over.accountable_row(found.subject, at=NOON + DAY)
    assert current is not None
    return current.answering


def test_whoever_of_a_team_accepts_answers_unless_they_choose(team: Team, grace: Person, admin: Person) -> None:
    ada = Person.objects.get(name="Ada")
    assert accepted(team, ada) == ada
    assert accepted(team, ada, grace) == grace
    assert accepted(team, admin) is None  # an admin is not in the team
    assert accepted(make.team("Small team", grace), admin) == grace


def test_naming_a_person_meanwhile_does_not_overtake_a_hand_over(
    service: Service, team: Team, grace: Person, editor: Person
) -> None:
    row = given(service, team, editor)
    asked = proposal(editor, subject=service, by=grace, effective_at=NOON - 3 * DAY)
    assigning.name_answering(row, grace, by=editor, now=NOON + DAY)
    handing_over.accept(asked, by=editor, now=NOON + 2 * DAY)
    assert [words_at(service, days) for days in (-4, -2, 3)] == [
        "Payments team answers",
        "Edith Editor answers",
        "Edith Editor answers",
    ]


def test_an_assignment_says_its_subject() -> None:
    seam = make.seam()
    assert make.assignment(seam, make.person()).subject == seam
