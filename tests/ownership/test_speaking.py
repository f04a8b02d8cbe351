"""A yes is what the party itself said at that time; who wrote a row, and who is in a team today, says nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from ownership import assigning, confirming, handing_over, importing, teams
from ownership.models import Assignment, Claim, Confirmation, Membership, Person, Service, Team
from ownership.queries import confirmations, coverage
from ownership.queries.states import State
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WORDS = import_module("ownership.migrations.0007_words_of_their_own").WORDS


def given(party: Person | Team, *, by: Person, service: Service | None = None) -> Assignment:
    """Somebody made a party accountable two days before NOON."""
    return assigning.assign(
        subject=service or make.service(), role="accountable", party=party, since=NOON - 2 * DAY, by=by, now=NOON - DAY
    )


def state(row: Assignment) -> State:
    """What coverage says of the service of a row; the worklist of confirmations says the same."""
    assert row.service is not None
    found = coverage.states(at=NOON)["service"][row.service.pk]
    now = Assignment.objects.get(service=row.service, role="accountable", superseded_at=None, during__contains=NOON)
    said = confirmations.standing_of([now.pk], NOON)[now.pk].confirmed_at
    assert (found == State.ACCEPTED) == (said is not None)
    assert (not said) == Assignment.objects.filter(confirmations.stale(NOON), pk=now.pk).exists()
    return found


def test_an_admin_who_accepts_for_somebody_does_not_say_yes_for_them(admin: Person) -> None:
    asked = proposal(now=NOON - DAY)
    handing_over.accept(asked, by=admin, now=NOON - DAY)
    row = Assignment.objects.get(person=asked.to_person)
    assert state(row) == State.NAMED
    confirming.confirm(row, by=row.party, now=NOON)
    assert state(row) == State.ACCEPTED


def test_who_is_asked_says_yes_by_accepting() -> None:
    member = make.person()
    for to in (make.person(), make.team("", member, make.person())):
        asked = proposal(to, now=NOON - DAY)
        handing_over.accept(asked, by=to if isinstance(to, Person) else member, now=NOON - DAY)
        row = Assignment.objects.get(service=asked.service, superseded_at=None, during__contains=NOON)
        assert state(row) == State.ACCEPTED
        assert [one.at for one in row.confirmations.all()] == [NOON - DAY]


def test_who_joins_a_team_later_has_not_spoken_for_it(editor: Person) -> None:
    team = make.team("", make.person())
    row = given(team, by=editor)
    teams.add_member(team, editor, by=editor, now=NOON)
    assert state(row) == State.NAMED


def test_a_yes_stays_when_whoever_said_it_leaves_the_team(editor: Person) -> None:
    team = make.team("", editor, make.person())
    row = given(team, by=editor)
    teams.remove_member(team, editor, by=editor, now=NOON)
    assert state(row) == State.ACCEPTED


def _name(row: Assignment, by: Person) -> Assignment:
    return assigning.name_answering(row, by, by=by, now=NOON - timedelta(hours=1))


def _end(row: Assignment, by: Person) -> Assignment:
    return assigning.end(row, at=NOON + DAY, by=by, now=NOON - timedelta(hours=1))


def _mend(row: Assignment, by: Person) -> Assignment:
    since = NOON - 5 * DAY
    return assigning.correct(row, party=row.party, since=since, by=by, now=NOON - timedelta(hours=1))


@pytest.mark.parametrize("act", [_name, _end, _mend])
def test_who_only_changes_their_row_says_nothing_new(act: Callable[[Assignment, Person], Assignment]) -> None:
    member = make.person()
    team = make.team("", member, make.person())
    for party in (team, member) if act is not _name else (team,):
        row = act(given(party, by=make.person()), member)
        assert state(row) == State.NAMED
        spoken = act(given(party, by=member), member)
        assert confirmations.standing_of([spoken.pk], NOON)[spoken.pk].confirmed_at == NOON - DAY


def test_who_takes_it_says_yes_whichever_way(editor: Person) -> None:
    team = make.team("", editor, make.person())
    held = given(make.person(), by=editor)
    assert state(assigning.replace(held, party=team, at=NOON - DAY, by=editor, now=NOON)) == State.ACCEPTED
    wrong = given(make.person(), by=editor)
    assert state(assigning.correct(wrong, party=editor, since=NOON - DAY, by=editor, now=NOON)) == State.ACCEPTED
    other = assigning.replace(
        given(editor, by=editor), party=make.person(), at=NOON - timedelta(hours=1), by=editor, now=NOON
    )
    assert state(other) == State.NAMED


def test_nobody_says_yes_to_the_past_nor_to_another_role(editor: Person) -> None:
    service = make.service()
    past = make.assignment(service, make.person(), since=NOON - 60 * DAY, until=NOON - 30 * DAY)
    assigning.correct(past, party=editor, since=NOON - 50 * DAY, until=NOON - 20 * DAY, by=editor, now=NOON - DAY)
    assigning.assign(subject=service, role="deputy", party=editor, since=NOON, by=editor, now=NOON)
    assert not Confirmation.objects.exists()


def test_nobody_speaks_for_a_team_of_which_they_are_no_member_also_when_a_claim_is_accepted(editor: Person) -> None:
    mine, other = make.team("", editor, make.person()), make.team("", make.person())
    for number, (team, expected) in enumerate(((mine, State.ACCEPTED), (other, State.NAMED))):
        claim = Claim.objects.create(
            fingerprint=str(number), format="csv", source="x.csv", line=1, role="accountable", subject_kind="service",
            subject_name="x", service=make.service(), team=team, first_seen=NOON, last_seen=NOON,
        )  # fmt: skip
        importing.deciding.accept(claim, by=editor, now=NOON)
        assert state(Assignment.objects.get(team=team)) == expected


def _row(party: Person | Team, by: Person, **fields: object) -> Assignment:
    row = make.assignment(make.service(), party, since=NOON - 9 * DAY)
    Assignment.objects.filter(pk=row.pk).update(**{"made_by": by, **fields})
    return row


def test_what_was_surely_said_before_there_were_such_rows_is_written_down() -> None:
    person, mate, late, other = (make.person() for _ in range(4))
    team = make.team("", mate, late)
    Membership.objects.update(since=NOON - 90 * DAY)
    Membership.objects.filter(person=late).update(since=NOON)
    said = [_row(person, person), _row(team, mate), _row(team, other, answering=other)]
    _row(person, other)
    _row(team, late)
    _row(team, other)
    _row(person, person, role="deputy")
    _row(person, person, during=(NOON - 9 * DAY, NOON - 9 * DAY + timedelta(seconds=1)), known_from=NOON)
    named = _row(team, other)
    Assignment.objects.filter(pk=named.pk).update(superseded_at=NOON)
    renamed = Assignment.objects.create(
        service=named.service, team=team, answering=mate, role="accountable", during=(NOON, None), known_from=NOON,
        made_by=mate,
    )  # fmt: skip
    Assignment.objects.filter(pk=named.pk).update(during=(NOON - 9 * DAY, None))
    for _ in range(2):  # twice is once
        with connection.cursor() as cursor:
            cursor.execute(WORDS)
        words = Confirmation.objects.order_by("assignment")
        assert [(one.assignment, one.by, one.at) for one in words] == [
            (row, by, NOON - 9 * DAY) for row, by in zip(said, (person, mate, other), strict=True)
        ]
    assert not renamed.confirmations.exists()
