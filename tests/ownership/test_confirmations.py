"""How fresh the word of an owner is, whatever happened to the rows that hold it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from ownership import assigning, handing_over
from ownership.models import Assignment, Confirmation, Dependency, Person, Service
from ownership.queries import confirmations
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def assigned(party: Any, *, by: Person, at: datetime, subject: Any = None) -> Assignment:
    return assigning.assign(subject=subject or make.service(), role="accountable", party=party, since=at, by=by, now=at)


def word(row: Assignment, at: datetime = NOON) -> confirmations.Standing:
    [found] = confirmations.standing_of([row.pk], at).values()
    assert found.is_stale == Assignment.objects.filter(confirmations.stale(at), pk=row.pk).exists()
    return found


def current(subject: Service) -> Assignment:
    return Assignment.objects.get(service=subject, role="accountable", superseded_at=None, during__contains=NOON)


def test_who_was_put_down_by_somebody_else_has_not_confirmed_yet() -> None:
    row = assigned(make.person(), by=make.person(role="editor"), at=NOON - DAY)
    assert word(row) == confirmations.Standing(None, None, NOON)
    assert word(row).is_stale


def test_who_put_themselves_down_has_given_their_word_for_ninety_days() -> None:
    owner = make.person(role="editor")
    row = assigned(owner, by=owner, at=NOON)
    assert (word(row).confirmed_at, word(row).due_at) == (NOON, NOON + 90 * DAY)
    assert not word(row, NOON + 75 * DAY).is_due_soon
    assert word(row, NOON + 76 * DAY).is_due_soon
    assert not word(row, NOON + 90 * DAY - timedelta(seconds=1)).is_stale
    assert word(row, NOON + 90 * DAY).is_stale


def test_the_number_of_days_is_a_setting(settings: Any) -> None:
    settings.CONFIRM_OWNERSHIP_DAYS = 30
    owner = make.person()
    row = assigned(owner, by=owner, at=NOON)
    assert word(row, NOON + 30 * DAY).is_stale
    assert not word(row, NOON + 29 * DAY).is_stale


def test_a_short_time_is_asked_for_at_half_of_it(settings: Any) -> None:
    settings.CONFIRM_OWNERSHIP_DAYS = 10
    owner = make.person()
    row = assigned(owner, by=owner, at=NOON)
    assert not word(row, NOON + 4 * DAY).is_due_soon
    assert list(confirmations.waiting(NOON + 4 * DAY)) == []
    assert word(row, NOON + 5 * DAY).is_due_soon
    assert list(confirmations.waiting(NOON + 5 * DAY)) == [row]


def test_a_member_speaks_for_a_team_and_a_stranger_does_not() -> None:
    member = make.person()
    team = make.team("", member)
    assert word(assigned(team, by=member, at=NOON)).confirmed_at == NOON
    assert word(assigned(team, by=make.person(), at=NOON)).confirmed_at is None


def test_accepting_a_hand_over_is_a_word() -> None:
    asked = proposal(now=NOON - 3 * DAY)
    handing_over.accept(asked, by=asked.to, now=NOON - DAY)
    assert word(current(asked.service)).confirmed_at == NOON - DAY


def test_the_latest_word_counts_and_none_of_the_future() -> None:
    row = assigned(make.person(), by=make.person(), at=NOON - 200 * DAY)
    for days in (150, 20, -5):
        Confirmation.objects.create(assignment=row, by=row.person, at=NOON - days * DAY)
    assert word(row).confirmed_at == NOON - 20 * DAY
    assert word(row, NOON - 100 * DAY).confirmed_at == NOON - 150 * DAY


def test_a_correction_keeps_the_word_of_the_same_party_and_not_of_another() -> None:
    editor = make.person(role="editor")
    row = assigned(make.person(), by=editor, at=NOON - 50 * DAY)
    Confirmation.objects.create(assignment=row, by=row.person, at=NOON - 10 * DAY)
    fixed = assigning.correct(row, party=row.party, since=NOON - 60 * DAY, by=editor, now=NOON - DAY)
    assert word(fixed).confirmed_at == NOON - 10 * DAY
    other = assigning.correct(fixed, party=make.person(), since=NOON - 60 * DAY, by=editor, now=NOON)
    assert word(other).confirmed_at is None


def test_components_and_seams_have_words_of_their_own() -> None:
    owner, editor = make.person(), make.person()
    one, two = make.component(), make.component()
    seam = Dependency.objects.create(upstream=one, downstream=two)
    confirmed = assigned(owner, by=editor, at=NOON - DAY, subject=seam)
    silent = assigned(owner, by=editor, at=NOON - DAY, subject=one)
    Confirmation.objects.create(assignment=confirmed, by=owner, at=NOON)
    assert word(confirmed).confirmed_at == NOON
    assert word(silent).confirmed_at is None


def test_the_list_holds_stale_and_soon_due_ones_written_down_first_on_top() -> None:
    member, other = make.person(), make.person()
    team = make.team("", member)
    fresh, soon, late = (assigned(member, by=member, at=NOON - days * DAY) for days in (10, 80, 120))
    never = assigned(other, by=member, at=NOON)
    gone = assigned(make.person(), by=member, at=NOON)
    Person.objects.filter(pk=gone.person_id).update(is_active=False)
    listed = [one.row for one in confirmations.listed(at=NOON).rows]
    assert listed == [late, soon, never]
    assert fresh not in listed
    assert [one.row for one in confirmations.listed(at=NOON, team=team).rows] == [late, soon]


def test_the_list_pages_through_rows_without_a_word() -> None:
    editor = make.person()
    made = [assigned(make.person(), by=editor, at=NOON) for _ in range(55)]
    first = confirmations.listed(at=NOON)
    second = confirmations.listed(at=NOON, after=first.following)
    assert [one.row for one in (*first.rows, *second.rows)] == made
    assert second.following is None


@pytest.mark.parametrize("items", [1, 4])
def test_standings_cost_one_query(items: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    rows = [assigned(make.person(), by=make.person(), at=NOON) for _ in range(items)]
    with django_assert_num_queries(1):
        assert len(confirmations.standing_of([row.pk for row in rows], NOON)) == items
    with django_assert_num_queries(2):
        assert len(confirmations.listed(at=NOON).rows) == items
    with django_assert_num_queries(0):
        assert confirmations.standing_of([], NOON) == {}
