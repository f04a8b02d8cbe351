"""Who answered at an instant: as known then, as corrected, and what lies between the two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from ownership import assigning, people
from ownership.models import Component, Person, Service
from ownership.queries import asof
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def service() -> Service:
    found = make.service("Support answers")
    Service.objects.filter(pk=found.pk).update(created_at=NOON - 80 * DAY)
    found.refresh_from_db()
    return found


def told(subject: Any, days: int, known: int | None = None) -> asof.AsOf:
    at = NOON + days * DAY
    return asof.as_of(subject, at=at, known_at=at if known is None else NOON + known * DAY, now=NOON + DAY)


def lane(stretches: Any) -> list[tuple[str | None, int]]:
    return [(one.holder, round((one.ends - one.begins) / DAY)) for one in stretches]


def test_both_answers_and_the_correction_between_them(
    service: Service, editor: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = make.assignment(service, make.person("Wrong"))
    assigning.correct(row, party=make.person("Right"), since=NOON - 50 * DAY, by=editor, now=NOON)
    with django_assert_num_queries(1):
        found = told(service, -10)
    assert (found.then.words, found.now.words) == ("Wrong answers", "Right answers")
    (change,) = found.corrections
    assert (change.at, change.by) == (NOON, editor)
    assert [str(one.party) for one in (*change.gone, *change.come)] == ["Wrong", "Right"]
    assert lane(found.known_then)[:2] == [(None, 20), ("Wrong", 64)]
    assert lane(found.known_now)[:2] == [(None, 30), ("Right", 54)]
    assert round(found.unowned / DAY) == 30


def test_what_was_only_shortened_later_is_no_correction_of_before(service: Service, editor: Person) -> None:
    row = make.assignment(service, make.person("Priya"))
    assigning.end(row, at=NOON - 2 * DAY, by=editor, now=NOON)
    assert told(service, -10).corrections == []
    late = told(service, -1)
    assert late.then.words == "Priya answers"
    (change,) = late.corrections
    assert ([str(one.party) for one in change.gone], change.come, change.by) == (["Priya"], [], editor)
    assert lane(late.known_now)[-1][0] is None


def test_with_the_knowledge_of_another_time(service: Service, editor: Person) -> None:
    row = make.assignment(service, make.person("Wrong"))
    assigning.correct(row, party=make.person("Right"), since=NOON - 50 * DAY, by=editor, now=NOON - 5 * DAY)
    found = told(service, -10, known=-1)
    assert found.then.words == "Right answers"
    assert found.corrections == []


def test_time_after_somebody_left_is_time_without_an_owner(service: Service, admin: Person) -> None:
    lee, never = make.person("Lee"), make.person("Never", is_active=False)
    make.assignment(service, never, until=NOON - 40 * DAY)
    make.assignment(service, lee, since=NOON - 40 * DAY)
    people.deactivate(lee, by=admin, now=NOON - 10 * DAY)
    lee.refresh_from_db()
    found = told(service, -1)
    assert lane(found.known_now)[:3] == [(None, 20), (None, 20), ("Lee", 30)]
    assert [one.words for one in found.known_now] == ["nobody", "Never had left", "Lee", "Lee had left"]
    assert round(found.unowned / DAY) == 51


def test_a_component_and_a_seam_have_their_time_too(admin: Person) -> None:
    Component.objects.update(created_at=NOON - 9 * DAY)
    for subject in (make.component(), make.seam()):
        make.assignment(subject, make.team("Team of " + str(subject)[:20]))
        assert told(subject, -1).now.accountable is not None


def test_of_what_nobody_ever_answered_for_there_is_one_gap(service: Service) -> None:
    found = told(service, 0)
    assert [one.holder for one in found.known_now] == [None]
    assert round(found.unowned / DAY) == 81
    assert found.corrections == []
