"""What came back is in nobody's hands until somebody takes it anew, whatever happens to it and to its times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.response import anchors, bulk, escalating, lifecycle, merging, waiting
from incidents.response.models import Escalation, HandOff, Incident, TimelineRow
from incidents.response.queries import ladder
from ownership.models import Notice, Person, Service
from ownership.queries import owners
from tests import factories as make

pytestmark = pytest.mark.django_db

MONDAY = timezone.now() - timedelta(days=1)  # the links of messages count from the real now
BACK = 60  # minutes after it opened
Take = Callable[[Incident, Person, datetime], object]


def minutes(count: float) -> datetime:
    return MONDAY + timedelta(minutes=count)


@pytest.fixture
def people() -> dict[str, Person]:
    return {name: make.person(name) for name in ("Priya", "Dina", "Ede", "Maya")}


@pytest.fixture
def service(people: dict[str, Person]) -> Service:
    made = make.service("Support answers", owner=people["Priya"], tier="t2")
    make.assignment(made, people["Dina"], role="deputy")
    make.assignment(made, people["Ede"], role="escalation")
    return made


@pytest.fixture
def back(service: Service, people: dict[str, Person]) -> Incident:
    """Maya had it, it was resolved, and it is open again; nobody has heard of that yet."""
    made = make.incident("Slow answers", service=service, severity="sev3", by=people["Maya"], now=MONDAY)
    sweep(0)
    lifecycle.acknowledge(made, by=people["Maya"], now=minutes(1))
    lifecycle.resolve(made, by=people["Maya"], now=minutes(10))
    lifecycle.reopen(made, reason="It is back", by=people["Maya"], now=minutes(BACK))
    Notice.objects.all().delete()
    return Incident.objects.get(pk=made.pk)


def sweep(*at: float) -> None:
    for minute in at:
        escalating.sweep(now=minutes(minute))


def names() -> list[str]:
    return [str(one.person) for one in Notice.objects.select_related("person").order_by("pk")]


def latest(incident: Incident) -> Escalation:
    return Escalation.objects.filter(incident=incident).latest("round")


def acknowledgements(incident: Incident) -> list[str]:
    rows = TimelineRow.objects.filter(incident=incident, kind="acknowledged").order_by("pk")
    return [str(row.by) for row in rows.select_related("by")]


def worse(incident: Incident, at: float) -> None:
    lifecycle.set_severity(incident, severity="sev1", by=make.person(), now=minutes(at))


def exhausted(incident: Incident) -> None:
    sweep(BACK, BACK + 15, BACK + 30, BACK + 45)
    assert latest(incident).ended_how == "exhausted"


def switched_off(incident: Incident) -> None:
    assert incident.service is not None
    waiting.set_service(incident.service, minutes=None, by=make.person(), now=MONDAY)
    sweep(BACK)
    assert latest(incident).ended_how == "switched_off"


def by_hand(incident: Incident, by: Person, now: datetime) -> None:
    lifecycle.acknowledge(incident, by=by, now=now)


def in_bulk(incident: Incident, by: Person, now: datetime) -> None:
    assert bulk.acknowledge([incident.pk], by=by, now=now).done == [incident.pk]


def by_link(incident: Incident, by: Person, now: datetime) -> None:
    link = Notice.objects.filter(person=by).latest("pk").act_path
    assert f"Acknowledge as {by}" in Client().get(link).content.decode()
    said = Client().post(link).content.decode()
    assert "Done." in said
    assert "<form" not in said.split("<footer>")[0]


def by_mitigating(incident: Incident, by: Person, now: datetime) -> None:
    lifecycle.mitigate(incident, by=by, now=now)


WAYS = [by_hand, in_bulk, by_link, by_mitigating]


def is_taken(incident: Incident, by: Person) -> None:
    incident.refresh_from_db()
    assert (incident.ball, str(incident.acknowledged_by)) == (by, "Maya")
    assert (latest(incident).taken_by, acknowledgements(incident)) == (by, ["Maya", str(by)])


# ---- it grows worse, or its service is named ----


def test_growing_worse_before_it_was_taken_climbs_to_the_end(back: Incident) -> None:
    sweep(BACK)
    worse(back, BACK + 2)
    sweep(BACK + 2, BACK + 17, BACK + 32)
    assert names() == ["Priya", "Priya", "Dina", "Ede"]
    assert all(one.act_path for one in Notice.objects.all())
    assert list(Escalation.objects.order_by("round").values_list("reason", "comeback")) == [
        ("opened", False),
        ("reopened", True),
        ("worsened", True),
    ]


def test_naming_its_service_before_it_was_taken_climbs_too(back: Incident, people: dict[str, Person]) -> None:
    other = make.service("Search", owner=people["Ede"])
    make.assignment(other, people["Dina"], role="deputy")
    sweep(BACK)
    lifecycle.set_service(back, service=other, by=people["Maya"], now=minutes(BACK + 2))
    sweep(BACK + 2, BACK + 17)
    assert names() == ["Priya", "Ede", "Dina"]


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_what_grew_worse_can_be_taken(back: Incident, people: dict[str, Person], way: Take, is_told: bool) -> None:
    sweep(BACK)
    worse(back, BACK + 2)
    if is_told:
        sweep(BACK + 2)
    way(back, people["Priya"], minutes(BACK + 3))
    is_taken(back, people["Priya"])
    sweep(BACK + 3, BACK + 18, BACK + 33)
    assert "Dina" not in names()


def test_once_taken_it_is_in_somebodys_hands(back: Incident, people: dict[str, Person]) -> None:
    sweep(BACK)
    lifecycle.acknowledge(back, by=people["Priya"], now=minutes(BACK + 1))
    worse(back, BACK + 2)
    assert not latest(back).comeback
    for take in (by_hand, lambda one, by, now: bulk.acknowledge([one.pk], by=by, now=now)):  # before it is told
        take(back, people["Dina"], minutes(BACK + 3))
    assert acknowledgements(back) == ["Maya", "Priya"]
    sweep(BACK + 3, BACK + 18, BACK + 33)
    assert names() == ["Priya", "Priya"]
    assert Incident.objects.get().ball == people["Priya"]


def test_each_comeback_wants_somebody(back: Incident, people: dict[str, Person]) -> None:
    sweep(BACK)
    lifecycle.resolve(back, by=people["Maya"], now=minutes(BACK + 1))  # nobody took it
    lifecycle.reopen(back, reason="again", by=people["Maya"], now=minutes(BACK + 2))
    lifecycle.acknowledge(back, by=people["Priya"], now=minutes(BACK + 3))
    is_taken(back, people["Priya"])
    lifecycle.acknowledge(back, by=people["Dina"], now=minutes(BACK + 4))  # the one before is past
    is_taken(back, people["Priya"])


# ---- its times are corrected ----


def test_correcting_when_it_was_acknowledged_stops_nothing(back: Incident, people: dict[str, Person]) -> None:
    sweep(BACK)
    times = replace(anchors.of(back), acknowledged_at=minutes(0.5))
    anchors.correct(back, times=times, reason="the pager's log", by=people["Maya"], now=minutes(BACK + 2))
    sweep(BACK + 15)
    assert names() == ["Priya", "Dina"]
    lifecycle.acknowledge(back, by=people["Dina"], now=minutes(BACK + 16))
    is_taken(back, people["Dina"])
    sweep(BACK + 30)
    assert names() == ["Priya", "Dina"]


def test_saying_later_that_it_was_acknowledged_before_stops_no_comeback(people: dict[str, Person]) -> None:
    made = make.incident(service=make.service(owner=people["Priya"]), now=MONDAY)
    lifecycle.resolve(made, by=people["Maya"], now=minutes(10))
    back = lifecycle.reopen(made, reason="back", by=people["Maya"], now=minutes(BACK))
    times = replace(anchors.of(back), acknowledged_at=minutes(1))
    anchors.correct(back, times=times, reason="I had it", by=people["Maya"], now=minutes(BACK + 1))
    assert ladder.stopped(latest(back)) is None
    lifecycle.acknowledge(back, by=people["Priya"], now=minutes(BACK + 2))
    assert ladder.stopped(latest(back)) == "acknowledged"


# ---- its ladder has ended ----


@pytest.mark.parametrize("ended", [exhausted, switched_off])
@pytest.mark.parametrize("way", WAYS)
def test_it_can_be_taken_after_its_ladder_ended(
    back: Incident, people: dict[str, Person], way: Take, ended: Callable[[Incident], None]
) -> None:
    ended(back)
    way(back, people["Priya"], minutes(BACK + 50))
    is_taken(back, people["Priya"])
    lifecycle.acknowledge(back, by=people["Dina"], now=minutes(BACK + 55))  # twice is once
    assert bulk.acknowledge([back.pk], by=people["Dina"], now=minutes(BACK + 55)).done == []
    is_taken(back, people["Priya"])
    shown = ladder.shown(back, answering=owners.NOBODY)
    assert shown is not None
    assert shown.by == people["Priya"]
    assert HandOff.objects.filter(incident=back, to=people["Dina"]).count() == 0


def test_growing_worse_after_its_ladder_ended_begins_it_again(back: Incident) -> None:
    exhausted(back)
    worse(back, BACK + 50)
    sweep(BACK + 50, BACK + 65)
    assert names() == ["Priya", "Dina", "Ede", "Priya", "Dina"]


def test_its_page_offers_it_until_somebody_has_it(back: Incident, people: dict[str, Person]) -> None:
    exhausted(back)
    page, act = f"/incidents/{back.pk}/", f"/incidents/{back.pk}/acknowledge/"
    priya, viewer = Client(), Client()
    priya.force_login(people["Priya"])
    viewer.force_login(make.person(role="viewer"))
    assert "I have it" in priya.get(page).content.decode()
    assert "I have it" not in viewer.get(page).content.decode()
    assert viewer.post(act).status_code == 403
    assert priya.post(act).status_code == 302
    said = priya.get(page).content.decode()
    assert ("I have it" in said, "Stopped, because Priya acknowledged it." in said) == (False, True)


# ---- merged ----


def test_parting_what_had_come_back_begins_anew(back: Incident, service: Service, people: dict[str, Person]) -> None:
    sweep(BACK)
    other = make.incident("The same", service=service, by=people["Maya"], now=minutes(BACK))
    merging.merge(back, into=other, by=people["Maya"], now=minutes(BACK + 1))
    sweep(BACK + 15)
    Notice.objects.all().delete()
    merging.undo(back, by=people["Maya"], now=minutes(BACK + 20))
    Escalation.objects.filter(incident=other).update(ended_at=minutes(BACK + 20), ended_how="resolved")
    sweep(BACK + 20, BACK + 35)
    assert names() == ["Priya", "Dina"]


def test_parting_what_somebody_has_begins_nothing(back: Incident, service: Service, people: dict[str, Person]) -> None:
    lifecycle.acknowledge(back, by=people["Priya"], now=minutes(BACK + 1))
    other = make.incident("The same", service=service, by=people["Maya"], now=minutes(BACK + 1))
    merging.merge(back, into=other, by=people["Maya"], now=minutes(BACK + 2))
    merging.undo(back, by=people["Maya"], now=minutes(BACK + 3))
    assert latest(back).round == 2
