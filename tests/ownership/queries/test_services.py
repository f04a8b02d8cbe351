"""The path of a request, as a service's page reads it."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from ownership.models import Component, Part, Service
from ownership.queries import services
from tests import factories as make
from tests.factories import NOON
from tests.ownership.graphs import seam

pytestmark = pytest.mark.django_db


def named(service: Service, *names: str) -> list[Component]:
    """Parts in the order of the path, called after their service."""
    return [make.component(f"{service.name} · {name}", of=service) for name in names]


def test_a_part_names_the_seams_that_lead_to_it_from_anywhere_in_the_service() -> None:
    service = make.service("Answers")
    gateway, guardrail, retriever, model = named(service, "Gateway", "Guardrail", "Retriever", "Model")
    seam(retriever, model, "data")
    seam(gateway, guardrail, timeout_ms=200)
    seam(gateway, retriever)
    seam(gateway, model, timeout_ms=1000, attempts=1)
    seam(make.component("Elsewhere"), guardrail)
    path = services.path_of(service)
    assert [(one.label, [caller.words for caller in one.callers]) for one in path] == [
        ("Gateway", []),
        ("Guardrail", ["called by Gateway: 200 ms"]),
        ("Retriever", ["called by Gateway"]),
        ("Model", ["called by Gateway: 1000 ms, 1 try", "read by Retriever"]),
    ]
    assert [one.is_stitched for one in path] == [False, True, False, True]


def test_a_supporting_part_that_nobody_calls_stands_beside_the_path(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    service = make.service("Answers")
    gateway, suite, model, trace = named(service, "Gateway", "Eval suite", "Model", "Trace")
    Part.objects.filter(component__in=[suite, trace]).update(role="supporting")
    seam(gateway, model)
    seam(gateway, trace, "event")
    seam(suite, model)
    with django_assert_num_queries(9):
        page = services.page_of(service, at=NOON)
    assert [one.label for one in page.row] == ["Gateway", "Model", "Trace"]
    assert [one.is_stitched for one in page.row] == [False, True, False]
    assert [one.label for one in page.beside] == ["Eval suite"]
