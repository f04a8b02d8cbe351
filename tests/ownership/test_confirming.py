"""Confirming what one answers for, and being asked to, by a clock of the test's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from ownership import assigning, confirming, people, tasks
from ownership.models import Assignment, Notice, Person
from ownership.queries import confirmations
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def owned(owner: Any, *, by: Person | None = None, at: datetime = NOON, name: str = "Answers") -> Assignment:
    by = by or owner
    row = assigning.assign(subject=make.service(name), role="accountable", party=owner, since=at, by=by, now=at)
    Notice.objects.all().delete()
    return row


def reminders(first: int, last: int) -> list[tuple[int, str]]:
    """(day, what was said) over some days, with two sweeps on each."""
    said = []
    for day in range(first, last + 1):
        for hour in (6, 18):
            before = set(Notice.objects.values_list("pk", flat=True))
            confirming.remind_due(now=NOON + day * DAY + timedelta(hours=hour))
            said += [(day, one.text) for one in Notice.objects.exclude(pk__in=before)]
    return said


def test_the_word_holds_for_ninety_days_and_is_asked_for_in_time() -> None:
    owner = make.person()
    owned(owner)
    soon = "Do you still answer for Answers? Confirm it by 2027-02-18"
    due = "Do you still answer for Answers? Confirming it was due on 2027-02-18"
    assert reminders(70, 112) == [(76, soon), (90, due), (97, due), (104, due), (111, due)]


def test_a_confirmation_begins_it_anew() -> None:
    owner = make.person()
    row = owned(owner)
    assert [day for day, _ in reminders(88, 91)] == [88, 90]
    confirming.confirm(row, by=owner, now=NOON + 92 * DAY)
    assert reminders(92, 160) == []
    assert [day for day, _ in reminders(160, 183)] == [168, 182]


def test_who_was_put_down_by_somebody_else_is_asked_weekly_after_the_first_week() -> None:
    owned(make.person(), by=make.person("Edith"))
    said = reminders(0, 22)
    assert [day for day, _ in said] == [7, 14, 21]
    assert said[0][1] == "Do you answer for Answers? Edith put you down, and you have not confirmed it"


def test_a_missed_day_is_made_up_once() -> None:
    owned(make.person())
    assert [day for day, _ in reminders(80, 80)] == [80]
    assert [day for day, _ in reminders(95, 95)] == [95]


def test_of_a_team_who_answers_is_asked_else_its_members_and_nobody_who_left() -> None:
    ann, ben, gone = make.person(), make.person(), make.person(is_active=False)
    team = make.team("", ann, ben, gone)
    row = owned(team, by=ann)
    confirming.remind_due(now=NOON + 90 * DAY)
    assert set(Notice.objects.values_list("person", flat=True)) == {ann.pk, ben.pk}
    Notice.objects.all().delete()
    Assignment.objects.filter(pk=row.pk).update(answering=ben)
    confirming.remind_due(now=NOON + 90 * DAY)
    assert set(Notice.objects.values_list("person", flat=True)) == {ben.pk}


def test_who_left_is_not_asked() -> None:
    owner = make.person()
    owned(owner)
    people.deactivate(owner, by=make.person(role="admin"), now=NOON)
    Notice.objects.all().delete()
    assert confirming.remind_due(now=NOON + 90 * DAY) == 0
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("items", [1, 5])
def test_a_sweep_costs_the_same_for_one_and_for_many(
    items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(items):
        owned(make.team("", make.person()), by=make.person(), name=f"s{number}")
    with django_assert_num_queries(
        7
    ):  # rows, savepoint and its end, members, whose team has a channel, standings, notices
        assert confirming.remind_due(now=NOON + 90 * DAY) == items
    assert Notice.objects.count() == items


def test_an_editor_reminds_once_a_day() -> None:
    owner, editor, other = make.person(), make.person("Edith"), make.person("Ed")
    row = owned(owner)
    for by, hours in ((editor, 0), (other, 3), (editor, 24)):
        confirming.remind(row, by=by, now=NOON + timedelta(hours=hours))
    texts = list(Notice.objects.order_by("pk").values_list("text", flat=True))
    assert texts == ["Edith asks: do you still answer for Answers?"] * 2
    assert set(Notice.objects.values_list("person", flat=True)) == {owner.pk}


def test_who_was_put_down_by_somebody_else_is_asked_for_a_first_yes() -> None:
    editor = make.person("Edith")
    confirming.remind(owned(make.person(), by=editor), by=editor, now=NOON)
    assert Notice.objects.get().text == "Edith asks: do you answer for Answers?"


def test_only_what_somebody_is_accountable_for_now_is_confirmed() -> None:
    owner = make.person()
    deputy = make.assignment(make.service(), owner, role="deputy")
    past = make.assignment(make.service(), owner, until=NOON - DAY)
    old = owned(owner)
    new = assigning.correct(old, party=owner, since=NOON - DAY, by=owner, now=NOON)
    for row in (deputy, past, old):
        with pytest.raises(confirming.NothingToConfirm):
            confirming.confirm(row, by=owner, now=NOON)
        with pytest.raises(confirming.NothingToConfirm):
            confirming.remind(row, by=make.person(), now=NOON)
    confirming.confirm(new, by=owner, now=NOON + DAY)
    assert confirmations.standing_of([new.pk], NOON + DAY)[new.pk].confirmed_at == NOON + DAY


def test_nobody_reminds_who_left() -> None:
    owner = make.person()
    row = owned(owner)
    owner.is_active, owner.left_at = False, NOON
    owner.save()
    row.refresh_from_db()
    with pytest.raises(confirming.NobodyToRemind):
        confirming.remind(row, by=make.person(), now=NOON)


def test_the_daily_task_asks() -> None:
    make.service(owner=make.person())
    assert tasks.remind_owners() == 1
