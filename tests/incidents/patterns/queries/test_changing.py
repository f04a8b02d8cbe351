"""Since when incidents can have been on record."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from incidents.patterns.answers.changing import Since
from incidents.patterns.queries import changing
from incidents.patterns.questions import changing as question
from incidents.patterns.questions.asking import about
from ownership.models import Service
from tests import factories as make
from tests.incidents.patterns.factories import happened, window

pytestmark = pytest.mark.django_db


def since(**asked: str) -> Since:
    shown = window(**asked)
    return changing.since(about(shown, make.person(role="admin")).scope, shown)


def registered(name: str, at: datetime) -> Service:
    service = make.service(name)
    Service.objects.filter(pk=service.pk).update(created_at=at)
    return service


def test_the_first_incident_or_registration_of_the_services_asked_for() -> None:
    assert since() == Since(None, 0, 0)
    old = registered("Old", datetime(2026, 2, 3, tzinfo=UTC))
    new = registered("New", datetime(2026, 8, 1, tzinfo=UTC))
    happened(datetime(2025, 12, 24, tzinfo=UTC), service=old)
    happened(datetime(2026, 9, 9, tzinfo=UTC), service=new)
    assert since() == Since(date(2025, 12, 24), 2, 2)
    assert since(service="new") == Since(date(2026, 8, 1), 1, 1)
    happened(datetime(2025, 6, 1, tzinfo=UTC), service=old)  # before the window: it was there already
    assert since() == Since(date(2025, 6, 1), 2, 1)
    assert since(severity="sev1") == since()
    happened(datetime(2026, 7, 1, tzinfo=UTC))
    assert since(service="-").first == date(2026, 7, 1)


def test_the_page_begins_with_the_first_record() -> None:
    happened(datetime(2026, 9, 9, tzinfo=UTC), service=registered("New", datetime(2026, 8, 1, tzinfo=UTC)))
    answer = question.ask(about(window(), make.person(role="admin")))
    assert [
        (day.month, count) for day, count in zip(answer.column("month"), answer.column("incidents"), strict=True)
    ] == [
        (8, 0),
        (9, 1),
        (10, 0),
        (11, 0),
    ]
