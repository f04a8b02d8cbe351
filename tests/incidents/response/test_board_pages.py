"""Paging the board, keeping it fresh, and what other wings say on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from incidents.alerts.queries import members
from incidents.response import lifecycle
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "live"}


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def responder(maya: Person) -> Client:
    client = Client()
    client.force_login(maya)
    return client


def numbers(client: Client, **query: str | None) -> list[int]:
    return [row.incident.pk for row in board(client, **query).rows]


def board(client: Client, **query: str | None):
    return client.get("/", {name: value for name, value in query.items() if value}).context["board"]


def test_paging_goes_both_ways_and_neither_loses_nor_repeats(responder: Client) -> None:
    by = make.person()
    made = {make.incident(by=by, severity=severity).pk for severity in ["sev1", "sev3", "sev2"] * 40}
    first = board(responder)
    second = board(responder, after=first.following)
    third = board(responder, after=second.following)
    assert (first.preceding, third.following) == (None, None)
    pages = [[row.incident.pk for row in one.rows] for one in (first, second, third)]
    assert [len(one) for one in pages] == [50, 50, 20]
    assert set().union(*map(set, pages)) == made
    assert numbers(responder, before=third.preceding) == pages[1]
    assert numbers(responder, before=second.preceding) == pages[0]
    assert numbers(responder, after="rubbish") == pages[0]


def test_paging_holds_while_rows_come_and_go(responder: Client) -> None:
    by = make.person()
    made = [make.incident(by=by, severity="sev2", now=NOON + timedelta(minutes=n)) for n in range(60)]
    first = board(responder)
    last = first.rows[-1].incident
    lifecycle.resolve(last, by=by, now=NOON + timedelta(hours=2))  # the cursor's own row
    make.incident("newcomer", by=by, severity="sev1")
    lifecycle.set_severity(made[0], severity="sev4", by=by, now=NOON)
    assert set(numbers(responder, after=first.following)) == {one.pk for one in made[:10]}


def test_nothing_new_is_answered_by_nothing(responder: Client) -> None:
    incident = make.incident("slow")
    version = board(responder).version
    address = f"/board/live/?state=open&seen={version}"
    answer = responder.get(address, headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    lifecycle.acknowledge(incident, by=make.person("Jonas"), now=NOON)
    answer = responder.get(address, headers=HTMX)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Jonas has the ball" in shown
    assert shown.strip().startswith('<div id="live"')
    assert answer.context["board"].version != version


@pytest.mark.parametrize("what", ["owner", "view", "count"])
def test_all_that_is_shown_counts_as_new(responder: Client, maya: Person, what: str) -> None:
    service = make.service()
    make.incident(service=service)
    version = board(responder).version
    if what == "owner":
        make.assignment(service, make.person("Priya"))
    elif what == "view":
        responder.post("/board/views/new/?layer=data", {"name": "Data"})
    else:
        for _ in range(60):
            make.incident(severity="sev4", by=maya)
    assert responder.get(f"/board/live/?state=open&seen={version}").status_code == 200


def test_on_a_later_page_what_is_new_is_counted(responder: Client) -> None:
    by = make.person()
    for _ in range(55):
        make.incident(by=by, severity="sev3")
    first = responder.get("/")
    newest = first.context["newest"]
    following = first.context["board"].following
    page = responder.get("/board/live/", {"after": following, "newest": newest})
    assert "new since you came" not in page.content.decode()
    for _ in range(3):
        make.incident(by=by, severity="sev1")
    page = responder.get("/board/live/", {"after": following, "newest": newest})
    assert "3 new since you came" in page.content.decode()
    assert len(page.context["board"].rows) == 5
    assert "new since you came" not in responder.get("/board/live/", {"newest": newest}).content.decode()


@pytest.mark.parametrize("newest", ["x", "-1", "9" * 40, ""])
def test_a_bent_number_counts_nothing(responder: Client, newest: str) -> None:
    assert responder.get("/board/live/", {"newest": newest}).status_code == 200


def test_rows_say_how_many_alerts(responder: Client) -> None:
    make.service("Support answers")
    am.send(am.source(), *[am.alert(name, service="support-answers") for name in ("Slow", "Down", "Over")])
    make.incident("none")
    notes = {row.incident.title: list(row.notes) for row in board(responder).rows}
    assert sorted(notes.values()) == [[], ["3 alerts"]]
    assert notes["none"] == []


def test_counting_alerts_ends_somewhere(responder: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST", 3)
    make.service("Support answers")
    am.send(am.source(), *[am.alert(name, service="support-answers") for name in ("Slow", "Down", "Over")])
    (row,) = board(responder).rows
    assert list(row.notes) == ["over 2 alerts"]


def test_the_layer_that_only_a_rule_suspects_says_so(responder: Client) -> None:
    incident = make.incident()
    Incident.objects.filter(pk=incident.pk).update(suggested_layer="data")
    assert "by its alerts" in responder.get("/").content.decode()


def test_viewers_tick_nothing(responder: Client) -> None:
    make.incident()
    viewer = Client()
    viewer.force_login(make.person(role="viewer"))
    assert 'name="number"' in responder.get("/").content.decode()
    shown = viewer.get("/").content.decode()
    assert 'name="number"' not in shown
    assert "data-bulk" not in shown


def test_a_private_incident_is_on_nobody_elses_board(responder: Client, maya: Person) -> None:
    make.incident("secret", private=True, first_blame="data")
    responder.post("/board/views/new/?layer=data", {"name": "Data"})
    shown = responder.get("/?state=open")
    assert "secret" not in shown.content.decode()
    totals = shown.context["board"].totals
    assert (totals.open, totals.nobodys, list(totals.views.values()), totals.oldest) == (0, 0, [0], None)
    assert 'class="count"' not in shown.content.decode().partition("</nav>")[0]
    assert numbers(responder, state="all") == []
    make.incident("own", private=True, by=maya)
    assert "own" in responder.get("/").content.decode()
