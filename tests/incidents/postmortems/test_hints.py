"""Hints on wording where people write: shown, counted, waved away; and over the API with the comments."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.postmortems import publishing, quieting, wording
from incidents.postmortems.models import Comment, Postmortem, QuietHint
from incidents.postmortems.queries import hints
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.vocabulary import is_external
from incidents.response.models import FailureMode
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db
PLACE = "section-surprised"
SAVED = htmx("saved-surprised")


def seen(of: Postmortem) -> list[tuple[str, str, str]]:
    fresh = Postmortem.objects.select_related("incident", "template").get(pk=of.pk)
    placed = hints.of(reviews.of(fresh)).placed
    return [(one.place.anchor, hint.code, hint.excerpt) for one in placed for hint in one.hints]


def quiet(of: Postmortem, excerpt: str = "should have tested", *, anchor: str = PLACE, by: Person) -> None:
    quieting.quiet(of, anchor=anchor, rule="counterfactual", excerpt=excerpt, by=by, now=LATER)


def test_texts_evidence_and_titles_are_read_each_in_its_own_way(draft: Postmortem) -> None:
    review.write(draft, "surprised", "Improve? We should have tested. We should  have tested.")
    line = review.finding(draft, "data.schema_drift", evidence="Obviously drifted.").line
    action = review.action(draft, "Improve the parser", due_on=date(2026, 12, 24))
    assert seen(draft) == [
        (PLACE, "counterfactual", "should have tested"),
        (f"finding-{line}", "judgement", "Obviously"),
        (f"action-{action.pk}", "vague_action", "Improve"),
    ]


def test_people_who_are_known_are_found_by_any_of_their_names(draft: Postmortem) -> None:
    make.person("Jürgen Öztürk")
    review.write(draft, "surprised", "Jürgen missed it. Then Öztürk broke it. Harald missed it. Kafka broke.")
    assert [excerpt for _, _, excerpt in seen(draft)] == ["Jürgen missed it", "Öztürk broke it"]


def test_who_has_left_is_known_no_more(draft: Postmortem) -> None:
    make.person("Harald Hase", is_active=False)
    review.write(draft, "surprised", "Harald missed it.")
    assert seen(draft) == []


def test_the_model_may_be_named_where_a_finding_shows_it(draft: Postmortem) -> None:
    review.write(draft, "surprised", "The model hallucinated.")
    assert [code for _, code, _ in seen(draft)] == ["model_as_scapegoat"]
    mode = FailureMode.objects.filter(layer="model").order_by("code")[0]
    review.finding(draft, mode.code, evidence="eval run 12: 14 of 40")
    assert seen(draft) == []


def test_a_link_shows_it_as_words_do(draft: Postmortem) -> None:
    review.write(draft, "surprised", "The model hallucinated.")
    mode = FailureMode.objects.filter(layer="model").order_by("code")[0]
    link = {"kind": "url", "url": "https://evals.example.org/12", "label": "eval run 12"}
    review.finding(draft, mode.code, evidence="", links=[link])
    assert seen(draft) == []


@pytest.mark.parametrize(("key", "outside"), [("message", True), ("external_note", True), ("summary", False)])
def test_which_texts_leave_the_house(key: str, outside: bool) -> None:
    assert is_external(key) is outside


def test_waved_away_stays_away_at_that_place_alone(draft: Postmortem, maya: Person) -> None:
    for key in ("surprised", "decided"):
        review.write(draft, key, "We should have tested. We should have asked.")
    quiet(draft, "Should  Have tested", by=maya)
    quiet(draft, by=maya)
    assert QuietHint.objects.count() == 1
    assert [(anchor, excerpt) for anchor, _, excerpt in seen(draft)] == [
        (PLACE, "should have asked"),
        ("section-decided", "should have tested"),
        ("section-decided", "should have asked"),
    ]
    assert quieting.bring_back(draft, by=maya, now=LATER) == 1
    assert len(seen(draft)) == 4


@pytest.mark.parametrize(("rule", "excerpt"), [("nothing", "should have"), ("judgement", "  ")])
def test_what_is_no_hint_cannot_be_waved_away(draft: Postmortem, maya: Person, rule: str, excerpt: str) -> None:
    with pytest.raises(Invalid):
        quieting.quiet(draft, anchor=PLACE, rule=rule, excerpt=excerpt, by=maya, now=LATER)


def test_a_page_shows_them_below_the_text_and_beside_it(draft: Postmortem, maya: Person) -> None:
    empty = signed_in(maya).get(url(draft)).content.decode()
    assert '<div id="wording" data-fresh hidden>' in empty
    review.write(draft, "surprised", "We should have <b>tested</b>. We should have tested.")
    shown = signed_in(maya).get(url(draft)).content.decode()
    said = "“should have” looks back with knowledge that nobody had. What was known then?"
    below, beside = shown.split("<aside", 1)
    assert said in below
    assert said in beside
    assert 'aria-live="off"' in below
    viewer = signed_in(make.person(role="viewer")).get(url(draft)).content.decode()
    assert "looks back" not in viewer
    assert "looks back" not in signed_in(maya).get(url(draft) + "?preview").content.decode()


def test_a_saved_text_brings_its_hints_along(draft: Postmortem, maya: Person) -> None:
    save = url(draft, "sections/surprised/")
    answer = signed_in(maya).post(save, {"text": "We should have tested.", "revision": 0}, headers=SAVED)
    shown = answer.content.decode()
    assert f'id="hints-{PLACE}" data-fresh' in shown
    assert 'id="wording" data-fresh' in shown
    assert shown.count("looks back") == 2
    answer = signed_in(maya).post(save, {"text": "It had no test.", "revision": 1}, headers=SAVED)
    assert "looks back" not in answer.content.decode()


@pytest.mark.parametrize("target", ["", f"hints-{PLACE}", "wording"])
def test_waving_away_on_the_page(draft: Postmortem, maya: Person, target: str) -> None:
    review.write(draft, "surprised", "We should have tested. It was obvious.")
    headers = htmx(target) if target else PLAIN
    asked = {"anchor": PLACE, "rule": "counterfactual", "excerpt": "should have tested"}
    answer = signed_in(maya).post(url(draft, "hints/quiet/"), asked, headers=headers)
    if not target:
        assert answer["Location"] == f"{url(draft)}#{PLACE}"
        answer = signed_in(maya).get(url(draft))
    shown = answer.content.decode()
    assert "should have tested” looks back" not in shown
    assert shown.count("“obvious” judges") == 2
    assert shown.count("hx-swap-oob") == (1 if target else 0)
    assert "Bring back 1 that was waved away" in shown
    back = signed_in(maya).post(url(draft, "hints/bring-back/"), headers=headers)
    assert back.status_code == (200 if target else 302)
    assert not QuietHint.objects.exists()


def test_what_is_published_waves_nothing_away(maya: Person) -> None:
    ready = review.ready(by=maya)
    review.write(ready, "surprised", "We should have tested.")
    asked = {"anchor": PLACE, "rule": "counterfactual", "excerpt": "should have tested"}
    assert signed_in(make.person(role="viewer")).post(url(ready, "hints/quiet/"), asked).status_code == 403
    assert signed_in(maya).post(url(ready, "hints/quiet/"), {"rule": "judgement"}).status_code == 422
    publishing.publish(ready, by=maya, now=LATER)
    assert signed_in(maya).post(url(ready, "hints/quiet/"), asked).status_code == 409
    assert signed_in(maya).post(url(ready, "hints/bring-back/")).status_code == 409


@pytest.mark.parametrize("sections", [1, 3])
def test_hints_cost_the_same_for_one_and_for_three(
    django_assert_num_queries: Any, draft: Postmortem, sections: int
) -> None:
    for key in ("surprised", "conditions", "decided")[:sections]:
        review.write(draft, key, "Maya missed it. We should have tested.")
    fresh = Postmortem.objects.select_related("incident", "template").get(pk=draft.pk)
    looked = reviews.of(fresh)
    with django_assert_num_queries(2):
        assert hints.of(looked).count == 2 * sections


def test_every_rule_is_explained_on_its_page_and_in_the_docs(maya: Person) -> None:
    shown = signed_in(maya).get("/postmortems/wording/").content.decode()
    docs = (Path(__file__).parents[3] / "docs/wording.md").read_text()
    for rule in wording.RULES:
        assert f'id="{rule.code}"' in shown
        assert f"`{rule.code}`" in docs


# ---- over the API ----


@pytest.fixture
def client(maya: Person) -> APIClient:
    made = APIClient()
    made.force_login(maya)
    return made


def at(of: Postmortem, tail: str = "") -> str:
    return f"/api/v1/postmortems/{of.incident_id}/{tail}"


def test_hints_over_the_api(client: APIClient, draft: Postmortem) -> None:
    review.write(draft, "surprised", "We should have tested.")
    (hint,) = client.get(at(draft, "hints/")).json()
    assert (hint["anchor"], hint["rule"], hint["start"], hint["end"]) == (PLACE, "counterfactual", 3, 21)
    asked = {name: hint[name] for name in ("anchor", "rule", "excerpt")}
    assert client.post(at(draft, "hints/"), asked).status_code == 204
    assert client.get(at(draft, "hints/")).json() == []
    assert client.post(at(draft, "hints/"), asked | {"rule": "nothing"}).status_code == 422


def test_comments_over_the_api(client: APIClient, draft: Postmortem, maya: Person) -> None:
    made = client.post(at(draft, "comments/"), {"anchor": PLACE, "text": "Which?", "quote": "loops"}).json()
    reply = client.post(at(draft, "comments/"), {"answers_to": made["id"], "text": "Both."}).json()
    assert (made["quote"], reply["answers_to"], reply["anchor"]) == ("loops", made["id"], PLACE)
    one = at(draft, f"comments/{made['id']}/")
    assert client.patch(one, {"text": "Which one?", "version": 1}).json()["version"] == 2
    late = client.patch(one, {"text": "Again", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "comment_changed")
    assert client.post(f"{one}resolve/").json()["resolved_by"] == maya.email
    assert client.post(f"{one}reopen/").json()["resolved_at"] is None
    assert client.delete(one).status_code == 204
    texts = [row["text"] for row in client.get(at(draft, "comments/")).json()["results"]]
    assert texts == ["", "Both."]
    assert client.get(one).json()["taken_back_at"] is not None


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"text": "x"}, 422),
        ({"text": "x", "anchor": PLACE, "answers_to": 1}, 422),
        ({"text": " ", "anchor": PLACE}, 422),
        ({"text": "x", "anchor": "section-nothing"}, 404),
        ({"text": "x", "answers_to": 999_999}, 404),
    ],
)
def test_what_is_no_comment_is_refused(client: APIClient, draft: Postmortem, said: dict[str, Any], status: int) -> None:
    assert client.post(at(draft, "comments/"), said).status_code == status
    assert not Comment.objects.exists()


def test_viewers_comment_and_do_not_resolve_over_the_api(draft: Postmortem) -> None:
    viewer = APIClient()
    viewer.force_login(make.person("Vera Viewer", role="viewer"))
    made = viewer.post(at(draft, "comments/"), {"anchor": "findings", "text": "Which?"})
    assert made.status_code == 201
    assert viewer.post(at(draft, f"comments/{made.json()['id']}/resolve/")).status_code == 403
    assert viewer.post(at(draft, "hints/"), {"anchor": PLACE, "rule": "judgement", "excerpt": "x"}).status_code == 403


def test_listing_comments_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: Any, client: APIClient, draft: Postmortem
) -> None:
    client.post(at(draft, "comments/"), {"anchor": PLACE, "text": "Which?"})
    client.get(at(draft, "comments/"))
    with django_assert_num_queries(3):
        client.get(at(draft, "comments/"))
    for _ in range(2):
        client.post(at(draft, "comments/"), {"anchor": PLACE, "text": "Which?"})
    with django_assert_num_queries(3):
        assert len(client.get(at(draft, "comments/")).json()["results"]) == 3
