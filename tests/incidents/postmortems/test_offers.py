"""Which template an incident asks for, and why."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.postmortems import designing, drafting
from incidents.postmortems.queries import offers
from incidents.response import lifecycle
from incidents.response.models import Incident
from ownership.models import Component
from tests import factories as make
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.incidents.postmortems.test_designing import copied

pytestmark = pytest.mark.django_db

NOTHING = "nothing about the incident asks for another one"


def asked(*incidents: Incident) -> list[tuple[str, str]]:
    found = offers.suggested(incidents, offers.every())
    return [(found[one.pk].template.code, found[one.pk].why) for one in incidents]


def plain(**fields: Any) -> Incident:
    incident = make.incident("Slow answers")
    Incident.objects.filter(pk=incident.pk).update(**{"severity": "sev2", **fields})
    return Incident.objects.get(pk=incident.pk)


@pytest.mark.parametrize(
    ("fields", "code", "why"),
    [
        ({}, "full_review", NOTHING),
        ({"severity": "sev4"}, "quick_review", "it is a SEV4"),
        ({"type": "near_miss"}, "near_miss", "it is a near miss"),
        ({"type": "near_miss", "severity": "sev4"}, "near_miss", "it is a near miss"),
        ({"type": "over_blocking"}, "guardrail_review", "its type is over-blocking"),
        ({"type": "safety", "suggested_layer": "data"}, "guardrail_review", "its type is safety"),
        ({"suggested_layer": "guardrail"}, "guardrail_review", "its alerts suggest the guardrail layer"),
        ({"suggested_layer": "data"}, "data_incident", "its alerts suggest the data layer"),
        ({"suggested_layer": "latency", "type": "quality"}, "full_review", NOTHING),
    ],
)  # fmt: skip
def test_the_incident_asks_for_it(fields: dict[str, Any], code: str, why: str) -> None:
    assert asked(plain(**fields)) == [(code, why)]


def test_a_finding_says_more_than_what_the_alerts_suggest() -> None:
    incident = review.resolved(mode="data.schema_drift")
    Incident.objects.filter(pk=incident.pk).update(suggested_layer="guardrail")
    assert asked(Incident.objects.get()) == [("data_incident", "its finding is in the data layer")]


def test_what_a_vendor_answers_for() -> None:
    part = Component.objects.create(name="Acme LLM", kind="vendor")
    incident = plain()
    lifecycle.set_service(
        incident, service=make.service(), component=part, by=make.person(), now=LATER, why="seen in traces"
    )
    assert asked(Incident.objects.get()) == [("vendor_incident", "what failed, Acme LLM, is a vendor's")]


def test_ones_own_template_comes_first_while_it_is_offered() -> None:
    ada, incident = make.person("Ada", role="editor"), plain(type="near_miss")
    first, second = copied(ada), copied(ada, name="Close calls")
    assert asked(incident)[0][0] == second.code
    designing.retire(second.code, by=ada, now=LATER)
    assert asked(incident)[0][0] == first.code
    for code in (first.code, "near_miss"):
        designing.retire(code, by=ada, now=LATER)
    assert asked(incident)[0][0] == "full_review"


def test_the_default_of_the_organisation_is_taken_where_nothing_else_asks() -> None:
    ada = make.person("Ada", role="editor")
    designing.make_default("quick_review", by=ada, now=LATER)
    assert [code for code, _ in asked(plain(), plain(type="near_miss"))] == ["quick_review", "near_miss"]


def test_starting_follows_the_suggestion() -> None:
    begun = drafting.start(plain(type="near_miss"), by=make.person(), now=LATER)
    assert begun.template.code == "near_miss"
    assert begun.sections.filter(key="held", required=True).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_for_one_and_for_three(django_assert_num_queries: Any, count: int) -> None:
    incidents = [plain() for _ in range(count)]
    every = offers.every()
    with django_assert_num_queries(1):
        offers.suggested(incidents, every)
