"""People and teams in the browser: inviting, joining, tokens, ending access."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ownership import signing, tokens
from ownership.models import ApiToken, Membership, Person
from tests import factories as make
from tests.ownership.conftest import cost, signed_in, text_of

pytestmark = pytest.mark.django_db

INVITED = {"email": "tomas@example.org", "name": "Tomás", "role": "responder"}
CHOSEN = {"name": "Tomás Reyes", "password": "nine-loud-geese", "again": "nine-loud-geese"}


def link_in(html: str) -> str:
    found = re.search(r"http://testserver(/join/[\w-]+/)", html)
    assert found
    return found[1]


# ---- lists ----


@pytest.mark.parametrize("url", ["/people/", "/teams/", "/teams/us/", "/people/me/"])
def test_pages_cost_the_same_with_one_and_with_three(editor: Person, as_editor: Client, url: str) -> None:
    us = make.team("Us", editor)
    costs = []
    for more in (1, 2):
        for _ in range(more):
            team = make.team("", make.person(), editor)
            make.assignment(make.service(), team)
            make.assignment(make.service(), us)
            make.component(custodian=us)
            Membership.objects.create(team=us, person=make.person())
        costs.append(cost(as_editor, url))
    assert costs[0] == costs[1]


def test_the_list_shows_who_is_here_who_is_invited_and_who_left(as_admin: Client, admin: Person) -> None:
    signing.invite(**INVITED, by=admin, now=timezone.now())
    make.person("Lee Gone", is_active=False)
    here = text_of(as_admin, "/people/")
    assert "invited, not here yet" in here
    assert "Lee Gone" not in here
    assert "Lee Gone" in text_of(as_admin, "/people/?show=left")


def test_a_team_counts_members_services_and_components(as_editor: Client) -> None:
    team = make.team("Search", make.person(), make.person(is_active=False))
    make.assignment(make.service(), team)
    make.component(custodian=team)
    row = text_of(as_editor, "/teams/").split("<tbody>")[1]
    assert re.findall(r'class="num"[^>]*>(\d+)<', row) == ["1", "1", "1"]


# ---- inviting and joining ----


def test_from_invitation_to_the_board(as_admin: Client) -> None:
    answer = as_admin.post("/people/", INVITED)
    link = link_in(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert "/join/" not in text_of(as_admin, "/people/")
    browser = Client()
    assert "Tomás" in text_of(browser, link)
    joined = browser.post(link, CHOSEN)
    assert (joined.status_code, joined["Location"]) == (302, "/")
    assert browser.get("/services/").status_code == 200
    person = Person.objects.get(email="tomas@example.org")
    assert (person.name, person.joined_at is not None) == ("Tomás Reyes", True)
    assert Client().login(username="tomas@example.org", password="nine-loud-geese")


def test_a_link_works_once_and_says_so(as_admin: Client) -> None:
    link = link_in(as_admin.post("/people/", INVITED).content.decode())
    Client().post(link, CHOSEN)
    for answer in (Client().get(link), Client().post(link, CHOSEN)):
        assert answer.status_code == 404
        assert "ask an admin for a new link" in answer.content.decode()


def test_a_link_expires(as_admin: Client) -> None:
    person, secret = signing.invite(**INVITED, by=None, now=timezone.now() - signing.INVITATION_LASTS)
    assert Client().post(f"/join/{secret}/", CHOSEN).status_code == 404
    person.refresh_from_db()
    assert person.joined_at is None


def test_a_new_link_replaces_the_old_one(as_admin: Client) -> None:
    old = link_in(as_admin.post("/people/", INVITED).content.decode())
    person = Person.objects.get(email="tomas@example.org")
    new = link_in(as_admin.post(f"/people/{person.pk}/link/").content.decode())
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200


def test_a_new_link_means_a_new_password_and_ends_other_sessions(as_admin: Client) -> None:
    jonas = make.person("Jonas")
    browser = signed_in(jonas)
    link = link_in(as_admin.post(f"/people/{jonas.pk}/link/").content.decode())
    assert "Choose a new password" in text_of(Client(), link)
    Client().post(link, CHOSEN)
    assert browser.get("/services/").status_code == 302


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"again": "another"}, "The two passwords differ"),
        ({"password": "12345678", "again": "12345678"}, "too common"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "tomas@example.org", "again": "tomas@example.org"}, "too similar"),
        ({"name": ""}, "required"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused(admin: Person, given: dict[str, str], words: str) -> None:
    person, secret = signing.invite(**INVITED, by=admin, now=timezone.now())
    answer = Client().post(f"/join/{secret}/", {**CHOSEN, **given})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_somebody_who_is_here_is_not_invited_again(as_admin: Client, admin: Person) -> None:
    answer = as_admin.post("/people/", {**INVITED, "email": admin.email.upper()})
    assert answer.status_code == 422
    assert "already here" in answer.content.decode()


# ---- one person ----


def test_an_admin_corrects_details_and_hears_why_not(as_admin: Client, admin: Person) -> None:
    jonas = make.person("Jonas")
    as_admin.post(f"/people/{jonas.pk}/", {"name": "Jonas Lind", "email": jonas.email, "role": "editor"})
    jonas.refresh_from_db()
    assert (jonas.name, jonas.role) == ("Jonas Lind", "editor")
    refused = as_admin.post(f"/people/{admin.pk}/", {"name": "Ada", "email": admin.email, "role": "viewer"})
    assert refused.status_code == 422
    assert "last admin" in refused.content.decode()


def test_ending_access_shows_in_red_what_nobody_answers_for(as_admin: Client) -> None:
    jonas = make.person("Jonas")
    make.service("Support answers", owner=jonas)
    browser = signed_in(jonas)
    as_admin.post(f"/people/{jonas.pk}/deactivate/")
    assert browser.get("/services/").status_code == 302
    assert "Nobody answers for what stands below" in text_of(as_admin, f"/people/{jonas.pk}/")
    assert "Nobody answers for this any more" in text_of(as_admin, "/services/support-answers/")
    back = as_admin.post(f"/people/{jonas.pk}/reactivate/").content.decode()
    assert Client().get(link_in(back)).status_code == 200


def test_the_last_admin_cannot_leave(as_admin: Client, admin: Person) -> None:
    answer = as_admin.post(f"/people/{admin.pk}/deactivate/")
    assert answer.status_code == 409
    assert "last admin" in answer.content.decode()


def test_a_page_tells_what_somebody_and_their_teams_answer_for(as_admin: Client) -> None:
    jonas = make.person("Jonas")
    make.service("Directly", owner=jonas)
    make.service("Together", owner=make.team("Us", jonas))
    shown = text_of(as_admin, f"/people/{jonas.pk}/")
    assert "Directly" in shown
    assert "through Us" in shown


# ---- oneself ----


def test_every_page_leads_to_ones_own() -> None:
    assert 'href="/people/me/"' in text_of(signed_in(make.person(role="viewer")), "/services/").split("<main")[0]


def test_my_name_is_mine_to_change() -> None:
    viewer = make.person(role="viewer")
    signed_in(viewer).post("/people/me/", {"name": "Renamed"})
    viewer.refresh_from_db()
    assert viewer.name == "Renamed"


def test_a_token_is_shown_once_and_can_be_revoked() -> None:
    viewer = make.person(role="viewer")
    browser = signed_in(viewer)
    shown = browser.post("/people/me/tokens/", {"label": "export", "scope": "read"}).content.decode()
    found = re.search(r"seam_[\w-]{40,}", shown)
    assert found
    assert tokens.find(found[0], now=timezone.now()) is not None
    assert found[0] not in text_of(browser, "/people/me/")
    token = ApiToken.objects.get()
    browser.post(f"/people/me/tokens/{token.pk}/revoke/")
    assert tokens.find(found[0], now=timezone.now()) is None


@pytest.mark.parametrize("htmx", [False, True])
def test_nobody_revokes_anothers_token(as_admin: Client, htmx: bool) -> None:
    token, _ = tokens.make(make.person(), label="x", scope="read", now=timezone.now())
    headers = {"HX-Request": "true"} if htmx else {}
    assert as_admin.post(f"/people/me/tokens/{token.pk}/revoke/", headers=headers).status_code == 404
    assert Client().post(f"/people/me/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_token_of_scope_ingest_is_not_offered_here() -> None:
    answer = signed_in(make.person()).post("/people/me/tokens/", {"label": "x", "scope": "ingest"})
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_times_of_joining_are_told(as_admin: Client) -> None:
    jonas = make.person("Jonas", joined_at=timezone.now() - timedelta(days=3))
    assert "joined <time" in text_of(as_admin, f"/people/{jonas.pk}/")
