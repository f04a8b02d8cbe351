"""The page of what files say."""

from __future__ import annotations

import pytest
from django.test import Client

from ownership.models import Assignment, Claim
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import HTMX, cost, signed_in

pytestmark = pytest.mark.django_db


def claim(number: int = 0, **fields: object) -> Claim:
    given: dict[str, object] = {
        "fingerprint": str(number), "format": "backstage", "source": "x/catalog-info.yaml", "line": 3,
        "owner": "search", "role": "accountable", "subject_kind": "system", "subject_name": f"system:default/s{number}",
        "service": make.service(owner=make.team()), "team": make.team(), "first_seen": NOON, "last_seen": NOON,
    }  # fmt: skip
    return Claim.objects.create(**{**given, **fields})


def test_it_shows_both_sides_and_where_it_was_read(as_editor: Client) -> None:
    said = claim()
    shown = as_editor.get("/claims/").content.decode()
    for text in (said.service.name, said.team.name, "x/catalog-info.yaml, line 3", "Accept", "Ignore"):
        assert text in shown


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize(("deed", "held"), [("accept", True), ("ignore", False)])
def test_a_decision_takes_it_off_the_list(as_editor: Client, deed: str, held: bool, htmx: bool) -> None:
    said = claim()
    headers = {**HTMX, "HX-Target": "claims"} if htmx else {}
    answer = as_editor.post(f"/claims/{said.pk}/{deed}/", headers=headers, follow=not htmx)
    assert answer.status_code == 200
    assert "Files and people agree" in answer.content.decode()
    assert Assignment.objects.filter(service=said.service, team=said.team, superseded_at=None).exists() is held


def test_an_owner_nobody_knows_stands_apart_and_cannot_be_accepted(as_editor: Client) -> None:
    said = claim(team=None, owner="group:gone")
    assert "group:gone" not in as_editor.get("/claims/").content.decode()
    shown = as_editor.get("/claims/?show=unknown").content.decode()
    assert "group:gone" in shown
    assert "/accept/" not in shown
    assert as_editor.post(f"/claims/{said.pk}/accept/").status_code == 422
    assert Claim.objects.get().state == "new"


def test_readers_decide_nothing() -> None:
    said = claim()
    reader = signed_in(make.person(role="responder"))
    assert "/accept/" not in reader.get("/claims/").content.decode()
    assert reader.post(f"/claims/{said.pk}/accept/").status_code == 403


def test_three_cost_as_much_as_one(as_editor: Client) -> None:
    claim()
    one = cost(as_editor, "/claims/")
    claim(1)
    claim(2)
    assert cost(as_editor, "/claims/") == one


def test_lists_and_filters_narrow(as_editor: Client) -> None:
    team = make.team("Ranking crew")
    claim(1, owner="first", team=team)
    claim(2, owner="second", format="csv", source="t.csv")
    claim(3, owner="third", vanished_at=NOON)
    claim(4, owner="fourth", state="ignored")
    claim(5, owner="fifth", team=None)

    def found(query: str) -> list[str]:
        shown = as_editor.get(f"/claims/?{query}").content.decode()
        return [word for word in ("first", "second", "third", "fourth", "fifth") if f'aria-label="{word} for' in shown]

    assert found("") == found("show=drift") == found("show=nonsense&format=nonsense") == ["first", "second"]
    assert found("format=csv") == found("source=t.csv") == found("q=s2") == ["second"]
    assert found("team=ranking-crew") == found("q=FIRST") == ["first"]
    assert found("show=vanished") == ["third"]
    assert found("show=ignored") == ["fourth"]
    assert found("show=unknown") == ["fifth"]
    assert found("show=all") == ["first", "second", "third", "fourth", "fifth"]
    assert "Nothing fits" in as_editor.get("/claims/?q=nothing").content.decode()
    assert as_editor.get("/claims/?q=%00&source=%00").status_code == 200


