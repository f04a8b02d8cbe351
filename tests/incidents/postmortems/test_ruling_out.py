"""It was the model: each of the six other layers is ruled out, not established, or found."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.postmortems import publishing, reviewing, ruling_out, tagging
from incidents.postmortems.checking import checklist
from incidents.postmortems.models import Postmortem, RulingOut
from incidents.postmortems.publishing import NotReady
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.questions import SIX
from incidents.postmortems.ruling_out import FoundAfterAll
from ownership.models import Person
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.visits import PLAIN, htmx, signed_in, url
from web.errors import Invalid

pytestmark = pytest.mark.django_db

MODEL = "model.capability_limit"


@pytest.fixture
def client(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def draft(maya: Person) -> Postmortem:
    """It was the model, as far as a finding says; nothing else was found."""
    draft = review.draft(by=maya, mode=None)
    review.finding(draft, MODEL)
    return draft


def states(draft: Postmortem) -> dict[str, str]:
    return {line.layer: line.state for line in reviews.of(draft).layers.lines}


def blocking(draft: Postmortem) -> list[str]:
    """The layers that publishing waits for."""
    items = [item for item in checklist(reviews.of(draft)) if item.missing]
    return [item.url.removeprefix("#ruled-out-") for item in items if item.url.startswith("#ruled-out-")]


def test_a_model_finding_asks_for_each_of_the_six(draft: Postmortem) -> None:
    assert blocking(draft) == [layer.value for layer in SIX]
    review.write(draft, "out-data", "Contract v4, all rows there: query 12.")
    assert states(draft)["data"] == "ruled_out"
    assert "data" not in blocking(draft)


def test_a_blank_line_rules_nothing_out(draft: Postmortem) -> None:
    review.write(draft, "out-data", "x")
    review.write(draft, "out-data", " \n ")
    assert states(draft)["data"] == "open"


def test_not_established_counts_and_names_who_said_so(draft: Postmortem, maya: Person) -> None:
    for _ in range(2):
        ruling_out.say_not_established(draft, layer="guardrail", by=maya, now=LATER)
    assert RulingOut.objects.count() == 1
    assert states(draft)["guardrail"] == "not_established"
    assert "guardrail" not in blocking(draft)


def test_a_line_written_after_supersedes_not_established(draft: Postmortem, maya: Person) -> None:
    ruling_out.say_not_established(draft, layer="data", by=maya, now=LATER)
    review.write(draft, "out-data", "")
    assert states(draft)["data"] == "not_established"  # nothing was written
    review.write(draft, "out-data", "Found the logs: all rows there.")
    assert states(draft)["data"] == "ruled_out"
    assert RulingOut.objects.get().superseded_at == LATER


def test_not_established_after_a_line_keeps_the_line_for_when_it_is_taken_back(draft: Postmortem, maya: Person) -> None:
    review.write(draft, "out-org", "Everybody was told.")
    ruling_out.say_not_established(draft, layer="org", by=maya, now=LATER)
    assert states(draft)["org"] == "not_established"
    ruling_out.take_back(draft, layer="org", now=LATER)
    assert states(draft)["org"] == "ruled_out"
    assert review.section(draft, "out-org").text == "Everybody was told."


def test_a_finding_in_a_layer_counts_before_all_words(draft: Postmortem, maya: Person) -> None:
    review.write(draft, "out-integration", "Nothing was released.")
    review.finding(draft)
    assert states(draft)["integration"] == "found"
    assert "integration" not in blocking(draft)
    with pytest.raises(FoundAfterAll):
        ruling_out.say_not_established(draft, layer="integration", by=maya, now=LATER)


def test_withdrawing_the_model_finding_lifts_the_demand(draft: Postmortem, maya: Person) -> None:
    review.finding(draft, "data.schema_drift", primary=True)
    model = next(one for one in review.standing(draft) if one.layer == "model")
    reviewing.withdraw(draft, model, by=maya, now=LATER)
    assert blocking(draft) == []
    assert not reviews.of(draft).layers.asks_six


def test_the_six_are_asked_of_a_tag_too_but_do_not_block(maya: Person) -> None:
    draft = review.ready(by=maya)
    tagging.tag(draft, layer="model", by=maya, now=LATER)
    assert reviews.of(draft).layers.asks_six
    assert blocking(draft) == []
    soft = [item.label for item in checklist(reviews.of(draft)) if item.soft and not item.ok]
    assert "If it was the model: 5 of the six other layers not spoken for" in soft
    publishing.publish(draft, by=maya, now=LATER)


def test_first_blame_alone_asks_until_something_else_is_found(maya: Person) -> None:
    draft = review.draft(by=maya, mode=None, first_blame="model")
    assert reviews.of(draft).layers.asks_six
    review.finding(draft)
    layers = reviews.of(draft).layers
    assert not layers.asks_six
    assert layers.asks_why_not_model
    assert layers.not_model is not None


def test_without_the_model_nothing_of_it_is_there(maya: Person, client: Client) -> None:
    draft = review.draft(by=maya, first_blame="data")
    layers = reviews.of(draft).layers
    assert not layers.asks_six
    assert not layers.asks_why_not_model
    assert "If it was the model" not in client.get(url(draft)).content.decode()


def test_publishing_waits_for_all_six(maya: Person) -> None:
    draft = review.ready(by=maya)
    model = review.finding(draft, MODEL)
    review.action(draft, "Scope it", finding_line=model.line)
    with pytest.raises(NotReady) as refused:
        publishing.publish(draft, by=maya, now=LATER)
    assert [item.label for item in refused.value.missing] == [
        f"Rule out {layer.label.lower()}, or say that it is not established" for layer in SIX if layer != "integration"
    ]
    for layer in SIX:
        if layer != "integration":
            ruling_out.say_not_established(draft, layer=layer, by=maya, now=LATER)
    publishing.publish(draft, by=maya, now=LATER)


@pytest.mark.parametrize("layer", ["model", "weather"])
def test_only_the_six(draft: Postmortem, maya: Person, layer: str) -> None:
    with pytest.raises(Invalid):
        ruling_out.say_not_established(draft, layer=layer, by=maya, now=LATER)


# ---- the page ----


@pytest.mark.parametrize("headers", [PLAIN, htmx("ruled_out")], ids=["plain", "htmx"])
def test_saying_it_on_the_page(client: Client, draft: Postmortem, headers: dict[str, str]) -> None:
    answer = client.post(url(draft, "ruled-out/data/"), headers=headers)
    if headers:
        shown = answer.content.decode()
        assert "<b>Not established</b>" in shown
        assert 'id="text-out-data"' not in shown
        assert 'id="text-out-org"' in shown
    else:
        assert answer["Location"] == f"{url(draft)}#ruled_out"
    client.post(url(draft, "ruled-out/data/"), {"back": "1"}, headers=headers)
    assert states(draft)["data"] == "open"


def test_withdrawing_on_the_page_takes_the_block_along(client: Client, draft: Postmortem) -> None:
    (model,) = review.standing(draft)
    shown = client.post(url(draft, f"findings/{model.line}/withdraw/"), headers=htmx("findings")).content.decode()
    assert '<div id="ruled_out" hx-swap-oob="true" hidden>' in shown


def test_the_first_blame_has_its_line(client: Client, maya: Person) -> None:
    draft = review.ready(by=maya)
    draft.incident.first_blame, draft.incident.first_blamed_at, draft.incident.first_blamed_by = "model", LATER, maya
    draft = review.draft(by=maya, first_blame="model")
    assert "First blamed: the model" in client.get(url(draft)).content.decode()
    review.write(draft, "out-model", "Steady at 310 ms p99.")
    assert "Steady at 310 ms p99." in client.get(url(draft) + "?preview").content.decode()
