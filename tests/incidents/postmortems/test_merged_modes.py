"""A mode that was merged into another counts as that one wherever a postmortem asks by mode."""

from __future__ import annotations

import json

import pytest
from rest_framework.test import APIClient

from incidents.postmortems import jsonl
from incidents.postmortems.forms.examples import ExampleForm
from incidents.postmortems.models import Postmortem
from incidents.postmortems.queries import examples, guardrails
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.examples import Filter
from incidents.response import coining
from incidents.response.models import FailureMode
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.visits import signed_in

pytestmark = pytest.mark.django_db
OVER_BLOCKING = "guardrail.over_blocking"
QUESTION = "q-integration-retry-budget"  # brought by retry amplification


def own(layer: str, name: str, *, by: Person) -> FailureMode:
    said = {"name": name, "definition": "It fails so."}
    return coining.add(layer=layer, short=name.lower().replace(" ", "_"), **said, by=by, now=NOON)


def merge(mode: FailureMode, into: str, *, by: Person) -> FailureMode:
    return coining.merge(mode, into=FailureMode.objects.get(code=into), by=by, now=NOON)


@pytest.fixture
def refuses(maya: Person) -> FailureMode:
    return merge(own("guardrail", "Refuses names", by=maya), OVER_BLOCKING, by=maya)


def test_examples_are_found_by_the_mode_that_theirs_counts_as(maya: Person, refuses: FailureMode) -> None:
    one = review.example(make.incident("Refused", by=maya), by=maya, mode=refuses)
    review.example(make.incident("Other", by=maya), by=maya, mode=review.mode("guardrail.injection_bypass"))
    for code in (OVER_BLOCKING, refuses.code):
        assert list(examples.shown_to(maya, Filter(mode=code))) == [one]
    (line,) = jsonl.lines(examples.every(maya, Filter(mode=OVER_BLOCKING)))
    told = json.loads(line)
    assert (told["mode"], told["mode_counts_as"]) == (refuses.code, OVER_BLOCKING)
    client = APIClient()
    client.force_authenticate(maya)
    listed = client.get("/api/v1/examples/", {"mode": OVER_BLOCKING}).data["results"]
    assert [row["line"] for row in listed] == [str(one.line)]


def test_merged_and_retired_modes_are_offered_to_what_has_them_alone(maya: Person, refuses: FailureMode) -> None:
    retired = coining.retire(own("guardrail", "Older", by=maya), by=maya, now=NOON)
    incident = make.incident("Refused", by=maya)
    make.finding(incident, refuses.code, by=maya)
    one = review.example(incident, by=maya, mode=refuses)
    new = ExampleForm(incident=incident)
    assert new.initial["mode"] == OVER_BLOCKING
    assert refuses.code not in str(new["mode"])
    assert retired.code not in str(new["mode"])
    assert ExampleForm(incident=incident, example=one).initial["mode"] == refuses.code
    page = signed_in(maya).get("/examples/").content.decode()
    assert f'value="{refuses.code}"' not in page
    assert f'value="{retired.code}"' in page  # what was recorded with it can be looked for


def test_where_a_retired_mode_was_found_the_form_begins_with_its_layer(maya: Person) -> None:
    incident = make.incident("Refused", by=maya)
    mode = own("guardrail", "Older", by=maya)
    make.finding(incident, mode.code, by=maya)
    coining.retire(mode, by=maya, now=NOON)
    assert ExampleForm(incident=incident).initial["mode"] == "guardrail"


def test_a_guardrail_counts_it_as_the_kind_of_the_other(maya: Person, refuses: FailureMode) -> None:
    component = make.component("PII filter", kind="guardrail", of=make.service("Answers"))
    make.finding(make.incident("Refused", by=maya), refuses.code, component=component, by=maya)
    assert [one.kind for one in guardrails.one(maya, component, now=NOON).events] == ["over_block"]


def test_a_merge_brings_the_questions_of_the_other_to_drafts(maya: Person) -> None:
    storms = own("integration", "Retry storms", by=maya)
    begun = review.draft(by=maya, incident=review.resolved(by=maya, mode=storms.code))

    def asked(draft: Postmortem) -> bool:
        fresh = Postmortem.objects.select_related("incident", "template").get(pk=draft.pk)
        return any(one.key == QUESTION for group in reviews.of(fresh).layers.groups for one in group.answers)

    assert not asked(begun)
    merge(storms, review.RETRIES, by=maya)
    assert asked(begun)
    assert asked(review.draft(by=maya, incident=review.resolved("Later", by=maya, mode=storms.code)))
    coining.separate(storms, by=maya, now=NOON)
    assert not asked(begun)
