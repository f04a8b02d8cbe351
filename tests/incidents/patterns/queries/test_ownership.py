"""When nobody was accountable, by what is known at an instant; hand-offs of what one sees; marks lead to as many."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.patterns.answers.handoffs import Passed
from incidents.patterns.answers.ownership import Opened
from incidents.patterns.queries import facts, handoffs, marks, ownership
from incidents.patterns.questions import handoffs as handoffs_question
from incidents.patterns.questions import ownership as question
from incidents.patterns.questions.asking import about
from incidents.patterns.selection import Selection
from incidents.patterns.window import Window
from incidents.response import handing_off
from incidents.response.models import Incident
from ownership.models import Assignment, Person, Service, Waiver
from ownership.queries import asof
from tests import factories as make
from tests.incidents.patterns.factories import happened, window

pytestmark = pytest.mark.django_db
CLOCK = timezone.now()  # the database says itself since when an incident is known: now
DAY = timedelta(days=1)
WINDOW = {"from_": (CLOCK - 100 * DAY).date().isoformat(), "to": (CLOCK - 20 * DAY).date().isoformat()}
BEGINS = window(CLOCK, **WINDOW).since


@pytest.fixture
def viewer() -> Person:
    return make.person("Vera Ilić", role="viewer")


def day(count: float) -> datetime:
    """So many days after the window begins; it has 81."""
    return BEGINS + count * DAY


def service(name: str = "Search", *, created: float = -50, **fields: Any) -> Service:
    made = make.service(name, **fields)
    Service.objects.filter(pk=made.pk).update(created_at=day(created))
    return made


def held(
    of: Service, since: float, until: float | None = None, *, by: Person | None = None, known: float = -99
) -> Assignment:
    by = by or make.person()
    upper = None if until is None else day(until)
    return make.assignment(of, by, since=day(since), until=upper, known_from=day(known))


def gaps(asked: Window, viewer: Person) -> dict[str, list[tuple[float, float, bool]]]:
    """By service the days of the window at which each gap begins and ends."""
    found = ownership.services(facts.scope(asked, viewer), clock=asked.as_of)
    return {
        one.name: [((gap.begins - BEGINS) / DAY, (gap.ends - BEGINS) / DAY, gap.on_purpose) for gap in one.gaps]
        for one in found
    }


def test_time_in_which_nobody_was_accountable(viewer: Person) -> None:
    handed, young, gone, bare = service("Handed"), service("Young", created=60), service("Gone"), service("Bare")
    held(handed, -50, 10)
    held(handed, 15.5, 20)
    held(handed, 20, None)
    held(young, 70)
    make.assignment(young, make.person(), role="deputy", since=day(60), known_from=day(60))
    held(gone, -50, 30)
    Service.objects.filter(pk=gone.pk).update(retired_at=day(40))
    service("Later", created=90)
    assert gaps(window(CLOCK, **WINDOW), viewer) == {
        "Bare": [(0, 81, False)],
        "Gone": [(30, 40, False)],
        "Handed": [(10, 15.5, False)],
        "Young": [(60, 70, False)],
    }
    Waiver.objects.create(service=bare, reason="an experiment", made_at=day(20), ended_at=day(50), ended_by=viewer)
    assert gaps(window(CLOCK, **WINDOW, service="bare"), viewer) == {
        "Bare": [(0, 20, False), (20, 50, True), (50, 81, False)]
    }


def test_who_has_left_is_no_owner_from_then_on(viewer: Person) -> None:
    left, unknown = make.person(is_active=False, left_at=day(30)), make.person(is_active=False)
    team = make.team()
    team.dissolved_at = day(70)
    team.save()
    held(service("Left"), -50, by=left)
    held(service("Unknown"), -50, by=unknown)
    make.assignment(service("Team"), team, since=day(-50), known_from=day(-50))
    assert gaps(window(CLOCK, **WINDOW), viewer) == {
        "Left": [(30, 81, False)],
        "Team": [(70, 81, False)],
        "Unknown": [(0, 81, False)],
    }


def test_a_service_counts_from_its_first_owner_if_that_is_earlier(viewer: Person) -> None:
    held(service("Old", created=75), 10, 20)
    (one,) = ownership.services(facts.scope(window(CLOCK, **WINDOW), viewer), clock=CLOCK)
    assert (one.begins, one.ends) == (day(10), day(81))
    assert one.unowned() == 61 * DAY


def test_what_became_known_later_was_not_known_then(viewer: Person) -> None:
    of = service()
    first = held(of, -50)
    assert gaps(window(CLOCK, **WINDOW), viewer) == {"Search": []}
    Assignment.objects.filter(pk=first.pk).update(superseded_at=day(60))  # it had ended on day 40
    held(of, -50, 40, by=first.person, known=60)
    assert gaps(window(CLOCK, **WINDOW), viewer) == {"Search": [(40, 81, False)]}
    assert gaps(window(CLOCK, **WINDOW, as_of=day(50).isoformat()), viewer) == {"Search": []}
    assert gaps(window(CLOCK, **WINDOW, as_of=day(70).isoformat()), viewer) == {"Search": [(40, 70, False)]}


def test_it_is_what_the_page_of_owners_says(viewer: Person) -> None:
    of = service(created=0)
    held(of, 3, 17)
    held(of, 22, 60, by=make.person(is_active=False, left_at=day(50)))
    (one,) = ownership.services(facts.scope(window(CLOCK, **WINDOW), viewer), clock=CLOCK)
    told = asof.as_of(Service.objects.get(pk=of.pk), at=day(81), known_at=CLOCK, now=day(81))
    assert one.unowned() == told.unowned == 39 * DAY


def test_filters_of_services_narrow_and_those_of_incidents_do_not(viewer: Person) -> None:
    service("First", tier="t1")
    service("Second", tier="t3")
    assert sorted(gaps(window(CLOCK, **WINDOW, tier="t3"), viewer)) == ["Second"]
    assert sorted(gaps(window(CLOCK, **WINDOW, severity="sev1"), viewer)) == ["First", "Second"]
    asked = about(window(CLOCK, **WINDOW, severity="sev1"), viewer)
    assert question.ask(asked).notes[0].startswith("Filtering by severity narrows")
    assert question.ask(about(window(CLOCK, **WINDOW, service="-"), viewer)).lines == []


def opened(of: Service | None, owned: bool | None, *, private: bool = False) -> Incident:
    """An incident of the window; whether somebody was accountable is what it noted when it opened."""
    incident = happened(day(30), service=of)
    chain = {} if owned is None else {"accountable": {"name": "Maya"} if owned else None}
    Incident.objects.filter(pk=incident.pk).update(chain=chain, private=private)
    return incident


def test_incidents_that_opened_with_nobody(viewer: Person) -> None:
    of = service()
    for owned in (True, False, False, None):
        opened(of, owned)
    opened(of, False, private=True)
    opened(None, False)
    asked = about(window(CLOCK, **WINDOW), viewer)
    assert sorted(ownership.opened(asked.scope), key=lambda one: one.incidents) == [
        Opened(None, None, None, None, 1, 1, 1),
        Opened(of.pk, of.slug, "Search", of.tier, 4, 3, 2),
    ]
    answer = question.ask(asked)
    assert answer.headline.endswith("3 of 4 incidents opened with nobody accountable.")
    for line in answer.lines:
        narrowed = facts.scope(window(CLOCK, **WINDOW, service=line.behind["service"]), viewer)
        shown = marks.behind(narrowed, Selection(owned=line.behind["owned"]))
        assert shown.count() == line.values["opened"]


def test_hand_offs_then_and_now(viewer: Person) -> None:
    maya, tomas, priya = make.person("Maya"), make.person("Tomás"), make.person("Priya")
    to_and_fro, on, still, hidden = (happened(day(30), by=maya, resolved=False) for _ in range(4))
    Incident.objects.filter(pk=hidden.pk).update(private=True)
    at = CLOCK + timedelta(hours=1)
    for incident, to, hours in (
        (to_and_fro, tomas, 0), (to_and_fro, maya, 1), (hidden, priya, 0),
        (on, tomas, 0), (on, priya, 1), (on, maya, 2),
    ):  # fmt: skip
        incident.refresh_from_db()
        handing_off.give(incident, to=to, reason="night shift", by=maya, now=at + timedelta(hours=hours))
    assert still.pk
    end = CLOCK + DAY
    now = about(window(end, **WINDOW), viewer)
    then = about(window(end, **WINDOW, as_of=(at + timedelta(minutes=30)).isoformat()), viewer)
    assert sorted(handoffs.passed(now.scope), key=str) == [
        Passed(0, False, 1), Passed(2, True, 1), Passed(3, False, 1),
    ]  # fmt: skip
    assert sorted(handoffs.passed(then.scope), key=str) == [Passed(0, False, 1), Passed(1, False, 2)]
    for asked in (now, then):
        for line in handoffs_question.ask(asked).lines:
            if line.behind:
                shown = marks.behind(asked.scope, Selection(**line.behind)).count()
                assert shown == line.values["incidents"]
