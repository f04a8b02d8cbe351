"""The board's filters: in the address, combined, in words, and honest about what cannot be used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.response import lifecycle
from incidents.response.models import Incident
from incidents.response.queries import narrowing
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def responder(maya: Person) -> Client:
    client = Client()
    client.force_login(maya)
    return client


def titles(client: Client, query: str = "") -> list[str]:
    return [row.incident.title for row in client.get(f"/?{query}").context["board"].rows]


def suspected(title: str, layer: str, **fields: Any) -> Incident:
    """An incident whose alerts suggest a layer."""
    made = make.incident(title, **fields)
    Incident.objects.filter(pk=made.pk).update(suggested_layer=layer)
    return made


def test_states(responder: Client) -> None:
    by = make.person()
    make.incident("new", by=by)
    taken = lifecycle.acknowledge(make.incident("taken", by=by), by=by, now=NOON + HOUR)
    lifecycle.mitigate(make.incident("better", by=by), by=by, now=NOON + HOUR)
    lifecycle.resolve(make.incident("over", by=by), by=by, now=NOON + HOUR)
    done = lifecycle.resolve(make.incident("done", by=by), by=by, now=NOON)
    Incident.objects.filter(pk=done.pk).update(closed_at=NOON + HOUR, closed_by=by)
    assert taken.state == "acknowledged"
    assert set(titles(responder, "state=open")) == {"new", "taken", "better"}
    assert titles(responder, "state=mitigated") == ["better"]
    assert titles(responder, "state=unclosed") == ["over"]
    assert titles(responder, "state=closed") == ["done"]
    assert titles(responder, "state=unacknowledged") == ["new"]
    assert titles(responder, "state=acknowledged") == ["taken"]
    assert titles(responder, "state=resolved") == ["over", "done"]
    assert set(titles(responder, "state=all")) == {"new", "taken", "better", "over", "done"}


def test_resolved_ones_stand_in_the_order_they_were_resolved(responder: Client) -> None:
    by = make.person()
    for title, hours in (("first", 1), ("last", 3), ("second", 2)):
        lifecycle.resolve(make.incident(title, by=by), by=by, now=NOON + hours * HOUR)
    assert titles(responder, "state=resolved") == ["last", "second", "first"]


def test_severities_one_or_several(responder: Client) -> None:
    for severity in ("sev1", "sev2", "sev3"):
        make.incident(severity, severity=severity)
    assert titles(responder, "severity=sev2") == ["sev2"]
    assert titles(responder, "severity=sev1,sev3") == ["sev1", "sev3"]


def test_the_layer_suspected_is_first_blame_else_what_alerts_suggest(responder: Client) -> None:
    make.incident("blamed", first_blame="latency")
    suspected("suggested", "latency")
    suspected("blamed otherwise", "latency", first_blame="model")
    make.incident("not known")
    assert set(titles(responder, "layer=latency")) == {"blamed", "suggested"}
    assert titles(responder, "layer=model") == ["blamed otherwise"]
    assert titles(responder, "layer=unknown") == ["not known"]


def test_the_owner_is_who_is_accountable_now(responder: Client) -> None:
    priya, jonas, team = make.person("Priya"), make.person("Jonas"), make.team("Answers team")
    now = timezone.now()
    service = make.service("Support answers")
    make.assignment(service, priya, until=now - HOUR)
    make.assignment(service, jonas, since=now - HOUR)
    make.incident("handed over", service=service)
    make.incident("a team's", service=make.service("Fraud score", owner=team))
    assert titles(responder, f"owner=person:{priya.pk}") == []
    assert titles(responder, f"owner=person:{jonas.pk}") == ["handed over"]
    assert titles(responder, f"owner=team:{team.pk}") == ["a team's"]
    assert titles(responder, f"owner={jonas.email}") == ["handed over"]


def test_a_team_answers_itself_or_by_a_member_or_looks_after_it(responder: Client, maya: Person) -> None:
    team = make.team("Answers team", maya)
    make.incident("itself", service=make.service(owner=team))
    make.incident("by a member", service=make.service(owner=maya))
    cared = make.service(owner=make.person())
    make.assignment(cared, team, role="custodian")
    make.incident("looks after the service", service=cared)
    broken = make.incident("looks after the component", service=make.service(owner=make.person()))
    Incident.objects.filter(pk=broken.pk).update(component=make.component(custodian=team))
    make.incident("another's", service=make.service(owner=make.person()))
    wanted = {"itself", "by a member", "looks after the service", "looks after the component"}
    assert set(titles(responder, "team=answers-team")) == wanted


def test_the_time_it_was_noticed(responder: Client) -> None:
    now = timezone.now()
    for days in (0, 3, 20):
        make.incident(f"{days} days", now=now, detected_at=now - timedelta(days=days))
    assert titles(responder, "period=1d") == ["0 days"]
    assert titles(responder, "period=7d") == ["0 days", "3 days"]
    day = (now - timedelta(days=3)).date()
    assert titles(responder, f"from={day}&to={day}") == ["3 days"]
    assert set(titles(responder, f"to={day}")) == {"3 days", "20 days"}


def test_filters_combine(responder: Client, maya: Person) -> None:
    service = make.service("Support answers", owner=maya)
    make.incident("both", service=service, severity="sev1", first_blame="data")
    make.incident("one", service=service, severity="sev2", first_blame="data")
    make.incident("other", severity="sev1", first_blame="data")
    query = "mine=1&service=support-answers&severity=sev1&layer=data"
    assert titles(responder, query) == ["both"]
    shown = responder.get(f"/?{query}").content.decode()
    for words in ("Service: Support answers", "Severity: SEV1", "Suspected: Data", "mine"):
        assert words in shown


def test_each_filter_has_a_way_to_take_it_away(responder: Client) -> None:
    make.service("Support answers")
    wanted = responder.get("/?service=Support+Answers&layer=data&severity=sev1").context["wanted"]
    assert wanted.query == "severity=sev1&layer=data&service=support-answers"
    rest = {chip.label: chip.rest.query for chip in wanted.chips}
    assert rest["Service"] == "severity=sev1&layer=data"
    assert rest["Suspected"] == "severity=sev1&service=support-answers"
    only = responder.get("/?layer=data").context["wanted"]
    assert [chip.rest.address for chip in only.chips] == ["state=open"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("state=burning", "“burning” is no state"),
        ("severity=sev1,sev9", "“sev1,sev9” is no severity"),
        ("layer=weather", "“weather” is no layer"),
        ("period=2d", "“2d” is no period"),
        ("from=yesterday", "“yesterday” is not a day"),
        ("from=2026-03-02&to=2026-03-01", "from lies after to"),
        ("service=nowhere", "No service is called “nowhere”"),
        ("team=nowhere", "No team is called “nowhere”"),
        ("owner=person:999999", "Nobody and no team is known as “person:999999”"),
        ("owner=" + "9" * 5000, "Nobody and no team is known as"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_followed(responder: Client, query: str, words: str) -> None:
    make.incident("bad", severity="sev1")
    make.incident("mild", severity="sev4", first_blame="data")
    other = "layer=data" if "severity" in query else "severity=sev1"
    answer = responder.get(f"/?{query}&{other}")
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert len(answer.context["board"].rows) == 1


def test_what_is_kept_reads_back_as_it_was() -> None:
    query = "state=all&mine=1&severity=sev1%2Csev2&layer=data&service=a&team=b&owner=person%3A3&from=2026-03-01"
    wanted = narrowing.kept(query + "&period=days")
    assert wanted == narrowing.kept(wanted.query)
    assert wanted.words.startswith("State: Open and resolved; mine; Severity: SEV1 or SEV2; Suspected: Data")
    assert wanted.words.endswith("Noticed: from 1 Mar 2026")


def test_an_empty_board_says_why_and_shows_a_way(responder: Client) -> None:
    assert "Nothing is burning" in responder.get("/").content.decode()
    shown = responder.get("/?layer=data").content.decode()
    assert "Nothing matches" in shown
    assert 'href="/?state=all&amp;layer=data"' in shown
    assert "Nothing of yours is open" in responder.get("/?mine=1").content.decode()
    assert "No resolved incidents yet" in responder.get("/?state=resolved").content.decode()
