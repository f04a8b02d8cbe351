"""The tagging queue: one act is one provisional finding and the next incident; skipped, undone, counted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.alerts import deciding
from incidents.history import tagging
from incidents.response import findings, lifecycle
from incidents.response.models import Finding, Incident, SuggestionVerdict
from incidents.response.vocabulary import Layer
from ownership.models import Person
from tests import factories as make
from tests.incidents.history.past import MAPPING, NOW, bring, plain, the_incident

pytestmark = pytest.mark.django_db

QUEUE = reverse("history:tagging")


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def client(maya: Person) -> Client:
    made = Client()
    made.force_login(maya)
    return made


def over(title: str, days: int, **fields: Any) -> Incident:
    """One that was noticed `days` ago and is over."""
    by, at = make.person(), NOW - timedelta(days=days)
    incident = make.incident(title, by=by, detected_at=at, **fields)
    return lifecycle.resolve(incident, by=by, now=NOW, at=at + timedelta(hours=1))


def shown(answer: Any) -> str:
    """The title on the screen; empty when there is none."""
    found = re.search(r'<h2 id="subject">(.*?)</h2>', answer.content.decode())
    return found[1] if found else ""


def say(client: Client, incident: Incident, what: str, query: str = "") -> Any:
    return client.post(f"{reverse('history:tag', args=[incident.pk])}?{query}", {"what": what}, follow=True)


def progress(answer: Any) -> str:
    return re.search(r"<b>(\d+ of \d+)</b> tagged", answer.content.decode())[1]


def test_one_act_is_one_provisional_finding_and_the_next_incident(client: Client, maya: Person) -> None:
    old, new = over("Old", 9), over("New", 2)
    first = client.get(QUEUE)
    assert (shown(first), progress(first)) == ("New", "0 of 2")
    second = say(client, new, "latency")
    assert (shown(second), progress(second)) == ("Old", "1 of 2")
    finding = Finding.objects.get()
    assert (finding.incident, finding.layer, finding.state, finding.primary, finding.by) == (
        new,
        "latency",
        "provisional",
        True,
        maya,
    )
    done = say(client, old, "data", second.redirect_chain[-1][0].partition("?")[2])
    assert (shown(done), progress(done)) == ("", "2 of 2")
    assert b"Nothing is left to tag" in done.content


def test_the_last_one_is_undone_and_comes_back(client: Client) -> None:
    over("Old", 9)
    new = over("New", 2)
    query = say(client, new, "latency").redirect_chain[-1][0].partition("?")[2]
    back = client.post(f"{reverse('history:undo_tag')}?{query}", follow=True)
    assert (shown(back), progress(back)) == ("New", "0 of 2")
    assert not Finding.objects.filter(superseded_at=None).exists()
    assert client.post(f"{reverse('history:undo_tag')}?{query}").status_code == 404


def test_nobody_undoes_what_another_one_said(client: Client) -> None:
    finding = findings.record(over("New", 2), layer="data", by=make.person(), now=NOW)
    assert client.post(f"{reverse('history:undo_tag')}?last={finding.pk}").status_code == 404


def test_skipping_leads_on_and_to_the_beginning_again(client: Client) -> None:
    titles = ["One", "Two", "Three"]
    for days, title in enumerate(titles, 1):
        over(title, days)
    seen, query = [], ""
    for _ in titles:
        answer = client.get(f"{QUEUE}?{query}")
        seen.append(shown(answer))
        query = re.search(r'href="\?([^"]*)" data-key="s"', answer.content.decode())[1]
        query = query.replace("&amp;", "&")
    assert seen == titles
    ended = client.get(f"{QUEUE}?{query}")
    assert b"You have seen them all" in ended.content
    assert b"3 skipped" in ended.content
    oldest = client.get(f"{QUEUE}?order=oldest")
    assert shown(oldest) == "Three"


def test_what_is_open_tagged_merged_or_not_there_for_me_does_not_wait(client: Client) -> None:
    make.incident("Open")
    findings.record(over("Tagged", 2), layer="data", by=make.person(), now=NOW)
    hidden = over("Private", 3, private=True)
    assert shown(client.get(QUEUE)) == ""
    assert say(client, hidden, "data").status_code == 404
    assert shown(client.get(f"{QUEUE}?at={hidden.pk}&after={hidden.pk}")) == ""


def test_filters_by_service_and_by_import(client: Client) -> None:
    chat = make.service("Chat")
    over("By hand", 1)
    over("Of chat", 5, service=chat)
    bring(plain(title="From the file"))
    assert shown(client.get(f"{QUEUE}?service=chat")) == "Of chat"
    imported = client.get(f"{QUEUE}?which=imported")
    assert (shown(imported), progress(imported)) == ("From the file", "0 of 1")
    assert b"past.jsonl:1" in imported.content
    assert shown(client.get(f"{QUEUE}?service=nobody&which=x&after=y&done=-1&order=9")) == ""


def test_two_people_tag_once(client: Client) -> None:
    incident = over("New", 2)
    findings.record(incident, layer="org", by=make.person(), now=NOW)
    answer = say(client, incident, "data")
    assert b"Somebody said meanwhile what failed there" in answer.content
    assert [one.layer for one in Finding.objects.all()] == ["org"]


def test_only_a_layer_counts(client: Client) -> None:
    assert say(client, over("New", 2), "gremlins").status_code == 422
    assert not Finding.objects.exists()


def test_viewers_have_no_queue() -> None:
    viewer, incident = Client(), over("New", 2)
    viewer.force_login(make.person(role="viewer"))
    assert viewer.get(QUEUE).status_code == 403
    assert say(viewer, incident, "data").status_code == 403


# ---- what a rule suggests ----


def test_an_imported_incident_carries_what_a_rule_reads_in_its_words(client: Client, maya: Person) -> None:
    bring(plain(title="Prompt injection in chat", impact=""))
    incident = the_incident(1)
    assert (incident.suggested_layer, incident.suggestion["rule"]) == ("guardrail", "guardrail.injection")
    page = client.get(QUEUE).content.decode()
    assert incident.suggestion["why"].replace("“", "“") in page
    assert 'data-key="a"' in page
    say(client, incident, incident.suggestion["mode"])
    finding = Finding.objects.get()
    assert (finding.layer, finding.mode_id) == ("guardrail", incident.suggestion["mode"])
    verdict = SuggestionVerdict.objects.get(superseded_at=None)
    assert (verdict.verdict, verdict.rule) == ("accepted", "guardrail.injection")
    tagging.undo(finding, by=maya, now=NOW + timedelta(days=400))
    assert not SuggestionVerdict.objects.filter(superseded_at=None).exists()


def test_another_layer_than_the_suggested_one_corrects_the_rule(client: Client) -> None:
    bring(plain(title="Prompt injection in chat"))
    say(client, the_incident(1), "model")
    assert SuggestionVerdict.objects.get().verdict == "corrected"
    assert Finding.objects.get().layer == "model"


def test_nothing_is_suggested_where_no_rule_fits() -> None:
    assert deciding.load().layers
    bring(plain(title="Something"), told=MAPPING)
    assert the_incident(1).suggested_layer == ""


# ---- the page ----


def test_every_layer_has_its_key_on_its_button(client: Client) -> None:
    over("New", 2)
    page = client.get(QUEUE).content.decode()
    buttons = re.findall(r'name="what"\s+value="(\w+)"\s+data-key="(\d)"', page)
    assert buttons == [(layer.value, str(place)) for place, layer in enumerate(Layer, 1)]


def test_a_length_that_is_not_known_is_said_so(client: Client) -> None:
    bring(plain(over="2026-03-01T09:00Z"))
    assert b"how long is not known" in client.get(QUEUE).content


def test_the_queue_asks_as_often_for_many(client: Client) -> None:
    counts = []
    for first, count in ((0, 2), (10, 40)):
        bring(*(plain(first + number) for number in range(count)))
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{QUEUE}?after={the_incident(first + 1).pk}&done=3")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