def test_pages_follow_one_another_within_a_filter(as_editor: Client) -> None:
    team = make.team("Search")
    for number in range(52):
        claim(number, team=team, service=make.service())
    first = as_editor.get("/claims/?team=search")
    following = first.context["list"].following
    second = as_editor.get("/claims/", {"team": "search", "after": following}).context["list"]
    assert (len(first.context["list"].rows), len(second.rows), second.following) == (50, 2, None)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_the_ticked_ones_are_decided_together_and_the_refused_are_told(as_editor: Client, htmx: bool) -> None:
    good, bad = claim(1), claim(2, team=None, owner="group:gone")
    headers = {**HTMX, "HX-Target": "claims"} if htmx else {}
    data = {"claim": [good.pk, bad.pk], "what": "accept"}
    answer = as_editor.post("/claims/decide/?show=all", data, headers=headers, follow=not htmx)
    shown = answer.content.decode()
    assert "1 accepted." in shown
    assert "Not accepted: system:default/s2: group:gone." in shown
    assert list(Claim.objects.order_by("pk").values_list("state", flat=True)) == ["accepted", "new"]
    assert "accepted" in shown
    assert "by Edith Editor" in shown


@pytest.mark.parametrize("data", [{}, {"claim": "x", "what": "accept"}, {"claim": "1"}, {"claim": "1", "what": "burn"}])
def test_nothing_ticked_is_told(as_editor: Client, data: dict[str, str]) -> None:
    assert as_editor.post("/claims/decide/", data).status_code == 422


def test_a_decision_can_be_taken_back(as_editor: Client) -> None:
    said = claim()
    as_editor.post(f"/claims/{said.pk}/ignore/")
    as_editor.post(f"/claims/{said.pk}/reconsider/")
    assert Claim.objects.get().state == "new"


def test_saying_whom_an_owner_means(as_editor: Client) -> None:
    claim(1, team=None, owner="group:gone", unresolved="unknown_party")
    claim(2, team=None, owner="group:gone", unresolved="unknown_party")
    team = make.team("Ranking crew")
    shown = as_editor.get("/claims/owners/").content.decode()
    assert "group:gone" in shown
    assert "no such team or person" in shown
    wrong = as_editor.post("/claims/owners/", {"owner": "group:gone"})
    assert wrong.status_code == 422
    assert 'value="group:gone" id="owner-1" checked' in " ".join(wrong.content.decode().split())
    told = as_editor.post("/claims/owners/", {"owner": "group:gone", "party": f"team:{team.pk}"}, follow=True)
    assert "group:gone means Ranking crew, in 2 claims" in told.content.decode()
    assert set(Claim.objects.values_list("team", flat=True)) == {team.pk}
    assert as_editor.post("/claims/owners/", {"owner": "never said", "party": f"team:{team.pk}"}).status_code == 422


def test_the_queue_costs_the_same_for_three(as_editor: Client) -> None:
    claim(1, team=None, owner="a")
    one = cost(as_editor, "/claims/owners/")
    claim(2, team=None, owner="b")
    claim(3, team=None, owner="c")
    assert cost(as_editor, "/claims/owners/") == one


def test_where_nobody_answers_yet_stands_apart_from_where_somebody_else_does(as_editor: Client) -> None:
    claim(1, owner="first", service=make.service("Vacant"))
    claim(2, owner="second")
    component = make.component("Retriever", custodian=make.team())
    claim(3, owner="third", service=None, component=component, role="custodian")

    def found(show: str) -> list[str]:
        page = as_editor.get(f"/claims/?show={show}").content.decode()
        return [word for word in ("first", "second", "third") if f'aria-label="{word} for' in page]

    assert (found("nobody"), found("else"), found("drift")) == (["first"], ["second", "third"], [
        "first", "second", "third",
    ])  # fmt: skip


@pytest.mark.parametrize(("deed", "state"), [("accept_all", "accepted"), ("ignore_all", "ignored")])
def test_all_that_is_shown_is_decided_at_once(as_editor: Client, deed: str, state: str) -> None:
    rows = [claim(1), claim(2), claim(3)]
    page = as_editor.get("/claims/").content.decode()
    assert "Accept all 3 shown" in page
    assert all(f'name="shown" value="{row.pk}"' in page for row in rows)
    as_editor.post("/claims/decide/", {"what": deed, "shown": [rows[0].pk, rows[1].pk], "claim": [rows[2].pk]})
    assert list(Claim.objects.order_by("pk").values_list("state", flat=True)) == [state, state, "new"]
