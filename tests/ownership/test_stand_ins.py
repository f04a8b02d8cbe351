"""Who is asked while nobody who is here is accountable: the deputy, then who is next to call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ownership import people
from ownership.models import Person
from ownership.queries import owners
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def scene(kind: str) -> Any:
    subject: Any = {"service": make.service, "component": make.component, "dependency": make.seam}[kind]()
    make.assignment(subject, make.person("Priya"))
    make.assignment(subject, make.person("Grace"), role="deputy")
    make.assignment(subject, make.person("Eve"), role="escalation")
    return subject


def asked(kind: str, subject: Any) -> tuple[str, str | None, str]:
    found = owners.of_subjects(kind, [subject.pk], at=NOON + DAY)[subject.pk]
    return str(found.asked and found.asked.party), found.asked_as, found.words


def leaves(name: str, admin: Person) -> None:
    people.deactivate(Person.objects.get(name=name), by=admin, now=NOON)


@pytest.mark.parametrize("kind", ["service", "component", "dependency"])
def test_the_deputy_then_who_is_next_to_call_then_nobody(kind: str, admin: Person) -> None:
    subject = scene(kind)
    assert asked(kind, subject) == ("Priya", "accountable", "Priya answers")
    leaves("Priya", admin)
    assert asked(kind, subject) == ("Grace", "deputy", "Priya is no longer here; Grace stands in as deputy")
    leaves("Grace", admin)
    assert asked(kind, subject) == ("Eve", "escalation", "Priya is no longer here; Eve stands in as next to call")
    leaves("Eve", admin)
    assert asked(kind, subject) == ("None", None, "Priya is no longer here, and nobody stands in")


def test_before_they_left_they_answered(admin: Person) -> None:
    service = scene("service")
    leaves("Priya", admin)
    then = owners.of_services([service.pk], at=NOON - DAY)[service.pk]
    assert then.words == "Priya answers"


def test_who_is_named_before_they_ever_signed_in_is_invited() -> None:
    assert make.person(joined_at=None).is_invited
    assert not make.person().is_invited
    assert not make.person(joined_at=None, is_active=False).is_invited
