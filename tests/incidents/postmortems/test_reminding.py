"""Overdue actions and postmortems that are due: on working days, in the morning of one's own zone, once a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from incidents.postmortems import acting, reminding
from incidents.postmortems.models import Action
from incidents.response import lifecycle
from incidents.response.models import Incident
from ownership.models import Manner, Notice, Person, Service
from tests import factories as make
from tests.incidents.postmortems import factories as pm

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def at(day: int, hour: float = 9) -> datetime:
    """A time in November 2026; the 20th is a Friday."""
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def told() -> list[tuple[str, str]]:
    return [(str(one.person), one.text) for one in Notice.objects.select_related("person").order_by("pk")]


@pytest.fixture
def priya() -> Person:
    return make.person("Priya")


@pytest.fixture
def service(priya: Person) -> Service:
    return make.service("Support answers", owner=priya)


def resolved(service: Service, severity: str, *, by: Person, when: datetime = FRIDAY) -> Incident:
    made = make.incident("Slow", severity=severity, service=service, by=by, now=when - timedelta(hours=1))
    return lifecycle.resolve(made, by=by, now=when)


def remind_postmortems(*times: datetime) -> None:
    for now in times:
        reminding.remind_postmortems(now=now)


# ---- postmortems ----


def test_a_sev1_is_due_three_days_after_it_resolved(service: Service, priya: Person) -> None:
    incident = resolved(service, "sev1", by=priya)
    remind_postmortems(at(20, 13), at(21), at(22))  # the rest of Friday, and the weekend
    assert told() == []
    remind_postmortems(at(23, 7), at(23, 8), at(23, 15))
    assert told() == [("Priya", f"The postmortem of INC-{incident.pk} is due on 2026-11-23: Slow")]
    remind_postmortems(at(24), at(25), at(27))
    assert told()[1:] == [("Priya", f"The postmortem of INC-{incident.pk} was due on 2026-11-23: Slow")]
    remind_postmortems(at(30))
    assert len(told()) == 2
    remind_postmortems(at(31), at(32))
    assert len(told()) == 3


def test_a_sev2_is_due_after_five_working_days(service: Service, priya: Person) -> None:
    incident = resolved(service, "sev2", by=priya)
    remind_postmortems(at(23), at(24), at(25))
    assert told() == []
    remind_postmortems(at(26), at(27), at(27))  # the day before, and the day
    assert told() == [("Priya", f"The postmortem of INC-{incident.pk} is due on 2026-11-27: Slow")]
    remind_postmortems(at(28), at(29), at(30))
    assert len(told()) == 2


def test_the_calendar_is_that_of_who_is_asked(service: Service, priya: Person) -> None:
    """Friday noon in London is Saturday in Auckland: five working days later is the Friday there."""
    Manner.objects.create(person=priya, time_zone="Pacific/Auckland")
    incident = resolved(service, "sev2", by=priya)
    assert reminding.due_on(incident, reminding.zones.ZoneInfo("Pacific/Auckland")) == date(2026, 11, 27)
    remind_postmortems(at(24, 20))  # Wednesday, nine in the morning there
    assert told() == []
    remind_postmortems(at(25, 20))
    assert len(told()) == 1


@pytest.mark.parametrize("severity", ["sev3", "sev4", "pending"])
def test_lesser_ones_are_nobodys_duty(service: Service, priya: Person, severity: str) -> None:
    resolved(service, severity, by=priya)
    remind_postmortems(*(at(day) for day in range(20, 40)))
    assert told() == []


def test_who_began_to_write_is_asked(service: Service, priya: Person) -> None:
    jonas = make.person("Jonas")
    pm.draft(by=jonas, incident=resolved(service, "sev1", by=priya))
    remind_postmortems(at(23))
    assert [name for name, _ in told()] == ["Jonas"]


def test_what_is_published_or_goes_without_is_not_asked_for(service: Service, priya: Person) -> None:
    incident = resolved(service, "sev1", by=priya)
    Incident.objects.filter(pk=incident.pk).update(no_postmortem_reason="a drill")
    pm.published(service=service)
    remind_postmortems(at(23), at(24))
    assert told() == []


def test_a_forgotten_one_is_asked_for_at_most_ten_weeks(service: Service, priya: Person) -> None:
    resolved(service, "sev1", by=priya)
    remind_postmortems(*(at(20 + day) for day in range(200)))
    assert 9 <= len(told()) <= 12


def test_a_team_means_its_members(priya: Person) -> None:
    service = make.service(owner=make.team("Payments", make.person("Ann"), make.person("Bo")))
    resolved(service, "sev1", by=priya)
    remind_postmortems(at(23))
    assert [name for name, _ in told()] == ["Ann", "Bo"]


# ---- actions ----


@pytest.fixture
def action(priya: Person) -> Action:
    pm.published()
    made = Action.objects.filter(done_at=None).first()
    assert made is not None
    Action.objects.filter(pk=made.pk).update(
        owner=priya, owner_team=None, due_on=date(2026, 11, 20), title="Add a test"
    )
    Action.objects.exclude(pk=made.pk).update(due_on=date(2027, 6, 1))
    Notice.objects.all().delete()
    made.refresh_from_db()
    return made


def remind_actions(*times: datetime) -> None:
    for now in times:
        reminding.remind_actions(now=now)


def test_an_overdue_action_is_asked_for_on_the_next_working_day_then_weekly(action: Action) -> None:
    remind_actions(at(20), at(21), at(22), at(23, 7))
    assert told() == []
    remind_actions(at(23), at(23, 9.5), at(24), at(27))
    number = action.postmortem.incident_id
    assert told() == [("Priya", f"Overdue since 2026-11-20: “Add a test”, an action of INC-{number}")]
    remind_actions(at(30), at(31), at(34))
    assert len(told()) == 2


def test_what_is_done_is_not_asked_for(action: Action, priya: Person) -> None:
    acting.mark_done(action, by=priya, now=at(20))
    remind_actions(at(23), at(30))
    assert told() == []


def test_a_new_day_begins_anew(action: Action) -> None:
    remind_actions(at(23))
    Action.objects.filter(pk=action.pk).update(due_on=date(2026, 11, 24))
    remind_actions(at(24), at(25))
    assert len(told()) == 2


@pytest.mark.parametrize(("zone", "count"), [("America/Los_Angeles", 0), ("Pacific/Auckland", 1)])
def test_the_morning_is_that_of_the_owner(action: Action, priya: Person, zone: str, count: int) -> None:
    """Sunday eight in the evening in London is Monday nine in Auckland and Sunday noon in Los Angeles."""
    Manner.objects.create(person=priya, time_zone=zone)
    remind_actions(at(22, 20))
    assert len(told()) == count


def test_of_a_private_incident_only_who_may_see_it_hears(action: Action, priya: Person, settings: Any) -> None:
    Incident.objects.filter(pk=action.postmortem.incident_id).update(private=True)
    remind_actions(at(23))
    assert told() == []
