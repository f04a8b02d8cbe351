"""Overdue actions and postmortems that are due: on working days, in the morning of one's own zone, once a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from incidents.postmortems import circulating, reminding, settling
from incidents.postmortems.models import Action, Postmortem
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
    pm.rewrite(
        Action.objects.filter(pk=made.pk), owner=priya, owner_team=None, due_on=date(2026, 11, 20), title="Add a test"
    )
    pm.rewrite(Action.objects.exclude(pk=made.pk), due_on=date(2027, 6, 1))
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
    settling.mark_done(action, by=priya, now=at(20))
    remind_actions(at(23), at(30))
    assert told() == []


def test_a_new_day_begins_anew(action: Action) -> None:
    remind_actions(at(23))
    pm.rewrite(Action.objects.filter(pk=action.pk), due_on=date(2026, 11, 24))
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


# ---- snoozed, promised, waiting for verification ----


def test_while_it_is_snoozed_nothing_is_said_of_it_and_after_that_at_once(action: Action, priya: Person) -> None:
    remind_actions(at(23))
    settling.snooze(action, until=date(2026, 11, 25), reason="Freeze.", by=priya, now=at(23, 10))
    remind_actions(at(24))
    assert len(told()) == 1
    remind_actions(at(25), at(26))
    assert [text for _, text in told()] == [told()[0][1]] * 2


@pytest.mark.parametrize("step", ["declined", "verified"])
def test_what_is_settled_is_not_asked_for(action: Action, priya: Person, step: str) -> None:
    if step == "declined":
        settling.decline(action, reason="Never.", by=priya, now=at(20))
    else:
        settling.mark_done(action, by=priya, now=at(1))
        shown = {"evidence": "link", "ref": "https://x", "note": "seen"}
        settling.verify(action, **shown, by=make.person(), now=at(2))
    remind_actions(at(23), at(30))
    reminding.remind_verifiers(now=at(30))
    assert told() == []


@pytest.mark.parametrize(("priority", "weeks"), [("high", 4), ("normal", 8), ("low", None)])
def test_beyond_what_its_priority_promises_is_said_once(action: Action, priority: str, weeks: int | None) -> None:
    """The promise counts from the day it was written down, wherever its due date stands."""
    pm.rewrite(Action.objects.filter(pk=action.pk), priority=priority, due_on=date(2027, 6, 1), created_at=at(2))
    for day in range(2, 2 + 7 * 10):
        reminding.remind_actions(now=at(day))
    number = action.postmortem.incident_id
    said = f"Open for more than the {weeks} weeks that {priority} priority promises: “Add a test”, INC-{number}"
    assert told() == ([("Priya", said)] if weeks else [])


def test_where_the_promise_is_the_due_date_it_is_overdue_and_no_more(action: Action) -> None:
    pm.rewrite(
        Action.objects.filter(pk=action.pk),
        priority="high",
        created_at=at(2) - timedelta(weeks=4),
        due_on=date(2026, 11, 2),
    )
    reminding.remind_actions(now=at(3))
    assert [text[:7] for _, text in told()] == ["Overdue"]


def remind_verifiers(*times: datetime) -> None:
    for now in times:
        reminding.remind_verifiers(now=now)


def test_what_waits_to_be_verified_is_asked_for_weekly(action: Action, priya: Person) -> None:
    settling.mark_done(action, by=priya, now=at(13))
    remind_verifiers(at(18), at(19), at(20, 8))
    assert told() == []
    remind_verifiers(at(20, 9.5), at(23), at(25))
    author = action.postmortem.author
    said = f"Done since 2026-11-13 and not verified: “Add a test”, an action of INC-{action.postmortem.incident_id}"
    assert told() == [(str(author), said)]
    remind_verifiers(at(27, 10))
    assert len(told()) == 2


def test_its_doer_is_not_asked_to_verify_it(action: Action, service: Service, priya: Person) -> None:
    """Where the author did it, whoever answers for the service is asked; nobody, where that is the owner."""
    incident = action.postmortem.incident
    author = action.postmortem.author
    settling.mark_done(action, by=author, now=at(2))
    remind_verifiers(at(23))
    assert told() == []  # neither author nor anybody else is there to ask
    ann, bo = make.person("Ann"), make.person("Bo")
    team_service = make.service(owner=make.team("Payments", ann, bo, author))
    Incident.objects.filter(pk=incident.pk).update(service=team_service)
    remind_verifiers(at(23))
    assert [name for name, _ in told()] == ["Ann", "Bo"]


def test_drafts_ask_nobody_to_verify(priya: Person) -> None:
    settling.mark_done(pm.action(pm.draft(), owner=priya), by=priya, now=at(1))
    Notice.objects.all().delete()
    remind_verifiers(at(23))
    assert told() == []


# ---- reviews ----


def remind_reviews(*times: datetime) -> None:
    Notice.objects.all().delete()
    for now in times:
        reminding.remind_reviews(now=now)


@pytest.fixture
def asked(service: Service, priya: Person) -> Postmortem:
    """Sent to Priya on Friday for the Wednesday after."""
    begun = pm.draft(by=make.person("Maya"), incident=resolved(service, "sev3", by=priya))
    due = date(2026, 11, 25)
    return circulating.send(begun, reviewers=[priya], due_on=due, by=begun.author, now=FRIDAY)


def test_a_reviewer_is_reminded_the_day_before_and_weekly_after(asked: Postmortem) -> None:
    ref = asked.incident.ref
    remind_reviews(at(23))
    assert told() == []
    remind_reviews(at(24), at(25), at(26), at(27), at(30))
    assert told() == [
        ("Priya", f"Your review of the postmortem of {ref} is due on 2026-11-25: Slow"),
        ("Priya", f"Your review of the postmortem of {ref} was due on 2026-11-25: Slow"),
    ]


def test_who_has_answered_or_is_no_longer_asked_is_left_alone(asked: Postmortem, priya: Person) -> None:
    circulating.answer(asked, said="approved", by=priya, now=at(21))
    remind_reviews(at(24))
    assert told() == []
    circulating.ask_again(asked, priya, by=asked.author, now=at(23))
    remind_reviews(at(24))
    assert len(told()) == 1
    circulating.take_back(asked, reason="Later.", by=asked.author, now=at(23))
    remind_reviews(at(26))
    assert told() == []
