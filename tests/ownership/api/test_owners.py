"""Who answered when over the API, for all three subjects; who of a team; from an alias to the owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ownership import people
from ownership.models import Alias, Assignment, Component, Part, Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.ownership.api.program import Api
from tests.ownership.conftest import cost

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
KINDS = ["service", "component", "dependency"]
of_each = pytest.mark.parametrize("kind", KINDS)


def made(kind: str) -> tuple[Any, str]:
    """A subject and its address."""
    if kind == "service":
        service = make.service()
        return service, f"/services/{service.slug}"
    subject: Any = make.component() if kind == "component" else make.seam()
    return subject, f"/{'components' if kind == 'component' else 'dependencies'}/{subject.pk}"


@of_each
def test_who_answered_at_an_instant_and_who_is_asked(kind: str, api: Api, admin: Person) -> None:
    subject, url = made(kind)
    lee = make.person("Lee")
    make.assignment(subject, lee)
    make.assignment(subject, make.person("Grace"), role="deputy")
    people.deactivate(lee, by=admin, now=NOON)
    then = api.get(f"{url}/owner/?at=2026-11-01T00:00:00Z")
    assert (then["accountable"]["name"], then["asked"]["name"], then["asked_as"]) == ("Lee", "Lee", "accountable")
    now = api.get(f"{url}/owner/")
    assert (now["accountable"]["name"], now["asked"]["name"], now["asked_as"]) == ("Lee", "Grace", "deputy")
    assert now["words"] == "Lee is no longer here; Grace stands in as deputy"
    assert now[kind] == (subject.slug if kind == "service" else subject.pk)
    assert api.get(f"{url}/owner/?known_at=2020-01-01T00:00:00Z")["asked"] is None
    assert api.refused("GET", f"{url}/owner/?at=noon") == (422, "invalid", ["at"])


@of_each
def test_who_of_a_team_answers(kind: str, api: Api) -> None:
    subject, url = made(kind)
    ada, team = make.person("Ada"), make.team("Payments team", make.person())
    team.members.add(ada)
    key = subject.slug if kind == "service" else subject.pk
    given = {kind: key, "role": "accountable", "team": team.slug}
    assert api.refused("POST", "/assignments/", {**given, "answering": make.person().email}) == (
        422,
        "invalid",
        ["answering"],
    )
    row = api.done("POST", "/assignments/", given)
    assert row["answering"] is None  # a gap that the pages show
    named = api.done("POST", f"/assignments/{row['id']}/name_answering/", {"answering": ada.email})
    assert (named["answering"], named["team"]) == (ada.email, team.slug)
    assert api.get(f"{url}/owner/")["accountable"]["answering"]["name"] == "Ada"
    assert [one["id"] for one in api.get(f"/assignments/?answering={ada.email}&current=true")["results"]] == [
        named["id"]
    ]
    assert len(api.get(f"/assignments/?subject={kind}&known=all&{kind}={key}")["results"]) == Assignment.objects.count()
    other = next(one for one in KINDS if one != kind)
    assert api.get(f"/assignments/?subject={other}")["results"] == []


def test_a_team_names_one_of_its_own_over_the_api(api: Api) -> None:
    ada = make.person("Ada", role="viewer")
    row = make.assignment(make.service(), make.team("Payments team", ada, make.person()))
    url, given = f"/assignments/{row.pk}/name_answering/", {"answering": ada.email}
    assert Api(make.person(role="responder")).refused("POST", url, given)[0] == 403
    assert Api(ada, scope="read").refused("POST", url, given)[0] == 403
    assert Api(ada).refused("POST", f"/assignments/{row.pk}/end/", {})[0] == 403
    assert Api(ada).done("POST", url, given)["answering"] == ada.email


def test_past_and_future_are_not_current(api: Api) -> None:
    make.assignment(make.service(), make.person(), until=NOON - 9 * DAY)
    assert api.get("/assignments/?current=true")["results"] == []
    assert len(api.get("/assignments/?current=false")["results"]) == 1


def test_retracting_over_the_api(api: Api) -> None:
    row = make.assignment(make.service(), make.person())
    api.done("POST", f"/assignments/{row.pk}/retract/")
    assert api.get("/assignments/")["results"] == []
    assert api.refused("POST", f"/assignments/{row.pk}/retract/")[:2] == (409, "outdated")


def test_a_correction_may_name_who_left(api: Api) -> None:
    row = make.assignment(make.service(), make.person())
    gone = make.person("Lee", is_active=False)
    team = make.team("Payments team")
    given = {"team": team.slug, "answering": gone.email, "since": "2026-10-01T00:00:00Z"}
    assert api.done("POST", f"/assignments/{row.pk}/correct/", given)["answering"] == gone.email


# ---- resolve ----


def scene() -> Component:
    """A component of two services; the critical one is owned by a team, the fallback's by a person."""
    first, second = make.service("Support answers", tier="t2"), make.service("Search", tier="t1", owner=make.person())
    component = make.component("Retriever")
    Part.objects.create(service=first, component=component, role="critical")
    Part.objects.create(service=second, component=component, role="fallback")
    Alias.objects.create(component=component, system="job", key="retriever-prod")
    ada = make.person("Ada")
    make.assignment(first, make.team("Answers team", ada), answering=ada)
    return component


