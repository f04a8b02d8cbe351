"""Still mine: who may say so, where the button stands, and what the list shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ownership.models import Confirmation, Notice, Person, Team
from tests import factories as make
from tests.ownership.conftest import cost, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> Person:
    return make.person("Priya", role="viewer")


def button(client: Client, url: str) -> bool:
    return "Yes, I answer for it" in client.get(url).content.decode()


@pytest.mark.parametrize("who", ["owner", "teammate", "named", "stranger", "editor", "admin", "outsider"])
@pytest.mark.parametrize("htmx", [False, True])
def test_who_may_confirm(who: str, htmx: bool) -> None:
    people = {name: make.person(name.title()) for name in ("owner", "teammate", "named", "stranger")}
    people |= {role: make.person(role=role) for role in ("editor", "admin")}
    team = make.team("Search", people["owner"], people["teammate"])
    row = make.assignment(make.service("Answers"), team)
    type(row).objects.filter(pk=row.pk).update(answering=people["named"])  # who was taken out of the team since
    client = signed_in(people[who]) if who in people else Client()
    headers = {"HX-Request": "true"} if htmx else {}
    answer = client.post(f"/assignments/{row.pk}/confirm/", headers=headers)
    if who in {"owner", "teammate"}:
        assert (answer.headers.get("Location") or answer.headers["HX-Redirect"]) == "/services/answers/"
        assert Confirmation.objects.get().by == people[who]
    else:
        assert Confirmation.objects.count() == 0
        assert answer.status_code == (403 if who in people else answer.status_code)
    assert button(signed_in(people["owner"]), "/services/answers/") is (who not in {"owner", "teammate"})


def test_nobody_confirms_for_a_team_that_was_dissolved(owner: Person) -> None:
    team = make.team("Search", owner)
    row = make.assignment(make.service("Answers"), team)
    type(row).objects.filter(pk=row.pk).update(answering=owner)
    Team.objects.filter(pk=team.pk).update(dissolved_at=timezone.now())
    assert signed_in(owner).post(f"/assignments/{row.pk}/confirm/").status_code == 403


def test_looking_confirms_nothing_and_what_is_over_is_told(owner: Person) -> None:
    row = make.service("Answers", owner=owner).assignments.get()
    client = signed_in(owner)
    assert client.get(f"/assignments/{row.pk}/confirm/").headers["Location"] == "/services/answers/"
    assert Confirmation.objects.count() == 0
    type(row).objects.filter(pk=row.pk).update(superseded_at=timezone.now() + timedelta(hours=1))
    assert client.post(f"/assignments/{row.pk}/confirm/").status_code == 409
    assert client.post("/assignments/999999/confirm/").status_code == 404


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/people/me/#mine", "/people/me/#mine"),
        ("https://evil.example.org/", "/services/answers/"),
        ("//evil", "/services/answers/"),
    ],
)
def test_one_comes_back_to_where_one_was_and_nowhere_else(owner: Person, back: str, to: str) -> None:
    row = make.service("Answers", owner=owner).assignments.get()
    assert signed_in(owner).post(f"/assignments/{row.pk}/confirm/", {"back": back}).headers["Location"] == to


def test_my_page_offers_it_for_all_that_is_mine(owner: Person) -> None:
    make.service("Answers", owner=owner)
    make.assignment(make.component("Retriever"), make.team("", owner))
    make.assignment(make.service("Deputised"), owner, role="deputy")
    page = signed_in(owner).get("/people/me/").content.decode()
    assert page.count("Yes, I answer for it") == 2
    assert 'href="/services/answers/hand-over/"' in page
    for row_id in {int(part.split("/")[0]) for part in page.split("/assignments/")[1:]}:
        signed_in(owner).post(f"/assignments/{row_id}/confirm/", {"back": "/people/me/"})
    page = signed_in(owner).get("/people/me/").content.decode()
    assert "Still mine" not in page
    assert page.count("confirmed ") == 2


def test_the_list_narrows_to_a_team_and_editors_remind(owner: Person, as_editor: Client) -> None:
    make.service("Answers", owner=owner)
    make.service("Scores", owner=make.team("Search", make.person()))
    page = as_editor.get("/confirmations/").content.decode()
    assert "Answers" in page
    assert "Scores" in page
    page = as_editor.get("/confirmations/?team=search").content.decode()
    assert "Answers" not in page
    assert as_editor.get("/confirmations/?team=none").status_code == 404
    row = owner.assignments.get()
    for _ in range(2):
        assert as_editor.post(f"/assignments/{row.pk}/remind/").headers["Location"] == "/confirmations/"
    assert Notice.objects.get().person == owner
    assert "/remind/" not in signed_in(owner).get("/confirmations/").content.decode()


def test_pages_cost_the_same_for_one_and_for_many(owner: Person, as_editor: Client) -> None:
    costs: list[Any] = []
    for _ in range(2):
        for _ in range(3):
            make.service(owner=owner)
            make.service(owner=make.team("", owner))
        costs.append([cost(as_editor, "/confirmations/"), cost(signed_in(owner), "/people/me/")])
    assert costs[0] == costs[1]


def rail(client: Client) -> str:
    """The number beside Ownership on every page, "" for none."""
    html = client.get("/components/").content.decode()
    place = html.split('aria-label="Main"')[1].split("</nav>")[0].split("Ownership")[1].split("</a>")[0]
    return "".join(char for char in place if char.isdigit())


def test_the_rail_counts_what_was_never_said_yes_to(owner: Person, as_editor: Client) -> None:
    mine = signed_in(owner)
    assert rail(mine) == ""
    row = make.assignment(make.service("Answers"), owner)
    make.assignment(make.component("Retriever"), make.team("", owner))
    make.assignment(make.component("Index"), make.team("", owner, other := make.person()), answering=other)
    make.assignment(make.service("Deputised"), owner, role="deputy")
    make.service("Old", owner=owner, retired_at=timezone.now())
    assert rail(mine) == "2"
    assert rail(as_editor) == ""
    mine.post(f"/assignments/{row.pk}/confirm/")
    assert rail(mine) == "1"
