"""People and teams over the API."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from ownership import signing
from ownership.models import Invitation, Person
from tests.ownership.api.program import API, Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db


def test_an_invitation_answers_with_its_link_once(admin: Person) -> None:
    api = Api(admin)
    answer = api.send("POST", "/people/", {"email": "tomas@example.org", "name": "Tomás"})
    told = answer.json()
    assert answer["Cache-Control"] == "no-store"
    secret = told["join_url"].removeprefix("http://testserver/join/").strip("/")
    assert signing.open_invitation(secret, now=timezone.now()).person.email == "tomas@example.org"
    assert "join_url" not in api.get(f"/people/{told['id']}/")
    again = {"email": "TOMAS@example.org", "name": "T"}
    assert api.refused("POST", "/people/", again) == (409, "email_taken", ["email"])


def test_access_ends_and_comes_back(admin: Person, world: World) -> None:
    api, theirs = Api(admin), Api(world.member)
    assert theirs.get("/teams/")
    assert api.done("POST", f"/people/{world.member.pk}/deactivate/")["is_active"] is False
    assert theirs.send("GET", "/teams/").status_code == 401
    assert api.refused("POST", f"/people/{world.member.pk}/link/")[:2] == (409, "not_here")
    assert api.done("POST", f"/people/{world.member.pk}/reactivate/")["join_url"]
    assert Invitation.objects.filter(person=world.member).count() == 1
    assert api.refused("POST", f"/people/{admin.pk}/deactivate/")[:2] == (409, "last_admin")
    assert api.refused("PATCH", f"/people/{admin.pk}/", {"role": "viewer"}) == (409, "last_admin", ["role"])


def test_people_and_teams_are_found(api: Api, world: World) -> None:
    assert [row["email"] for row in api.get("/people/?team=answers-team")["results"]] == [world.member.email]
    assert len(api.get("/people/?search=jonas&is_active=true&role=responder")["results"]) == 1
    assert [row["slug"] for row in api.get(f"/teams/?member={world.member.email}")["results"]] == ["answers-team"]
    assert api.get("/teams/?name=ANSWERS%20team")["results"]


def test_a_team_with_members(api: Api, world: World) -> None:
    told = api.done("POST", "/teams/", {"name": "Search", "members": [world.outsider.email]})
    assert [member["name"] for member in told["members"]] == ["Tomás Reyes"]
    assert api.refused("POST", "/teams/search/members/", {"person": world.outsider.email})[:2] == (
        409,
        "already_member",
    )
    assert api.refused("POST", "/teams/", {"name": "SEARCH"}) == (409, "name_taken", ["name"])


def test_a_wrong_token_says_so(db: None) -> None:
    for header in ("Token wrong", "Token", "Token a b"):
        answer = Client(headers={"Authorization": header}).get(f"{API}/teams/")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


def test_a_one_time_password_opens_no_api(admin: Person) -> None:
    Person.objects.filter(pk=admin.pk).update(must_change_password=True)
    assert Api(admin).refused("GET", "/teams/")[0] == 403


@pytest.mark.parametrize("key", ["99999999999999999999", "0"])
def test_ids_out_of_range_are_not_found(api: Api, key: str) -> None:
    assert api.send("GET", f"/components/{key}/").status_code == 404
    assert api.send("GET", f"/people/{key}/").status_code == 404
