"""Somebody leaves, a team is dissolved: what they hold is shown before, and given away after."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ownership.models import Assignment, Handover, Person, Team
from tests import factories as make
from tests.ownership.conftest import cost, signed_in

pytestmark = pytest.mark.django_db


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def priya(db: None) -> Person:
    priya = make.person("Priya Nair")
    make.service("Answers", owner=priya)
    make.assignment(make.service("Scores", owner=make.person()), priya, role="deputy")
    return priya


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="row" value="(\d+)"[^>]* checked', page))


def test_what_somebody_holds_is_shown_before_their_access_ends(as_admin: Client, priya: Person) -> None:
    page = text(as_admin, f"/people/{priya.pk}/deactivate/")
    assert "From then on nobody answers for what stands below." in page
    assert "Answers Accountable" in page
    assert "Scores Deputy" in page
    priya.refresh_from_db()
    assert priya.is_active
    answer = as_admin.post(f"/people/{priya.pk}/deactivate/")
    assert answer.headers["Location"] == f"/reassign/?who=person:{priya.pk}"
    assert as_admin.get(f"/people/{priya.pk}/deactivate/").headers["Location"] == answer.headers["Location"]


def test_who_holds_nothing_leaves_without_a_list(as_admin: Client) -> None:
    person = make.person("Jonas")
    assert "answers for nothing" in text(as_admin, f"/people/{person.pk}/deactivate/")
    assert as_admin.post(f"/people/{person.pk}/deactivate/").headers["Location"] == f"/people/{person.pk}/"


def test_all_rows_of_who_left_are_ticked_and_go_to_somebody(as_admin: Client, as_editor: Client, priya: Person) -> None:
    as_admin.post(f"/people/{priya.pk}/deactivate/")
    url, tomas = f"/reassign/?who=person:{priya.pk}", make.person("Tomás")
    page = as_editor.get(url).content.decode()
    rows = ticked(page)
    assert rows == {str(row.pk) for row in Assignment.objects.filter(person=priya)}
    assert ticked(as_editor.get("/reassign/").content.decode()) == set()
    answer = as_editor.post(url, {"row": sorted(rows), "to": f"person:{tomas.pk}", "how": "give"})
    assert answer.headers["Location"] == url
    assert set(Assignment.objects.filter(person=tomas, superseded_at=None).values_list("role", flat=True)) == {
        "accountable", "deputy",
    }  # fmt: skip
    assert "Priya Nair holds nothing." in text(as_editor, url)
    assert text(as_editor, f"/people/{priya.pk}/").count("give it to somebody else") == 0


def test_what_cannot_be_is_named_and_the_ticks_are_kept(as_admin: Client, as_editor: Client, priya: Person) -> None:
    tomas = make.person("Tomás")
    make.assignment(Assignment.objects.get(person=priya, role="deputy").service, tomas, role="deputy")
    as_admin.post(f"/people/{priya.pk}/deactivate/")
    rows = [str(row.pk) for row in Assignment.objects.filter(person=priya)]
    answer = as_editor.post("/reassign/", {"row": rows, "to": f"person:{tomas.pk}", "how": "give"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Scores: Tomás is deputy already." in page
    assert ticked(page) == set(rows)
    answer = as_editor.post("/reassign/", {"row": rows, "to": f"person:{tomas.pk}", "how": "ask"}, follow=True)
    assert "Tomás is asked to take over one thing. The other 1 on the list" in answer.content.decode()
    assert Handover.objects.get().to == tomas


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"how": "give"}, "required"),
        ({"how": "give", "to": "{to}"}, "Tick what shall go to somebody else"),
        ({"how": "ask", "to": "{to}"}, "Only who is accountable is asked"),
        ({"how": "end"}, "Tick what shall go to somebody else"),
        ({"how": "end", "row": "x"}, "changed this list meanwhile"),
        ({"how": "give", "to": "{to}", "row": "999999"}, "changed this list meanwhile"),
        ({"how": "give", "to": "{to}", "item": "nothing:1"}, "changed this list meanwhile"),
        ({"how": "nonsense", "to": "{to}"}, "nonsense is not one of the available choices"),
    ],
)
def test_what_was_sent_wrongly_is_told(as_editor: Client, data: dict[str, str], words: str) -> None:
    to = f"person:{make.person().pk}"
    answer = as_editor.post("/reassign/", {key: value.format(to=to) for key, value in data.items()})
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize("who", ["person:999999", "team:x", "nobody", "service:1", "person:"])
def test_nobody_of_that_name(as_editor: Client, who: str) -> None:
    assert as_editor.get(f"/reassign/?who={who}").status_code == 404


def test_of_who_is_still_here_one_can_only_ask(as_editor: Client, priya: Person) -> None:
    page = as_editor.get(f"/reassign/?who=person:{priya.pk}").content.decode()
    assert "is still here" in page
    assert "Assign now" not in page
    assert len(ticked(page)) == 2


def test_a_team_is_dissolved_and_restored(as_editor: Client) -> None:
    mia = make.person("Mia")
    team = make.team("Search", mia)
    make.service("Answers", owner=team)
    component = make.component("Retriever", custodian=team)
    assert "Retriever Component to look after" in text(as_editor, "/teams/search/dissolve/")
    answer = as_editor.post("/teams/search/dissolve/")
    assert answer.headers["Location"] == f"/reassign/?who=team:{team.pk}"
    assert "Answers" in text(as_editor, answer.headers["Location"])
    assert "This team was dissolved" in text(as_editor, "/teams/search/")
    assert "looked after by nobody: Search was dissolved" in text(as_editor, f"/components/{component.pk}/")
    assert "Search was dissolved" in text(as_editor, "/components/")
    assert "Nobody answers for this any more" in text(as_editor, "/services/answers/")
    for url in ("/services/new/", "/components/new/"):
        assert f'value="team:{team.pk}"' not in as_editor.get(url).content.decode()
        assert ">Search</option>" not in as_editor.get(url).content.decode()
    as_mia = signed_in(mia)
    assert "through Search" not in text(as_mia, "/people/me/")
    assert "Search is no longer here, so nobody is accountable for Answers" in text(as_mia, "/people/me/")
    as_editor.post("/teams/", {"name": "Search"})
    refused = as_editor.post("/teams/search/restore/", follow=True)
    assert "A team with this name exists already." in refused.content.decode()
    Team.objects.filter(slug="search-2").delete()
    as_editor.post("/teams/search/restore/")
    assert "This team was dissolved" not in text(as_editor, "/teams/search/")
    assert "through Search" in text(as_mia, "/people/me/")


def test_a_dissolved_team_takes_no_member_and_no_name(as_editor: Client) -> None:
    team, mia = make.team("Search"), make.person("Mia")
    as_editor.post("/teams/search/dissolve/")
    for url, data in (("/teams/search/", {"name": "X"}), ("/teams/search/members/", {"person": mia.pk})):
        assert as_editor.post(url, data).status_code == 422
    team.refresh_from_db()
    assert (team.name, team.memberships.count()) == ("Search", 0)


def test_nobody_speaks_for_a_dissolved_team(as_editor: Client) -> None:
    mia = make.person("Mia")
    make.service("Answers", owner=make.team("Search", mia))
    assert signed_in(mia).get("/services/answers/hand-over/").status_code == 200
    as_editor.post("/teams/search/dissolve/")
    assert signed_in(mia).get("/services/answers/hand-over/").status_code == 403


def test_pages_cost_the_same_for_one_and_for_many(as_editor: Client, as_admin: Client) -> None:
    costs = []
    priya, team = make.person(), make.team("Search", make.person())
    for more in (1, 3):
        for _ in range(more):
            gone = make.person(is_active=False)
            for party in (gone, priya, team):
                make.service(owner=party)
                make.assignment(make.service(), party, role="deputy")
            make.component(custodian=team)
        urls = [
            "/reassign/",
            f"/reassign/?who=person:{priya.pk}",
            f"/people/{priya.pk}/deactivate/",
            "/teams/search/dissolve/",
        ]
        costs.append([cost(as_admin, url) for url in urls])
    assert costs[0] == costs[1]


def test_whom_a_team_names_is_shown_before_they_leave_and_another_member_is_named_after(
    as_admin: Client, as_editor: Client, priya: Person
) -> None:
    mia = make.person("Mia")
    search = make.team("Search", priya, mia)
    service = make.service("Ranks")
    make.assignment(service, search, answering=priya)
    page = text(as_admin, f"/people/{priya.pk}/deactivate/")
    assert "Ranks Search keeps it" in page
    assert "Answers for a team (accountable)" in page
    before = as_editor.get(f"/reassign/?who=person:{priya.pk}").content.decode()
    named = Assignment.objects.get(service=service)
    assert str(named.pk) not in ticked(before)
    assert f"/assignments/{named.pk}/" in before
    as_admin.post(f"/people/{priya.pk}/deactivate/")
    url, olu = f"/reassign/?who=person:{priya.pk}", make.person("Olu")
    rows = sorted(ticked(as_editor.get(url).content.decode()))
    assert str(named.pk) in rows
    told = as_editor.post(url, {"row": rows, "to": f"person:{olu.pk}", "how": "give"}, follow=True).content.decode()
    assert "Olu has 2 things more from now on. Left out: Ranks: Search keeps it, and Olu is not in that team" in told
    alone = as_editor.post(url, {"row": [str(named.pk)], "to": f"person:{olu.pk}", "how": "give"})
    assert alone.status_code == 409
    as_editor.post(url, {"row": [str(named.pk)], "to": f"person:{mia.pk}", "how": "give"})
    assert Assignment.objects.get(service=service, during__endswith=None, superseded_at=None).answering == mia
    assert "Priya Nair holds nothing." in text(as_editor, url)


def test_all_on_the_page_can_be_ticked_by_a_link(as_editor: Client, priya: Person) -> None:
    Person.objects.filter(pk=priya.pk).update(is_active=False)
    page = as_editor.get("/reassign/").content.decode()
    assert ticked(page) == set()
    assert "?tick=all" in page
    assert len(ticked(as_editor.get("/reassign/?tick=all").content.decode())) == 2
    assert ticked(as_editor.get(f"/reassign/?who=person:{priya.pk}&tick=none").content.decode()) == set()


def test_no_more_goes_at_once_than_a_page_shows(as_editor: Client, editor: Person) -> None:
    gone, tomas = make.person("Gone"), make.person("Tomás")
    for _ in range(51):
        make.service(owner=gone)
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    url = f"/reassign/?who=person:{gone.pk}"
    assert len(ticked(as_editor.get(url).content.decode())) == 50
    rows = [str(row.pk) for row in Assignment.objects.filter(person=gone)]
    answer = as_editor.post(url, {"row": rows, "to": f"person:{tomas.pk}", "how": "give"})
    assert answer.status_code == 422
    assert "At most 50 roles go at once" in answer.content.decode()
    assert not Assignment.objects.filter(person=tomas).exists()
    assert as_editor.post(url, {"row": rows[:50], "to": f"person:{tomas.pk}", "how": "give"}).status_code == 302
    assert Assignment.objects.filter(person=tomas).count() == 50
