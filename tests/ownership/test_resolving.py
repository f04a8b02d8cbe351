"""From an alert's labels to component and service, with the reason in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ownership.models import Alias, Component, Part, Service
from ownership.queries import resolving
from ownership.queries.resolving import Subject
from ownership.vocabulary import PartRole
from tests import factories as make

pytestmark = pytest.mark.django_db


def subject(**labels: str) -> Subject:
    return resolving.subjects_of([labels])[0]


@pytest.fixture
def service() -> Service:
    return make.service("Support answers")


@pytest.fixture
def retriever(service: Service) -> Component:
    component = make.component("Retriever", of=service)
    Alias.objects.create(component=component, system="job", key="rag-prod")
    return component


def test_an_alias_in_whatever_case_wins(retriever: Component, service: Service) -> None:
    make.component("Other", of=make.service("Other service"))
    found = subject(job="RAG-Prod", component="Other", alertname="Slow")
    assert (found.component, found.service) == (retriever, service)
    assert found.why == "label job=RAG-Prod (alias) → Retriever → Support answers"


def test_the_label_of_an_alias_is_meant_exactly(retriever: Component) -> None:
    assert subject(pod="rag-prod").component is None


def test_then_a_components_name_then_a_services(retriever: Component, service: Service) -> None:
    assert subject(component="retriever").why == "label component=retriever → Retriever → Support answers"
    for label in ("support-answers", "SUPPORT answers"):
        found = subject(service=label)
        assert (found.component, found.service) == (None, service)
    assert found.why == "label service=SUPPORT answers → Support answers"


def test_what_fits_nothing_says_what_it_saw_and_has_no_owner_by_default(service: Service) -> None:
    found = subject(job="unknown", alertname="X")
    assert (found.component, found.service, found.affected) == (None, None, ())
    assert found.why == "no alias, component or service fits its labels (alertname=X, job=unknown)"
    assert "(none)" in subject().why


def test_retired_things_mean_nothing(retriever: Component, service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(retired_at=timezone.now())
    found = subject(job="rag-prod")
    assert (found.component, found.service) == (retriever, None)
    assert "part of no service" in found.why
    Component.objects.filter(pk=retriever.pk).update(retired_at=timezone.now())
    assert subject(job="rag-prod").component is None
    assert subject(component="Retriever").component is None
    assert subject(service="support-answers").service is None


def join(component: Component, service: Service, role: str) -> None:
    Part.objects.create(service=service, component=component, role=role)


def test_of_several_services_the_critical_role_and_the_highest_tier_come_first() -> None:
    component = make.component("Gateway")
    supporting, low, high = make.service("A", tier="t1"), make.service("B", tier="t3"), make.service("C", tier="t2")
    for service, role in ((supporting, PartRole.SUPPORTING), (low, PartRole.CRITICAL), (high, PartRole.CRITICAL)):
        join(component, service, role)
    found = subject(component="gateway")
    assert (found.service, found.affected) == (high, (low, supporting))
    assert found.why.endswith("C (critical role first, then highest tier)")


def test_a_service_label_chooses_among_the_services_of_the_component() -> None:
    component, first, second = make.component("Gateway"), make.service("A", tier="t1"), make.service("B", tier="t4")
    join(component, first, PartRole.CRITICAL)
    join(component, second, PartRole.FALLBACK)
    found = subject(component="gateway", service="b")
    assert (found.service, found.affected) == (second, (first,))
    assert found.why.endswith("B (named by its service label)")
    assert subject(component="gateway", service="unknown").service == first


def test_a_component_in_no_service_takes_the_service_of_the_label(service: Service) -> None:
    lonely = make.component("Lonely")
    found = subject(component="Lonely", service="support-answers")
    assert (found.component, found.service) == (lonely, service)


def test_a_component_in_no_service_stands_for_the_one_that_needs_it(service: Service, retriever: Component) -> None:
    vendor, shard, other = make.component("Search vendor"), make.component("Shard"), make.service("Ranking")
    make.seam(retriever, vendor)
    make.seam(vendor, shard)
    join(shard, other, PartRole.SUPPORTING)
    found = subject(component="search vendor")
    assert (found.component, found.service, found.affected) == (vendor, service, ())
    assert "Search vendor is needed over Retriever, which is part of Support answers" in found.why
    deep = subject(component="shard")
    assert (deep.service, deep.affected) == (other, ())


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_alerts_takes_the_same_queries(
    retriever: Component, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    labels: list[Any] = [
        {"job": "rag-prod", "component": "x", "service": "y", "n": str(number)} for number in range(count)
    ]
    with django_assert_num_queries(6):
        assert [one.component for one in resolving.subjects_of(labels)] == [retriever] * count
