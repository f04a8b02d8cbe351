"""Tagged layers bring their questions, untagging hides them and keeps what was written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.postmortems import asking, measuring, publishing, questions, reviewing, ruling_out, tagging
from incidents.postmortems.checking import checklist
from incidents.postmortems.freezing import Frozen
from incidents.postmortems.measuring import Stage
from incidents.postmortems.models import LayerTag, Postmortem, Section
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.tagging import LayerFound
from incidents.response import blaming, bulk, lifecycle
from incidents.response.models import FailureMode
from ownership.models import Person
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    return review.draft(by=maya)  # its provisional finding is of the layer integration


@pytest.fixture
def client(maya: Person) -> Client:
    return signed_in(maya)


def asked(draft: Postmortem) -> dict[str, list[str]]:
    """Keys of what is asked, by layer."""
    return {group.layer: [one.key for one in group.answers] for group in reviews.of(draft).layers.groups}


def missing(draft: Postmortem) -> list[str]:
    return [item.label for item in checklist(reviews.of(draft)) if not item.ok]


def test_a_finding_tags_its_layer_by_itself_and_its_mode_asks_more(draft: Postmortem, maya: Person) -> None:
    assert list(asked(draft)) == ["integration"]
    assert "q-integration-retry-budget" in asked(draft)["integration"]  # brought by retry amplification
    (found,) = review.standing(draft)
    mode = FailureMode.objects.get(code="integration.change_defect")
    reviewing.revise(draft, found, seen=found.pk, mode=mode, evidence="v118", by=maya, now=LATER)
    assert "q-integration-retry-budget" not in asked(draft)["integration"]
    assert "q-integration-retries" in asked(draft)["integration"]


def test_tagging_brings_questions_and_untagging_hides_and_keeps(draft: Postmortem, maya: Person) -> None:
    tagging.tag(draft, layer="latency", by=maya, now=LATER)
    tagging.tag(draft, layer="latency", by=maya, now=LATER)
    assert LayerTag.objects.count() == 1
    assert list(asked(draft)) == ["integration", "latency"]
    review.write(draft, "q-latency-timeouts", "30 s inside 10 s.")
    tagging.untag(draft, layer="latency", by=maya, now=LATER)
    assert list(asked(draft)) == ["integration"]
    assert review.section(draft, "q-latency-timeouts").text == "30 s inside 10 s."
    tagging.tag(draft, layer="latency", by=maya, now=LATER + timedelta(hours=1))
    group = reviews.of(draft).layers.groups[1]
    assert [one.text for one in group.answers if one.key == "q-latency-timeouts"] == ["30 s inside 10 s."]
    assert LayerTag.objects.filter(untagged_at=None).count() == 1
    assert LayerTag.objects.get(untagged_at__isnull=False).untagged_by == maya


def test_a_found_layer_cannot_be_untagged_while_its_finding_stands(draft: Postmortem, maya: Person) -> None:
    tagging.tag(draft, layer="integration", by=maya, now=LATER)
    with pytest.raises(LayerFound, match="withdraw the finding first"):
        tagging.untag(draft, layer="integration", by=maya, now=LATER)
    (found,) = review.standing(draft)
    reviewing.withdraw(draft, found, by=maya, now=LATER)
    assert list(asked(draft)) == ["integration"]  # people had tagged it as well
    tagging.untag(draft, layer="integration", by=maya, now=LATER)
    assert asked(draft) == {}


def test_a_finding_from_the_incidents_page_asks_on_a_draft_that_was_begun(maya: Person) -> None:
    incident = make.incident(by=maya)
    draft = review.draft(by=maya, incident=incident)
    assert asked(draft) == {}
    mode = FailureMode.objects.get(code="data.schema_drift")
    lifecycle.resolve(incident, by=maya, now=LATER, mode=mode, evidence="diff")
    assert asked(draft)["data"][0] == "q-data-contract"


@pytest.mark.parametrize("many", [False, True], ids=["of one", "of many"])
def test_the_model_blamed_after_the_draft_began_lays_out_its_lines(maya: Person, many: bool) -> None:
    incident = make.incident(by=maya)
    draft = review.draft(by=maya, incident=incident)
    if many:
        bulk.acknowledge([incident.pk], first_blame="model", by=maya, now=LATER)
    else:
        blaming.blame(incident, layer="model", by=maya, now=LATER)
    layers = reviews.of(Postmortem.objects.select_related("incident", "template").get(pk=draft.pk)).layers
    assert layers.asks_six
    assert all(line.section for line in layers.lines)


def test_another_layer_blamed_lays_out_no_lines(maya: Person) -> None:
    incident = make.incident(by=maya)
    draft = review.draft(by=maya, incident=incident)
    blaming.blame(incident, layer="data", by=maya, now=LATER)
    assert not Section.objects.filter(postmortem=draft, kind="ruled_out").exists()


def test_a_draft_keeps_the_question_as_it_was_asked(draft: Postmortem, maya: Person) -> None:
    Section.objects.filter(postmortem=draft, key="q-integration-pair").update(heading="As it was asked?")
    tagging.tag(draft, layer="org", by=maya, now=LATER)
    asking.lay_out([draft])
    assert review.section(draft, "q-integration-pair").heading == "As it was asked?"


def test_a_question_that_the_book_no_longer_has_goes_on_with_its_layer(draft: Postmortem) -> None:
    Section.objects.filter(postmortem=draft, key="q-integration-pair").update(key="q-integration-older")
    assert "q-integration-older" in asked(draft)["integration"]


def test_drafts_from_before_layers_asked_are_laid_out_once(draft: Postmortem) -> None:
    Section.objects.filter(postmortem=draft).exclude(kind="narrative").delete()
    asking.lay_out_bare()
    assert "q-integration-retries" in asked(draft)["integration"]
    Section.objects.get(postmortem=draft, key="q-integration-retries").delete()
    asking.lay_out_bare()
    assert "q-integration-retries" not in asked(draft)["integration"]


def test_no_layer_of_that_name(draft: Postmortem, maya: Person) -> None:
    with pytest.raises(Invalid, match="no layer"):
        tagging.tag(draft, layer="weather", by=maya, now=LATER)


def test_unanswered_questions_are_advice_and_never_block(maya: Person) -> None:
    draft = review.ready(by=maya)
    left = f"{reviews.of(draft).layers.asked} questions of the layers not answered"
    assert left in missing(draft)
    for one in Section.objects.filter(postmortem=draft, kind="answer"):
        review.write(draft, one.key, "Yes.")
    assert not [label for label in missing(draft) if "questions" in label]
    publishing.publish(review.ready(by=maya), by=maya, now=LATER)


def test_a_published_postmortem_is_not_tagged_any_more(maya: Person) -> None:
    published = review.published(by=maya)
    with pytest.raises(Frozen):
        tagging.tag(published, layer="org", by=maya, now=LATER)


# ---- the page ----


@pytest.mark.parametrize("headers", [PLAIN, htmx("questions")], ids=["plain", "htmx"])
def test_pressing_a_layer(client: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    answer = client.post(url(draft, "layers/latency/"), headers=headers)
    if headers:
        shown = answer.content.decode()
        assert 'id="tag-latency" aria-pressed="true" name="off"' in shown
        assert "Which timeout is longer than its caller" in shown
        assert 'id="checklist" aria-labelledby="checklist-title" hx-swap-oob="true"' in shown
    else:
        assert answer["Location"] == f"{url(draft)}#questions"
    assert list(asked(draft)) == ["integration", "latency"]
    client.post(url(draft, "layers/latency/"), {"off": "1"}, headers=headers)
    assert list(asked(draft)) == ["integration"]


def test_pressing_a_layer_that_was_found_says_why_it_stays(client: Client, draft: Postmortem) -> None:
    answer = client.post(url(draft, "layers/integration/"), {"off": "1"})
    assert answer.status_code == 409
    assert "A finding names this layer" in answer.content.decode()
    assert 'id="tag-integration"' not in client.get(url(draft)).content.decode()


def test_what_alerts_and_people_suspected_is_suggested(client: Client, maya: Person) -> None:
    incident = review.resolved(by=maya, first_blame="guardrail")
    incident.suggested_layer, incident.suggestion = "latency", {"layer": "latency", "why": "“timeout” in its summary"}
    incident.save()
    shown = client.get(url(review.draft(by=maya, incident=incident))).content.decode()
    assert "suggested by an alert: “timeout” in its summary" in shown
    assert "first blamed" in shown
    assert not LayerTag.objects.exists()  # a suggestion tags nothing by itself


def test_an_answer_is_a_section_like_any_other(client: Client, draft: Postmortem) -> None:
    address = url(draft, "sections/q-integration-retries/")
    assert client.post(address, {"text": "3 × 3.", "revision": 0}).status_code == 302
    review.write(draft, "q-integration-retries", "9 calls.")
    clash = client.post(address, {"text": "Eight.", "revision": 1})
    assert clash.status_code == 409
    assert "Eight." in clash.content.decode()
    assert "1 of 8 answered" in client.get(url(draft)).content.decode()


def test_a_conflict_on_a_layer_that_was_untagged_meanwhile_still_shows_what_was_typed(
    client: Client, draft: Postmortem, maya: Person
) -> None:
    tagging.tag(draft, layer="org", by=maya, now=LATER)
    review.write(draft, "q-org-knew", "Everybody.")
    tagging.untag(draft, layer="org", by=maya, now=LATER)
    clash = client.post(url(draft, "sections/q-org-knew/"), {"text": "Nobody did.", "revision": 0})
    assert clash.status_code == 409
    assert "Nobody did." in clash.content.decode()


def test_readers_find_answers_and_how_many_are_missing(client: Client, maya: Person) -> None:
    draft = review.ready(by=maya)
    review.write(draft, "q-integration-retries", "3 × 3 are **9**.")
    publishing.publish(draft, by=maya, now=LATER)
    shown = client.get(url(draft)).content.decode()
    assert "3 × 3 are <strong>9</strong>." in shown
    assert "more of their questions were not answered" in shown
    assert "Which two sides were released apart" not in shown


# ---- the book ----


def test_every_layer_asks_five_to_seven_questions_and_modes_bring_more() -> None:
    modes = set(FailureMode.objects.values_list("code", flat=True))
    for one in questions.book().values():
        assert one.text.endswith("?")
        assert one.help
        assert one.modes <= modes
        assert len(one.key) <= 60
    for layer in ("data", "integration", "latency", "evaluation", "guardrail", "org", "model"):
        own = [one for one in questions.asked_by([layer]) if one.layer == layer]
        assert 5 <= len(own) <= 7
        assert len(questions.asked_by([layer], modes)) > len(own)


def test_questions_come_in_the_order_of_the_layers_and_only_from_those_named() -> None:
    layers = [question.layer for question in questions.asked_by({"org", "data"})]
    assert layers == sorted(layers)
    assert set(layers) == {"org", "data"}
    assert questions.asked_by([], ["org.vendor_boundary"]) == []


# ---- what it costs ----

ANSWERED = {"latency": "q-latency-load", "org": "q-org-knew", "guardrail": "q-guardrail-rule"}


def test_layers_cost_the_same_for_one_and_for_three(client: Client, draft: Postmortem, maya: Person) -> None:
    review.finding(draft, "model.capability_limit")
    costs = []
    for layers in (["latency"], ["org", "guardrail"]):
        for layer in layers:
            measuring.record(draft, stages=[Stage(component=make.component(), p95_ms=20)], by=maya, now=LATER)
            tagging.tag(draft, layer=layer, by=make.person(), now=LATER)
            ruling_out.say_not_established(draft, layer=layer, by=make.person(), now=LATER)
            review.write(draft, ANSWERED[layer], "Yes.")
        client.get(url(draft))
        with CaptureQueriesContext(connection) as asked_:
            client.get(url(draft))
        costs.append(len(asked_))
    assert costs[0] == costs[1]
