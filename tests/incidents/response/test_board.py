"""The board and the reads of one incident: order, filters, paging, constant queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from incidents.response import lifecycle
from incidents.response.models import FailureMode, Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
BOARD_QUERIES = 16  # of these 3 for what the filters offer, 1 for saved views, 1 for what alerts say of the rows
# two for the ladder, five for what changed before, three for people, merges and links, seven for what it is like, three
# for times, impact and ball, one for pins
INCIDENT_QUERIES = 43


@pytest.fixture
def responder() -> Client:
    client = Client()
    client.force_login(make.person("Maya Okafor"))
    return client


@pytest.fixture
def incident() -> Incident:
    return make.incident("Slow answers", service=make.service("Support answers", owner=make.person("Priya Nair")))


def url(incident: Incident) -> str:
    return f"/incidents/{incident.pk}/"


def titles(client: Client, query: str = "") -> list[str]:
    return [row.incident.title for row in client.get(f"/{query}").context["board"].rows]


def test_the_board_shows_nobodys_first_then_by_severity_then_newest(responder: Client) -> None:
    service = make.service(owner=make.person())
    make.incident("mild", service=service, severity="sev4", detected_at=NOON - HOUR)
    make.incident("unjudged", service=service, detected_at=NOON - HOUR)
    make.incident("bad, older", service=service, severity="sev1", detected_at=NOON - 5 * HOUR)
    make.incident("bad, newer", service=service, severity="sev1", detected_at=NOON - 2 * HOUR)
    make.incident("nobody's", severity="sev4", detected_at=NOON - 9 * HOUR)
    assert titles(responder) == ["nobody's", "bad, newer", "bad, older", "unjudged", "mild"]
    assert titles(responder, "?nobody=1") == ["nobody's"]


def test_mine_is_what_i_answer_for_or_hold(responder: Client) -> None:
    maya = Person.objects.get(name="Maya Okafor")
    team = make.team("Answers", maya)
    make.incident("by name", service=make.service(owner=maya))
    make.incident("by team", service=make.service(owner=team))
    make.incident("has the ball", by=maya)
    make.incident("other", service=make.service(owner=make.person()))
    assert set(titles(responder, "?mine=1")) == {"by name", "by team", "has the ball"}


def test_the_board_filters_by_service_and_keeps_the_past_apart(responder: Client) -> None:
    service = make.service("Fraud score")
    make.incident("open here", service=service)
    done = make.incident("done here", service=service)
    make.incident("elsewhere")
    lifecycle.resolve(done, by=make.person(), now=NOON + timedelta(hours=1))
    assert titles(responder, "?service=fraud-score") == ["open here"]
    assert titles(responder, "?state=resolved") == ["done here"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_boards_queries_do_not_grow(responder: Client, django_assert_num_queries, count: int) -> None:
    for _ in range(count):
        make.incident(service=make.service(owner=make.person()))
    responder.get("/")  # content types and the like are read once
    with django_assert_num_queries(BOARD_QUERIES):
        responder.get("/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_incidents_queries_do_not_grow(responder: Client, django_assert_num_queries, count: int) -> None:
    maya = make.person()
    service = make.service(owner=maya)
    incident = make.incident(service=service)
    modes = list(FailureMode.objects.all()[:count])
    for mode in modes:
        make.component(of=service)
        make.finding(incident, mode.code)
        lifecycle.note(incident, text="seen", by=make.person(), now=NOON)
    responder.get(url(incident))
    with django_assert_num_queries(INCIDENT_QUERIES):
        responder.get(url(incident))


def test_board_and_page_say_who_stands_in_and_who_of_a_team_answers(responder: Client) -> None:
    gone, ada = make.person("Lee", is_active=False), make.person("Ada")
    left = make.service("Left", owner=gone)
    make.assignment(left, make.person("Grace"), role="deputy")
    owned = make.service("Owned")
    make.assignment(owned, make.team("Payments team", ada), answering=ada)
    incidents = [make.incident(service=service) for service in (left, owned)]
    board = responder.get("/").content.decode()
    for words in ("Lee is no longer here", "Grace stands in as deputy", "Ada answers"):
        assert words in board
    shown = [responder.get(url(incident)).content.decode() for incident in incidents]
    assert "stands in as deputy" in shown[0]
    assert "on paper" in shown[0]
    assert "Ada answers" in shown[1]


def test_as_known_then_and_as_corrected_stand_side_by_side(responder: Client) -> None:
    service = make.service("Ranking")
    incident = make.incident(service=service)
    make.assignment(service, make.person("Late Named"), known_from=NOON + timedelta(days=1))
    shown = responder.get(url(incident)).content.decode()
    assert "As known when it opened: <b>nobody</b>" in shown
    assert "As corrected since: <b>Late Named</b>" in shown


def test_a_long_timeline_is_paged_back(responder: Client, incident: Incident) -> None:
    rows = [
        TimelineRow(incident=incident, kind="note", at=NOON + timedelta(minutes=n), text=f"note {n:03}")
        for n in range(120)
    ]
    TimelineRow.objects.bulk_create(rows)
    page = responder.get(url(incident))
    assert "note 119" in page.content.decode()
    assert "note 010" not in page.content.decode()
    earlier = responder.get(url(incident), {"before": page.context["story"].earlier}).content.decode()
    assert "note 010" in earlier
    assert "note 119" not in earlier


def test_the_service_shows_its_open_incidents_and_no_others(responder: Client, incident: Incident) -> None:
    make.incident("elsewhere", service=make.service())
    done = make.incident("long done", service=incident.service)
    lifecycle.resolve(done, by=make.person(), now=NOON + HOUR)
    shown = responder.get("/services/support-answers/").content.decode()
    assert f'<a href="{url(incident)}">Slow answers</a>' in shown
    assert "elsewhere" not in shown
    assert "long done" not in shown
