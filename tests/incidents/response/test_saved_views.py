"""Saved views: whose they are, who may change them, which the board begins with."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.response import saving
from incidents.response.models import BoardDefault, BoardView
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

LIST = "/api/v1/board-views/"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def view_of(owner: Person, name: str = "Data", *, shared: bool = False, query: str = "layer=data") -> BoardView:
    return saving.save(name=name, query=query, shared=shared, default=False, by=owner, now=NOON)


@pytest.fixture
def people() -> dict[str, Person]:
    owner, teammate = make.person("Maya Okafor"), make.person("Jonas Lind")
    make.team("Answers team", owner, teammate)
    return {
        "owner": owner,
        "teammate": teammate,
        "stranger": make.person("Priya Nair"),
        "viewer": make.person(role="viewer"),
        "admin": make.person(role="admin"),
    }


# who, then what they meet at their own, a shared and a private view of the owner's
SHARED = {"owner": 302, "teammate": 403, "stranger": 403, "viewer": 403, "admin": 302}
PRIVATE = {"owner": 302, "teammate": 404, "stranger": 404, "viewer": 404, "admin": 404}
ACTS = [("", {"name": "Renamed"}), ("delete/", {})]


@pytest.mark.parametrize("who", SHARED)
@pytest.mark.parametrize(("act", "said"), ACTS)
@pytest.mark.parametrize("shared", [True, False])
def test_who_may_change_it(people: dict[str, Person], who: str, act: str, said: dict[str, str], shared: bool) -> None:
    view = view_of(people["owner"], shared=shared)
    answer = signed_in(people[who]).post(f"/board/views/{view.pk}/{act}", said)
    assert answer.status_code == (SHARED if shared else PRIVATE)[who]
    touched = not BoardView.objects.filter(pk=view.pk, name="Data").exists()
    assert touched is (answer.status_code == 302)


@pytest.mark.parametrize("who", SHARED)
def test_everybody_may_begin_with_what_is_shown_to_them(people: dict[str, Person], who: str) -> None:
    client = signed_in(people[who])
    shared, private = view_of(people["owner"], shared=True), view_of(people["owner"], "Own")
    assert client.post(f"/board/views/{shared.pk}/begin/").status_code == 302
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/?layer=data")
    assert client.get("/?state=open").status_code == 200
    assert client.post(f"/board/views/{private.pk}/begin/").status_code == (302 if who == "owner" else 404)
    assert client.post("/board/views/begin/").status_code == 302
    assert client.get("/").status_code == 200


def test_a_view_stands_above_the_board_with_its_count(people: dict[str, Person]) -> None:
    client = signed_in(people["owner"])
    make.incident(first_blame="data")
    make.incident(first_blame="model")
    answer = client.post("/board/views/new/?layer=data", {"name": "Data at fault"})
    assert (answer.status_code, answer["Location"]) == (302, "/?layer=data")
    shown = client.get("/?layer=data")
    (tab,) = shown.context["board"].tabs
    assert (tab.view.name, tab.count, tab.current) == ("Data at fault", 1, True)
    assert "Save as a view" not in shown.content.decode()
    assert "Data at fault" not in signed_in(people["teammate"]).get("/").content.decode()


def test_what_grows_with_history_is_not_counted(people: dict[str, Person]) -> None:
    view_of(people["owner"], query="state=resolved&layer=data")
    (tab,) = signed_in(people["owner"]).get("/").context["board"].tabs
    assert tab.count is None


def test_views_have_an_order(people: dict[str, Person]) -> None:
    client = signed_in(people["owner"])
    made = [view_of(people["owner"], name) for name in ("a", "b", "c")]
    client.post(f"/board/views/{made[2].pk}/", {"name": "c", "place": "1"})
    names = [tab.view.name for tab in client.get("/").context["board"].tabs]
    assert names == ["c", "a", "b"]


def test_a_name_is_taken_once_and_needed(people: dict[str, Person]) -> None:
    client = signed_in(people["owner"])
    view_of(people["owner"], "Data")
    view_of(people["teammate"], "Data")
    taken = client.post("/board/views/new/?layer=org", {"name": "data"})
    assert taken.status_code == 422
    assert "You have a view of that name already" in taken.content.decode()
    assert client.post("/board/views/new/?layer=org", {"name": "  "}).status_code == 422
    assert client.post("/board/views/new/?layer=weather", {"name": "x"}).status_code == 422
    assert BoardView.objects.count() == 2


def test_one_person_has_so_many_and_no_more(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST", 2)
    view_of(people["owner"], "a")
    view_of(people["owner"], "b")
    with pytest.raises(saving.TooMany):
        view_of(people["owner"], "c")


def test_viewers_keep_views_for_themselves(people: dict[str, Person]) -> None:
    client = signed_in(people["viewer"])
    client.post("/board/views/new/?layer=data", {"name": "Mine", "shared": "on"})
    assert not BoardView.objects.get().shared


def test_what_is_no_longer_shown_to_others_is_no_longer_where_they_begin(people: dict[str, Person]) -> None:
    view = view_of(people["owner"], shared=True)
    for who in ("owner", "teammate"):
        saving.open_with(view, person=people[who])
    saving.change(view, shared=False)
    assert list(BoardDefault.objects.values_list("person", flat=True)) == [people["owner"].pk]


def test_a_deleted_view_leaves_the_board_as_it_was(people: dict[str, Person]) -> None:
    view = view_of(people["owner"], shared=True)
    saving.open_with(view, person=people["teammate"])
    saving.remove(view)
    assert signed_in(people["teammate"]).get("/").status_code == 200


def test_the_page_of_views(people: dict[str, Person]) -> None:
    view_of(people["owner"], "Ours", shared=True)
    view_of(people["owner"], "Secret")
    shown = signed_in(people["stranger"]).get("/board/views/").content.decode()
    assert "Ours" in shown
    assert "Secret" not in shown
    assert "Suspected: Data" in shown


# ---- over the API ----


def test_the_api_keeps_views(people: dict[str, Person]) -> None:
    client = signed_in(people["owner"])
    made = client.post(
        LIST,
        {"name": "Bad data", "filters": {"layer": "data", "severity": "sev1,sev2"}, "shared": True, "default": True},
        content_type="application/json",
    )
    assert made.status_code == 201
    told = made.json()
    assert told["filters"] == {"severity": "sev1,sev2", "layer": "data"}
    assert told["query"] == "severity=sev1%2Csev2&layer=data"
    assert (told["shared"], told["default"], told["own"]) == (True, True, True)
    address = f"{LIST}{told['id']}/"
    changed = client.patch(address, {"filters": {"layer": "org"}, "name": "Us"}, content_type="application/json")
    assert (changed.json()["name"], changed.json()["query"]) == ("Us", "layer=org")
    assert client.get(LIST).json()["results"][0]["name"] == "Us"
    assert client.delete(address).status_code == 204
    assert client.get(LIST).json()["results"] == []


@pytest.mark.parametrize("who", SHARED)
@pytest.mark.parametrize("shared", [True, False])
def test_the_api_asks_the_same_rights(people: dict[str, Person], who: str, shared: bool) -> None:
    view = view_of(people["owner"], shared=shared)
    address, client = f"{LIST}{view.pk}/", signed_in(people[who])
    expected = {302: 200}.get((SHARED if shared else PRIVATE)[who], (SHARED if shared else PRIVATE)[who])
    answer = client.patch(address, {"name": "New"}, content_type="application/json")
    assert answer.status_code == expected
    gone = client.delete(address).status_code
    assert gone == (204 if expected == 200 else expected)


def test_the_api_says_what_cannot_be_used(people: dict[str, Person]) -> None:
    client = signed_in(people["owner"])
    wrong = client.post(
        LIST, {"name": "x", "filters": {"layer": "weather", "colour": "red"}}, content_type="application/json"
    )
    assert wrong.status_code == 422
    assert set(wrong.json()["errors"]["filters"]) == {"layer", "colour"}
    view_of(people["owner"], "x")
    taken = client.post(LIST, {"name": "X"}, content_type="application/json")
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    viewer = signed_in(people["viewer"])
    refused = viewer.post(LIST, {"name": "x", "shared": True}, content_type="application/json")
    assert refused.status_code == 403
    assert viewer.post(LIST, {"name": "x"}, content_type="application/json").status_code == 201
