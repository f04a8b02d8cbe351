"""Whether an earlier action held when its mode came back: asked in the review, answered once or again."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.postmortems import checking, holding, publishing
from incidents.postmortems.models import Action, Held, Postmortem
from incidents.postmortems.queries import review as reviews
from incidents.response import confiding
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.test_api import api
from tests.incidents.postmortems.test_controls import decided
from tests.incidents.postmortems.visits import htmx, signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def earlier() -> Action:
    return decided(make.service("Answers"), "One retrying layer")


@pytest.fixture
def draft(earlier: Action, maya: Person) -> Postmortem:
    return review.draft(by=maya, service=earlier.postmortem.incident.service, title="Slow again")


def said(one: Postmortem, earlier: Action, answer: str, note: str, by: Person) -> Held:
    return holding.answer(one, earlier, answer=answer, note=note, by=by, now=LATER)


def advice(one: Postmortem, viewer: Person) -> list[tuple[str, bool]]:
    items = checking.checklist(reviews.of(one, viewer=viewer))
    return [(item.label, item.ok) for item in items if item.soft and re.search("hold|held", item.label)]


def test_a_later_answer_supersedes(draft: Postmortem, earlier: Action, maya: Person) -> None:
    said(draft, earlier, "held", "Stayed at 3 calls.", maya)
    said(draft, earlier, "held", "Stayed at 3 calls. ", maya)  # the same is no new answer
    said(draft, earlier, "partly", "Only one of two loops.", maya)
    rows = Held.objects.order_by("pk").values_list("answer", "superseded_at")
    assert list(rows) == [("held", LATER), ("partly", None)]
    for change in (lambda rows: rows.update(note="better"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
            change(Held.objects.all())


@pytest.mark.parametrize(("answer", "field"), [("maybe", "answer"), ("held", "note"), ("partly", "note")])
def test_an_answer_is_one_of_five_and_says_what_shows_it(
    draft: Postmortem, earlier: Action, maya: Person, answer: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        said(draft, earlier, answer, " ", maya)
    assert refused.value.field == field


@pytest.mark.parametrize("answer", ["never_done", "unknown"])
def test_some_answers_say_enough(draft: Postmortem, earlier: Action, maya: Person, answer: str) -> None:
    assert said(draft, earlier, answer, "", maya).answer == answer


def test_the_checklist_advises_and_does_not_block(draft: Postmortem, earlier: Action, maya: Person) -> None:
    assert advice(draft, maya) == [("Did “One retrying layer” hold?", False)]
    said(draft, earlier, "unknown", "", maya)
    assert advice(draft, maya) == [("Whether earlier actions held is said", True)]
    assert advice(review.draft(title="Elsewhere"), maya) == []


@pytest.mark.parametrize("headers", [{}, htmx("actions")])
def test_the_block_asks_and_shows_the_answer(
    draft: Postmortem, earlier: Action, maya: Person, headers: dict[str, str]
) -> None:
    browser = signed_in(maya)
    shown = browser.get(url(draft)).content.decode()
    assert "Should have held" in shown
    assert f'id="earlier-{earlier.pk}"' in shown
    address = url(draft, f"earlier/{earlier.pk}/")
    refused = browser.post(address, {"answer": "held", "note": ""}, headers=headers)
    assert refused.status_code == 422
    assert "Say what shows it." in refused.content.decode()
    answer = browser.post(address, {"answer": "not_reached", "note": "Other seam."}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert "Other seam." in browser.get(url(draft)).content.decode()


def test_who_may_answer(draft: Postmortem, earlier: Action) -> None:
    address, answer = url(draft, f"earlier/{earlier.pk}/"), {"answer": "unknown"}
    assert Client().post(address, answer)["Location"].startswith("/accounts/login/")
    assert signed_in(make.person(role="viewer")).post(address, answer).status_code == 403
    own = review.action(draft)
    assert signed_in(draft.author).post(url(draft, f"earlier/{own.pk}/"), answer).status_code == 404
    assert not Held.objects.exists()
    assert signed_in(make.person()).post(address, answer).status_code == 302


def test_once_published_the_answer_stays(earlier: Action, maya: Person) -> None:
    postmortem = review.published(by=maya, service=earlier.postmortem.incident.service)
    answer = signed_in(maya).post(url(postmortem, f"earlier/{earlier.pk}/"), {"answer": "unknown"})
    assert (answer.status_code, Held.objects.exists()) == (409, False)


def test_once_published_it_asks_nothing_that_was_not_answered(earlier: Action, maya: Person) -> None:
    service = earlier.postmortem.incident.service
    postmortem = review.ready(by=maya, service=service)
    said(postmortem, earlier, "unknown", "", maya)
    publishing.publish(postmortem, by=maya, now=LATER)
    decided(service, "Decided meanwhile")
    shown = reviews.of(Postmortem.objects.select_related("incident", "template").get(pk=postmortem.pk), viewer=maya)
    assert [one.action.title for one in shown.earlier] == ["One retrying layer"]


def test_an_action_that_was_answered_for_stays(draft: Postmortem, maya: Person) -> None:
    """Also in a draft: it is refused with words, not by a foreign key."""
    other = review.draft(by=maya)
    action = review.action(other)
    said(draft, action, "unknown", "", maya)
    assert signed_in(maya).post(url(other, f"actions/{action.pk}/remove/")).status_code == 409
    assert Action.objects.filter(pk=action.pk).exists()


def test_of_a_private_incident_nobody_else_is_asked(draft: Postmortem, earlier: Action, maya: Person) -> None:
    said(draft, earlier, "held", "Secret words.", maya)
    incident = earlier.postmortem.incident
    confiding.make_private(incident, reason="It names a customer.", by=earlier.created_by, now=NOON)
    stranger = make.person()
    shown = signed_in(stranger).get(url(draft)).content.decode()
    assert ("One retrying layer" in shown, "Secret words." in shown) == (False, False)
    assert advice(draft, stranger) == []
    assert signed_in(stranger).post(url(draft, f"earlier/{earlier.pk}/"), {"answer": "held"}).status_code == 404


def test_the_number_of_queries_does_not_grow(draft: Postmortem, earlier: Action, maya: Person) -> None:
    service = earlier.postmortem.incident.service
    assert service is not None
    browser = signed_in(maya)
    browser.get(url(draft))
    with CaptureQueriesContext(connection) as few:
        browser.get(url(draft))
    for number in range(3):
        said(draft, decided(service, f"More {number}"), "unknown", "", maya)
    with CaptureQueriesContext(connection) as many:
        browser.get(url(draft))
    assert len(few) == len(many)


def test_over_the_api(draft: Postmortem, earlier: Action, maya: Person) -> None:
    client, address = api(maya), f"/api/v1/postmortems/{draft.incident_id}/earlier/"
    (one,) = client.get(address).json()
    assert (one["action"]["id"], one["held"]) == (earlier.pk, None)
    assert client.put(f"{address}{earlier.pk}/", {"answer": "held"}).json()["code"] == "invalid"
    made = client.put(f"{address}{earlier.pk}/", {"answer": "held", "note": "3 calls."})
    assert (made.status_code, made.json()["by"]) == (200, maya.email)
    assert client.get(address).json()[0]["held"]["note"] == "3 calls."
    assert client.put(f"{address}999999/", {"answer": "unknown"}).status_code == 404
    assert api(make.person(role="viewer")).put(f"{address}{earlier.pk}/", {"answer": "unknown"}).status_code == 403
