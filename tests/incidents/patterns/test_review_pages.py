"""The pages and the API of reviews: who is offered what, that text is kept, and what they cost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.patterns import reviewing
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.review_models import PatternReview
from incidents.patterns.window import Window
from incidents.postmortems.models import Action
from ownership import tokens
from ownership.models import Person
from tests import factories as make
from tests.incidents.patterns.factories import happened

pytestmark = pytest.mark.django_db

NEW = "/patterns/reviews/new/"
DUE = timezone.localdate() + timedelta(days=30)
DECISION = {"title": "Cap the retries", "kind": "contract", "due_on": f"{DUE}", "done_when": "No retry storm."}


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def desk(maya: Person) -> Client:
    return signed_in(maya)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def held(by: Person, *, decisions: int = 0) -> PatternReview:
    now = timezone.now()
    review = reviewing.hold(Window.from_query({}, now), title="Patterns, October 2026", by=by, now=now)
    for place in range(decisions):
        reviewing.decide(review, title=f"Decision {place}", due_on=DUE, owner=by, by=by, now=now)
    return review


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def test_holding_one_freezes_the_window_and_filters_of_the_address(desk: Client, maya: Person) -> None:
    make.service("Support answers")
    priya = make.person("Priya Nair")
    query = "?months=3&service=support-answers"
    page = shown(desk, NEW + query)
    assert f"Patterns, {timezone.localtime():%B %Y}" in page
    answer = desk.post(NEW + query, {"title": "Support", "notes": "We met.", "person_1": priya.pk})
    review = PatternReview.objects.get()
    assert answer["Location"] == f"/patterns/reviews/{review.pk}/"
    assert (review.filters, review.filtered, review.held_by) == (
        {"service": "support-answers"},
        ["Support answers"],
        maya,
    )
    page = shown(desk, answer["Location"])
    assert "Support answers" in page
    assert "Priya Nair" in page
    assert "Private incidents are not counted" in page
    for one in QUESTIONS:
        assert one.title in page


def test_a_refusal_keeps_what_was_typed(desk: Client, maya: Person) -> None:
    answer = desk.post(NEW, {"title": "", "notes": "We met on Tuesday."})
    assert (answer.status_code, "We met on Tuesday." in answer.content.decode()) == (422, True)
    assert shown(desk, f"{NEW}?from=yesterday", 422)
    assert desk.post(f"{NEW}?from=yesterday", {"title": "x"}).status_code == 422
    assert not PatternReview.objects.exists()
    url = f"/patterns/reviews/{held(maya).pk}/decisions/"
    answer = desk.post(url, {**DECISION, "due_on": "2020-01-01", "owner": f"person:{maya.pk}"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Cap the retries", "No retry storm.", "This day is over"):
        assert words in page


def test_a_decision_is_written_down_taken_out_and_the_review_closed(desk: Client, maya: Person) -> None:
    review = held(maya)
    url = review.get_absolute_url()
    answer = desk.post(f"{url}decisions/", {**DECISION, "owner": f"person:{maya.pk}"})
    action = Action.objects.get()
    assert answer["Location"] == f"{url}#action-{action.pk}"
    assert (action.pattern_review, action.kind, action.due_on) == (review, "contract", DUE)
    assert f'id="action-{action.pk}"' in shown(desk, url)
    assert desk.post(f"{url}decisions/{action.pk}/out/")["Location"] == f"{url}#decisions"
    assert not Action.objects.exists()
    desk.post(f"{url}notes/", {"notes": "Nothing more."})
    assert desk.post(f"{url}close/")["Location"] == url
    page = shown(desk, url)
    assert "closed by Maya Okafor" in page
    assert "Nothing more." in page
    assert "Write it down" not in page
    assert desk.post(f"{url}decisions/", DECISION).status_code == 409
    assert desk.post(f"{url}notes/", {"notes": "x"}).status_code == 409


def test_what_a_viewer_is_offered_and_refused(maya: Person) -> None:
    review = held(maya, decisions=1)
    action = Action.objects.get()
    client = signed_in(make.person("Vera Ilić", role="viewer"))
    url = review.get_absolute_url()
    page = shown(client, url)
    for words in ("Write it down", "Close the review", "Take out", "Save the notes"):
        assert words not in page
    assert "Hold review" not in shown(client, "/patterns/reviews/")
    assert client.get(NEW).status_code == 403
    for path in ("decisions/", f"decisions/{action.pk}/out/", "notes/", "close/"):
        assert client.post(url + path, DECISION).status_code == 403
    assert Client().get(url).status_code == 302


def test_the_steps_of_an_action_come_back_to_its_review(desk: Client, maya: Person) -> None:
    review = held(maya, decisions=1)
    action = Action.objects.get()
    step = f"/actions/{action.pk}/done/"
    assert desk.post(step)["Location"] == f"{review.get_absolute_url()}#action-{action.pk}"
    form = shown(signed_in(make.person()), f"/actions/{action.pk}/verify/")
    assert "Patterns, October 2026" in form
    row = desk.get("/actions/?owner=anyone").content.decode()
    assert f'href="{review.get_absolute_url()}#action-{action.pk}"' in row
    lines = list(csv.DictReader(io.StringIO(desk.get("/actions/export.csv?owner=anyone").content.decode())))
    assert [(one["incident"], one["service"], one["action"]) for one in lines] == [
        ("Patterns, October 2026", "", "Decision 0")
    ]


def test_the_next_one_opens_with_what_was_promised(desk: Client, maya: Person) -> None:
    first = held(maya, decisions=2)
    assert "opens with what" in shown(desk, NEW)
    desk.post(NEW, {"title": "Patterns, November 2026"})
    second = PatternReview.objects.latest("pk")
    page = shown(desk, second.get_absolute_url())
    assert page.index("What was promised") < page.index("Then and now") < page.index('id="layers"')
    for words in ("Decision 0", "Decision 1", first.get_absolute_url()):
        assert words in page


def test_the_rows_as_a_file_are_those_that_were_frozen(desk: Client, maya: Person) -> None:
    happened(timezone.now() - timedelta(days=3), "data")
    url = held(maya).get_absolute_url()
    happened(timezone.now() - timedelta(days=2), "data", "model")
    lines = list(csv.DictReader(io.StringIO(desk.get(f"{url}layers.csv").content.decode())))
    assert [(one["layer"], one["incidents"]) for one in lines] == [("data", "1")]
    assert desk.get(f"{url}no-question.csv").status_code == 404
    assert desk.get("/patterns/reviews/999/layers.csv").status_code == 404


@pytest.mark.parametrize("path", ["/patterns/reviews/", "review"])
def test_queries_do_not_grow_with_what_is_shown(desk: Client, maya: Person, path: str) -> None:
    def asked(review: PatternReview) -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(desk, review.get_absolute_url() if path == "review" else path)
        return len(seen)

    held(maya, decisions=1)
    few = asked(held(maya, decisions=1))
    for _ in range(3):
        happened(timezone.now() - timedelta(days=20), "data", "model")
    held(maya, decisions=6)
    assert asked(held(maya, decisions=7)) == few


@pytest.fixture
def read(maya: Person) -> Callable[[str], Any]:
    _, secret = tokens.make(make.person(role="viewer"), label="reviews", scope="read", now=timezone.now())

    def fetched(path: str) -> Any:
        answer = Client().get(f"/api/v1/{path}", headers={"Authorization": f"Token {secret}"})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return fetched


def test_programs_read_them_as_frozen(read: Callable[[str], Any], maya: Person) -> None:
    happened(timezone.now() - timedelta(days=3), "data")
    held(maya, decisions=1)
    review = held(maya, decisions=1)
    happened(timezone.now() - timedelta(days=2), "model")
    listed = read("pattern-reviews/")["results"]
    assert [one["id"] for one in listed] == [review.pk, review.pk - 1]
    whole = read(f"pattern-reviews/{review.pk}/")
    assert (whole["base"]["incidents"], whole["held_by"], whole["previous"]) == (1, maya.email, review.pk - 1)
    assert [one["slug"] for one in whole["answers"]] == [one.slug for one in QUESTIONS]
    layers = next(one for one in whole["answers"] if one["slug"] == "layers")
    assert [(row["layer"], row["incidents"]) for row in layers["rows"]] == [("data", 1)]
    assert [(one["title"], one["standing_then"], one["standing_now"]) for one in whole["promised"]] == [
        ("Decision 0", "todo", "todo")
    ]
    (decision,) = whole["decisions"]
    assert (decision["pattern_review"], decision["postmortem"]) == (review.pk, None)
    of_review = read(f"actions/?pattern_review={review.pk}")["results"]
    assert [one["id"] for one in of_review] == [decision["id"]]


def test_programs_neither_hold_one_nor_change_a_decision(maya: Person) -> None:
    review = held(maya, decisions=1)
    _, secret = tokens.make(make.person(role="editor"), label="writes", scope="write", now=timezone.now())
    client, headers = Client(), {"Authorization": f"Token {secret}"}
    assert client.post("/api/v1/pattern-reviews/", {}, headers=headers).status_code == 405
    assert client.delete(f"/api/v1/pattern-reviews/{review.pk}/", headers=headers).status_code == 405
    url = f"/api/v1/actions/{Action.objects.get().pk}/"
    told = client.patch(url, {"title": "x"}, headers=headers, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (409, "decided_in_review")
    assert client.delete(url, headers=headers).status_code == 409
    assert client.post(f"{url}done/", headers=headers).json()["state"] == "done"
    refused = client.post(
        "/api/v1/actions/", {"postmortem": None, "title": "x"}, headers=headers, content_type="application/json"
    )
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["postmortem"])
