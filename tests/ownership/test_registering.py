"""A whole service in one go."""

from __future__ import annotations

import pytest

from ownership import registering
from ownership.cataloguing import Link
from ownership.models import Component, Part, Person, Service
from ownership.queries import owners
from ownership.registering import NewPart
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db


def register(by: Person, **facts: object) -> Service:
    given = {"name": "Support answers", "outcome": "A right answer.", "tier": "t1", **facts}
    return registering.register(by=by, now=NOON, **given)  # type: ignore[arg-type]


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