@pytest.mark.parametrize("asked", ["alias=job=Retriever-Prod", "component=retriever", "component={id}"])
def test_from_a_component_to_its_owner_with_the_reason(api: Api, asked: str) -> None:
    component = scene()
    told = api.get(f"/resolve/?{asked.format(id=component.pk)}")
    assert told["component"]["name"] == "Retriever"
    assert [one["name"] for one in told["services"]] == ["Support answers", "Search"]
    assert (told["owner"]["name"], told["owner"]["answering"]["name"], told["owner_as"]) == (
        "Answers team",
        "Ada",
        "accountable",
    )
    assert told["why"][1:] == [
        "Retriever is part of Support answers, as critical",
        "Retriever is part of Search, as fallback",
        "Support answers is asked first: critical role, then highest tier",
        "Support answers: Answers team (Ada) answers",
    ]
    before = api.get(f"/resolve/?{asked.format(id=component.pk)}&at=2020-01-01T00:00:00Z")
    assert (before["owner"], before["owner_as"]) == (None, None)
    assert before["why"][-1] == "Support answers: nobody is accountable, and nobody stands in"


def test_a_component_in_no_service_answers_for_itself_or_nobody_does(api: Api) -> None:
    component = make.component("Lonely")
    told = api.get("/resolve/?component=lonely")
    assert (told["owner"], told["services"]) == (None, [])
    make.assignment(component, make.person("Priya"))
    told = api.get("/resolve/?component=lonely")
    assert told["owner"]["name"] == "Priya"
    assert "is part of no service" in told["why"][1]


@pytest.mark.parametrize("asked", ["support-answers", "SUPPORT answers"])
def test_from_a_service_to_its_owner(api: Api, asked: str) -> None:
    make.service("Support answers", owner=make.person("Priya"))
    told = api.get(f"/resolve/?service={asked}")
    assert (told["component"], told["owner"]["name"]) == (None, "Priya")


def test_a_component_may_be_called_by_digits(api: Api) -> None:
    make.component("42")
    assert api.get("/resolve/?component=42")["component"]["name"] == "42"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("alias=job=none", "alias job=none"),
        ("component=none", "id or name none"),
        ("component=99999999999999999999", "id or name 9999"),
        ("service=none", "slug or name none"),
    ],
)
def test_what_is_unknown_says_what_was_looked_for(api: Api, asked: str, words: str) -> None:
    scene()
    answer = api.send("GET", f"/resolve/?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [("", "alias"), ("alias=job", "alias"), ("alias=a=b&service=c", "alias"), ("service=x&at=noon", "at")],
)
def test_what_cannot_be_asked_is_refused(api: Api, asked: str, field: str) -> None:
    assert api.refused("GET", f"/resolve/?{asked}") == (422, "invalid", [field])


def test_the_dead_are_not_resolved(api: Api) -> None:
    component = scene()
    Component.objects.filter(pk=component.pk).update(retired_at=timezone.now())
    assert api.send("GET", "/resolve/?alias=job=retriever-prod").status_code == 404
    Service.objects.update(retired_at=timezone.now())
    assert api.send("GET", "/resolve/?service=search").status_code == 404


def test_resolving_costs_the_same_with_two_services_and_with_five(api: Api) -> None:
    component = scene()
    url = "/api/v1/resolve/?component=retriever"
    cost(api.client, url)  # the first use of a token is noted down
    before = cost(api.client, url)
    for _ in range(3):
        service = make.service(owner=make.person())
        Part.objects.create(service=service, component=component)
    assert cost(api.client, url) == before


def test_whom_a_team_names_and_who_left_is_nobody_to_call(api: Api) -> None:
    gone = make.person("Priya", is_active=False)
    service = make.service("Answers")
    make.assignment(service, make.team("Search", gone), answering=gone)
    for told in (
        api.get(f"/services/{service.slug}/owner/")["accountable"],
        api.get(f"/resolve/?service={service.slug}")["owner"],
    ):
        assert told["answering"] is None
        assert told["answering_left"] == {"id": gone.pk, "name": "Priya"}


def test_a_resolved_component_says_which_team_looks_after_it(api: Api) -> None:
    team = make.team("Search")
    make.component("Retriever", custodian=team)
    told = api.get("/resolve/?component=retriever")["component"]["looked_after_by"]
    assert told == {"id": team.pk, "slug": team.slug, "name": "Search"}
    team.dissolved_at = make.NOON
    team.save()
    assert api.get("/resolve/?component=retriever")["component"]["looked_after_by"] is None
