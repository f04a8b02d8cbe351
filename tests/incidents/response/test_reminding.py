"""Incidents that somebody has and nobody says a word about: asked for once a period, of who may see them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.response import lifecycle, reminding
from incidents.response.models import Incident
from ownership.models import Notice, Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def told() -> list[tuple[str, str]]:
    return [(str(one.person), one.text) for one in Notice.objects.select_related("person").order_by("pk")]


def remind(*at: float) -> None:
    for hour in at:
        reminding.remind_silent(now=hours(hour))


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def incident(maya: Person) -> Incident:
    made = make.incident("Slow", severity="sev2", by=maya, service=make.service(owner=make.person("Priya")))
    return lifecycle.acknowledge(made, by=maya, now=NOON)


def test_who_has_the_ball_is_asked_after_once_twice_four_times_so_long(incident: Incident) -> None:
    remind(1, 3.9)
    assert told() == []
    remind(4, 4.1, 7.9)
    assert told() == [("Maya", f"INC-{incident.pk}: no update for 4 h 00. SEV2, Slow")]
    remind(8, 12, 15.9)
    assert len(told()) == 2
    remind(16, 17)
    assert len(told()) == 3


def test_a_word_begins_the_wait_anew(incident: Incident, maya: Person) -> None:
    lifecycle.note(incident, text="Still looking", by=maya, now=hours(3))
    remind(4, 6.9)
    assert told() == []
    remind(7)
    assert len(told()) == 1


def test_what_nobody_has_or_what_is_over_is_not_asked_for(incident: Incident, maya: Person) -> None:
    make.incident(severity="sev1", by=maya)
    lifecycle.resolve(incident, by=maya, now=hours(1))
    remind(30)
    assert told() == []


def test_when_who_has_it_is_gone_the_accountable_is_asked(incident: Incident, maya: Person) -> None:
    Person.objects.filter(pk=maya.pk).update(is_active=False)
    remind(4)
    assert [name for name, _ in told()] == ["Priya"]


def test_any_number_takes_the_same_statements(maya: Person) -> None:
    counts = []
    for number in (1, 20):
        team = make.team("", make.person())
        for _ in range(number):
            made = make.incident(severity="sev1", by=maya, service=make.service(owner=team))
            lifecycle.acknowledge(made, by=maya, now=NOON)
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            remind(1)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Notice.objects.count() == 21
