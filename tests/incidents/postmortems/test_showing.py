"""What untagging hid is hidden everywhere: one condition tells which texts a postmortem shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from incidents.postmortems import amending, reviewing, tagging
from incidents.postmortems.amending import Draft
from incidents.postmortems.models import Postmortem, Section
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries import showing
from incidents.response import findings
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db

ANSWER = "q-org-knew"
HIDDEN = "Zanzibar knew of it."


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    """Ready to be published, with an answer."""
    draft = review.ready(by=maya)
    tagging.tag(draft, layer="org", by=maya, now=LATER)
    review.write(draft, ANSWER, HIDDEN)
    return draft


def untag(draft: Postmortem) -> None:
    tagging.untag(draft, layer="org", by=draft.author, now=LATER)


def published(draft: Postmortem) -> Postmortem:
    Postmortem.objects.filter(pk=draft.pk).update(published_at=LATER, published_by=draft.author)
    return draft


def told(draft: Postmortem) -> dict[str, str]:
    """By each way out, what a reader is given."""
    client: Client = signed_in(make.person(role="viewer"))
    ways = {
        "search": "/search/?q=Zanzibar",
        "API search": "/api/v1/search/?q=Zanzibar",
        "API": f"/api/v1/postmortems/{draft.incident_id}/",
    }
    return {way: client.get(path).content.decode() for way, path in ways.items()}


@pytest.mark.parametrize("ended", [False, True])
def test_an_answer_that_was_put_away_is_nowhere_to_be_read(draft: Postmortem, ended: bool) -> None:
    shown = {way for way, text in told(draft).items() if "knew of it" in text}
    assert shown == {"search", "API search", "API"}
    untag(draft)
    if ended:
        published(draft)
    assert not any("knew of it" in text for text in told(draft).values())


def test_an_amendment_does_not_publish_it(draft: Postmortem) -> None:
    untag(draft)
    published(draft)
    at = review.section(draft, ANSWER).revision
    with pytest.raises(Invalid, match="is not shown in what was published"):
        amending.amend(draft, texts={ANSWER: Draft("New.", at)}, reason="x", by=draft.author, now=LATER)
    page = signed_in(draft.author).get(url(draft, "amend/")).content.decode()
    assert f"text_{ANSWER}" not in page
    assert "text_surprised" in page


def test_an_answer_that_is_shown_can_be_amended(draft: Postmortem) -> None:
    published(draft)
    at = review.section(draft, ANSWER).revision
    amending.amend(draft, texts={ANSWER: Draft("New.", at)}, reason="x", by=draft.author, now=LATER)
    assert f"text_{ANSWER}" in signed_in(draft.author).get(url(draft, "amend/")).content.decode()


def _blamed(draft: Postmortem) -> None:
    said = {"first_blame": "model", "first_blamed_at": NOON, "first_blamed_by": draft.author}
    Incident.objects.filter(pk=draft.incident_id).update(**said)


def _blamed_and_nothing_found(draft: Postmortem) -> None:
    _blamed(draft)
    for one in review.standing(draft):
        reviewing.withdraw(draft, one, by=draft.author, now=LATER)


def _model_found(draft: Postmortem) -> None:
    review.finding(draft, "model.capability_limit")


def _model_tagged(draft: Postmortem) -> None:
    tagging.tag(draft, layer="model", by=draft.author, now=LATER)


def _mode_gone(draft: Postmortem) -> None:
    """The layer stays tagged, the mode that brings a question of its own does not."""
    tagging.tag(draft, layer="integration", by=draft.author, now=LATER)
    _blamed_and_nothing_found(draft)


def _found_after_publishing(draft: Postmortem) -> None:
    published(draft)
    later = LATER + timedelta(days=1)
    (one,) = review.standing(draft)
    findings.withdraw(one, by=draft.author, now=later, why="x")
    make.finding(one.incident, "model.capability_limit", by=draft.author, now=later)


WAYS: list[Callable[[Postmortem], None]] = [
    untag, _blamed, _blamed_and_nothing_found, _model_found, _model_tagged, _mode_gone, published,
    _found_after_publishing,
]  # fmt: skip


@pytest.mark.parametrize("happened", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_the_condition_is_what_the_page_shows(
    draft: Postmortem, happened: Callable[[Postmortem], None], maya: Person
) -> None:
    for layer in ("model", "data"):  # so that there is more to hide: every line, and questions of other layers
        tagging.tag(draft, layer=layer, by=maya, now=LATER)
        tagging.untag(draft, layer=layer, by=maya, now=LATER)
    happened(draft)
    fresh = Postmortem.objects.select_related("incident", "template").get(pk=draft.pk)
    found = Section.objects.filter(showing.shown(), postmortem=draft).values_list("key", flat=True)
    assert set(found) == {one.key for one in reviews.of(fresh).texts}
    assert found.count() < Section.objects.filter(postmortem=draft).count()


def test_hints_are_for_those_who_write_the_draft(draft: Postmortem) -> None:
    path = f"/api/v1/postmortems/{draft.incident_id}/hints/"
    assert signed_in(draft.author).get(path).status_code == 200
    assert signed_in(make.person(role="viewer")).get(path).status_code == 403
    published(draft)
    assert signed_in(draft.author).get(path).status_code == 409
