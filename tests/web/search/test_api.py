"""Search over the API: the same groups, texts in pieces, problems with codes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from incidents.response import timeline
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make.person("Vera Viewer", role="viewer"))
    return signed_in


def ask(client: Client, **query: object) -> Any:
    return client.get("/api/v1/search/", query).json()


def test_what_is_found(client: Client) -> None:
    priya = make.person("Priya Nair")
    incident = make.incident("Slow <b>answers</b>", by=priya, service=make.service("Support"))
    timeline.add(incident, "note", at=NOON, now=NOON, by=priya, text="The answers took 9 s.")
    answer = ask(client, q="answers")
    assert (answer["q"], answer["hint"], answer["jump"]) == ("answers", "", None)
    first, services, second = answer["groups"]
    assert (services["kind"], services["hits"][0]["title"]) == ("services", [{"text": "Support", "hit": False}])
    assert (first["kind"], first["name"], first["count"], first["more"]) == ("incidents", "Incidents", 1, False)
    (hit,) = first["hits"]
    assert hit["url"] == f"/incidents/{incident.pk}/"
    assert hit["title"] == [
        {"text": "Slow <b>", "hit": False},
        {"text": "answers", "hit": True},
        {"text": "</b>", "hit": False},
    ]
    assert (hit["ref"], hit["note"], hit["severity"], hit["state"]) == (incident.ref, "Support", "pending", "open")
    assert second["kind"] == "timelines"
    assert {"text": "answers", "hit": True} in second["hits"][0]["excerpt"]


def test_a_name_of_an_incident(client: Client) -> None:
    incident = make.incident("Slow answers")
    assert ask(client, q=incident.ref)["jump"] == {
        "url": f"/incidents/{incident.pk}/",
        "name": f"{incident.ref} Slow answers",
    }


def test_a_kind_goes_on(client: Client) -> None:
    for n in range(27):
        make.incident(f"wombat {n}")
    (first,) = ask(client, q="wombat", kind="incidents")["groups"]
    (second,) = ask(client, q="wombat", kind="incidents", after=first["following"])["groups"]
    assert (len(first["hits"]), len(second["hits"]), second["following"]) == (25, 2, None)


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({}, "nothing_to_look_for", "q"),
        ({"q": "x"}, "nothing_to_look_for", "q"),
        ({"q": "-slow"}, "nothing_to_look_for", "q"),
        ({"q": "slow", "kind": "people"}, "unknown_kind", "kind"),
        ({"q": "slow", "after": "x"}, "invalid", "after"),
    ],
)
def test_what_cannot_be_answered(client: Client, query: dict[str, str], code: str, field: str) -> None:
    answer = client.get("/api/v1/search/", query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert list(answer.json()["errors"]) == [field]


def test_it_only_reads(client: Client) -> None:
    assert client.post("/api/v1/search/").status_code in {403, 405}
