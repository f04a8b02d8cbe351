"""A whole service in one go."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from ownership import archetypes, registering
from ownership.cataloguing import Link
from ownership.models import Component, Dependency, Part, Person, Service
from ownership.queries import owners
from ownership.registering import NewPart, NewSeam
from ownership.vocabulary import Archetype
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db


def register(by: Person, **facts: object) -> Service:
    given = {"name": "Support answers", "outcome": "A right answer.", "tier": "t1", **facts}
    return registering.register(by=by, now=NOON, **given)


def test_parts_keep_their_order_and_known_components_join_as_they_are(editor: Person) -> None:
    known = make.component("Retriever", kind="retrieval_index")
    service = register(
        editor,
        parts=[NewPart("Gateway", "gateway", "entry"), NewPart(" retriever ", "api"), NewPart("Model", "model")],
    )
    path = Part.objects.filter(service=service).order_by("position")
    assert [(part.component.name, part.component.kind, part.role) for part in path] == [
        ("Gateway", "gateway", "entry"),
        ("Retriever", "retrieval_index", "critical"),
        ("Model", "model", "critical"),
    ]
    assert path[1].component == known


def test_a_retired_component_of_that_name_does_not_come_back(editor: Person) -> None:
    make.component("Retriever", retired_at=NOON)
    service = register(editor, parts=[NewPart("Retriever", "api")])
    assert service.components.get().retired_at is None


def test_the_owner_answers_from_now_on(editor: Person) -> None:
    team = make.team("Answers team")
    service = register(editor, accountable=team)
    accountable = owners.of_services([service.pk], at=NOON)[service.pk].accountable
    assert accountable is not None
    assert (accountable.party, accountable.since) == (team, NOON)


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"links": [Link("runbook", "", "nowhere")]}, Invalid),
        ({"parts": [NewPart("A", "api"), NewPart("a", "api")]}, ConstraintBroken),
        ({"parts": [NewPart("A", "no such kind")]}, ConstraintBroken),
    ],
)
def test_all_of_it_or_nothing(editor: Person, facts: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        register(editor, **facts)
    assert (Service.objects.count(), Component.objects.count()) == (0, 0)


def test_an_owner_who_left_leaves_no_service_behind(editor: Person) -> None:
    with pytest.raises(Invalid):
        register(editor, accountable=make.person(is_active=False))
    assert not Service.objects.exists()


def test_a_part_joins_by_name(editor: Person) -> None:
    service = register(editor)
    registering.join_part(service, NewPart("Cache", "database", "fallback"), by=editor, now=NOON)
    assert [str(part) for part in service.parts.all()] == ["Cache in Support answers"]


# ---- from an archetype's plan ----


def test_a_part_of_its_own_is_named_after_the_service_and_shared_with_nobody(editor: Person) -> None:
    make.component("Retriever")
    parts = [NewPart("Retriever", "retrieval_index", own=True), NewPart("Model", "model", own=True)]
    first = register(editor, parts=parts)
    names = [part.component.name for part in first.parts.order_by("position")]
    assert names == ["Support answers · Retriever", "Support answers · Model"]


def test_a_part_of_its_own_never_joins_even_when_its_name_is_there(editor: Person) -> None:
    left = make.component("Support answers · Retriever")  # of a service of that name which was retired
    service = register(
        editor,
        parts=[
            NewPart("Retriever", "retrieval_index", own=True),
            NewPart("Support answers · Retriever 2", "api"),
            NewPart("Retriever", "retrieval_index", own=True),
        ],
    )
    names = [part.component.name for part in service.parts.order_by("position")]
    assert names == ["Support answers · Retriever 3", "Support answers · Retriever 2", "Support answers · Retriever 4"]
    assert not left.parts.exists()


def test_a_long_service_name_leaves_room_for_the_part(editor: Person) -> None:
    service = register(editor, name="x" * 120, parts=[NewPart("Retriever", "retrieval_index", own=True)])
    name = service.components.get().name
    assert len(name) == 120
    assert name.endswith("x · Retriever")


def test_seams_come_with_the_parts_and_what_is_there_stays(editor: Person) -> None:
    gateway, retriever = make.component("Gateway"), make.component("Retriever")
    kept = Dependency.objects.create(upstream=gateway, downstream=retriever, kind="call", timeout_ms=7)
    register(
        editor,
        parts=[NewPart("Gateway", "gateway"), NewPart("Retriever", "api"), NewPart("Docs", "dataset", own=True)],
        seams=[
            NewSeam(0, 1, "call", {"timeout_ms": 1000, "attempts": 2}),
            NewSeam(1, 2, "data", {"unit": " clean \n text ", "freshness_minutes": 60}),
        ],
    )
    kept.refresh_from_db()
    assert kept.timeout_ms == 7
    made = Dependency.objects.exclude(pk=kept.pk).get()
    assert (str(made), made.kind, made.unit, made.freshness_minutes) == (
        "Retriever → Support answers · Docs", "data", "clean text", 60,
    )  # fmt: skip


def test_the_number_of_statements_does_not_grow_with_the_parts(editor: Person) -> None:
    def statements(many: int) -> int:
        parts = [NewPart(f"Part {number}", "api", own=True) for number in range(many)]
        seams = [NewSeam(number, number + 1) for number in range(many - 1)]
        with CaptureQueriesContext(connection) as queries:
            register(editor, name=f"Service of {many}", parts=parts, seams=seams)
        return len(queries)

    assert statements(3) == statements(12)


@pytest.mark.parametrize("archetype", Archetype.values)
def test_every_plan_can_be_registered_as_it_is(editor: Person, archetype: str) -> None:
    plan = archetypes.of(archetype)
    places = {part.key: place for place, part in enumerate(plan.parts)}
    service = register(
        editor,
        archetype=archetype,
        objective=plan.objective,
        latency_budget_ms=plan.latency_budget_ms,
        latency_percentile=plan.latency_percentile,
        parts=[NewPart(part.name, part.kind, part.role, own=True) for part in plan.parts],
        seams=[
            NewSeam(places[seam.upstream], places[seam.downstream], seam.kind, {"latency_share": seam.latency_share})
            for seam in plan.seams
        ],
    )
    assert service.parts.count() == len(plan.parts)
    assert Dependency.objects.count() == len(plan.seams)
    assert plan.expected <= set(service.components.values_list("kind", flat=True))


@settings(max_examples=200)
@given(st.text(min_size=1, max_size=120), st.sampled_from([p.name for plan in archetypes.every() for p in plan.parts]))
def test_a_name_of_its_own_always_fits_and_ends_with_the_part(service: str, part: str) -> None:
    for number in (1, 2, 19):
        name = registering.own_name(service, part, number=number)
        assert len(name) <= registering.LONGEST
        assert f" · {part}" in name
