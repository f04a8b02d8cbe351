"""Hand-overs over the API: who may do what, what is told, what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ownership.models import Dependency, Handover, Person, Service
from tests import factories as make
from tests.ownership.api.program import API, Api
from tests.ownership.proposals import proposal
from tests.ownership.world import fingerprint

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def priya(db: None) -> Person:
    return make.person("Priya", role="viewer")


@pytest.fixture
def tomas(db: None) -> Person:
    return make.person("Tomás", role="viewer")


@pytest.fixture
def service(priya: Person) -> Service:
    return make.service("Support answers", owner=priya)


def test_from_the_question_to_the_answer(service: Service, priya: Person, tomas: Person) -> None:
    ahead = timezone.now() + DAY
    given = {"service": service.slug, "person": tomas.email, "effective_at": ahead.isoformat(), "note": "Leaving."}
    told = Api(priya).done("POST", "/handovers/", given)
    assert (told["state"], told["from_person"], told["person"], told["note"]) == (
        "proposed", priya.email, tomas.email, "Leaving.",
    )  # fmt: skip
    answer = Api(tomas).done("POST", f"/handovers/{told['id']}/accept/")
    assert (answer["state"], answer["decided_by"]) == ("accepted", tomas.email)
    rows = Api(tomas, "read").get(f"/assignments/?service={service.slug}&at={(ahead + DAY):%Y-%m-%dT%H:%M:%SZ}")
    assert [row["person"] for row in rows["results"]] == [tomas.email]
    assert Api(tomas).refused("POST", f"/handovers/{told['id']}/decline/", {"reason": "x"})[:2] == (
        409, "already_decided",
    )  # fmt: skip


def test_components_and_seams_to_teams(editor: Person) -> None:
    upstream, team = make.component("Retriever"), make.team("Answers team")
    seam = Dependency.objects.create(upstream=upstream, downstream=make.component())
    api = Api(editor)
    for subject in ({"component": "retriever"}, {"dependency": seam.pk}):
        api.done("POST", "/assignments/", {**subject, "role": "accountable", "person": editor.email})
        told = api.done("POST", "/handovers/", {**subject, "team": team.slug})
        assert (told["team"], told["person"], told["effective_at"]) == ("answers-team", None, None)


MAY = {
    "": {"owner", "editor", "admin"},
    "accept/": {"asked", "teammate", "admin"},
    "decline/": {"asked", "teammate", "admin"},
    "withdraw/": {"owner", "editor", "admin"},
}
WHO = ["owner", "asked", "teammate", "stranger", "viewer", "editor", "admin"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("verb", MAY, ids=lambda verb: verb or "propose")
def test_who_may_does_and_nobody_else(service: Service, priya: Person, tomas: Person, verb: str, who: str) -> None:
    mate = make.person(role="viewer")
    team = make.team("Answers team", tomas, mate)
    people = {"owner": priya, "asked": tomas, "teammate": mate, "stranger": make.person()}
    person = people.get(who) or make.person(role=who)
    data: dict[str, Any] = {"reason": "No."}
    if verb:
        path = f"/handovers/{proposal(team, subject=service, by=priya, now=timezone.now()).pk}/{verb}"
    else:
        path, data = "/handovers/", {"service": service.slug, "team": team.slug}
    for scope in ("read", "ingest"):
        assert Api(person, scope).refused("POST", path, data)[:2] == (403, "permission_denied")
    assert Client().post(f"{API}{path}").status_code == 401
    api = Api(person)
    states = list(Handover.objects.values_list("state", flat=True))
    if who in MAY[verb]:
        api.done("POST", path, data)
        assert list(Handover.objects.values_list("state", flat=True)) != states
    else:
        assert api.refused("POST", path, data)[:2] == (403, "permission_denied")
        assert list(Handover.objects.values_list("state", flat=True)) == states


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"service": None}, (422, "invalid", ["service"])),
        ({"person": None}, (422, "invalid", ["person"])),
        ({"person": "{priya}"}, (409, "already_holds", ["to"])),
        ({"effective_at": "2001-01-01T00:00:00Z"}, (422, "invalid", ["effective_at"])),
        ({"effective_at": "soon"}, (422, "invalid", ["effective_at"])),
        ({"service": "unowned"}, (409, "nobody_answers", [])),
        ({"service": "asked", "person": "{priya}"}, (409, "handover_open", [])),
    ],
)
def test_what_is_refused_says_what_and_why(
    api: Api, service: Service, tomas: Person, given: Any, refusal: tuple[int, str, list[str]]
) -> None:
    make.service("Unowned")
    proposal(subject=make.service("Asked", owner=tomas), by=tomas, now=timezone.now())
    priya = Person.objects.get(name="Priya")
    data = {"service": service.slug, "person": tomas.email, **given}
    if data["person"] == "{priya}":
        data["person"] = priya.email
    before = Handover.objects.count()
    assert api.refused("POST", "/handovers/", data) == refusal
    assert Handover.objects.count() == before


def test_declining_needs_its_reason(service: Service, priya: Person, tomas: Person) -> None:
    asked = proposal(tomas, subject=service, by=priya, now=timezone.now())
    before = fingerprint()[4]
    for data in ({}, {"reason": " "}):
        assert Api(tomas).refused("POST", f"/handovers/{asked.pk}/decline/", data) == (422, "invalid", ["reason"])
    assert fingerprint()[4] == before
    assert Api(tomas).done("POST", f"/handovers/{asked.pk}/decline/", {"reason": "No."})["reason"] == "No."


def test_filters_narrow_and_what_lapsed_reads_expired(service: Service, priya: Person, tomas: Person) -> None:
    team = make.team("Answers team", tomas)
    mine = proposal(tomas, subject=service, by=priya, now=timezone.now())
    ours = proposal(team, now=timezone.now())
    lapsed = proposal(tomas, now=timezone.now() - 20 * DAY)
    api = Api(tomas, "read")

    def found(query: str) -> set[int]:
        return {row["id"] for row in api.get(f"/handovers/?{query}")["results"]}

    assert found("") == {mine.pk, ours.pk, lapsed.pk}
    assert found("waiting=me") == {mine.pk, ours.pk}
    assert found("state=proposed") == {mine.pk, ours.pk}
    assert found("state=expired") == {lapsed.pk}
    assert found("state=declined") == set()
    assert found(f"service={service.slug}") == {mine.pk}
    assert found(f"person={tomas.email.upper()}") == {mine.pk, lapsed.pk}
    assert found("team=answers-team") == {ours.pk}
    assert found("component=1") == set()
    assert api.get(f"/handovers/{lapsed.pk}/")["state"] == "expired"
    assert Api(priya, "read").get("/handovers/?waiting=me")["results"] == []
