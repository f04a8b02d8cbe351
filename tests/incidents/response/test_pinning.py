"""Pinned rows: few, ended rather than deleted, whichever version was pinned."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from incidents.response import noting, pinning
from incidents.response.models import Incident, Pin
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    return make.incident()


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


def test_a_pin_is_of_the_row_whichever_its_version(incident: Incident, maya: Person) -> None:
    row = noting.note(incident, text="one", by=maya, now=NOON)
    later = noting.revise(row, seen=1, text="two", by=maya, now=NOON)
    pinning.pin(later, by=maya, now=NOON)
    pinning.pin(row, by=maya, now=NOON)
    assert Pin.objects.get().row == row
    pinning.unpin(later, by=maya, now=NOON)
    pinning.unpin(later, by=maya, now=NOON)
    assert not Pin.objects.filter(unpinned_at=None).exists()
    pinning.pin(row, by=maya, now=NOON)
    assert Pin.objects.count() == 2


def test_ten_are_enough(incident: Incident, maya: Person) -> None:
    rows = [noting.note(incident, text=str(n), by=maya, now=NOON) for n in range(11)]
    for row in rows[:10]:
        pinning.pin(row, by=maya, now=NOON)
    with pytest.raises(pinning.Enough):
        pinning.pin(rows[10], by=maya, now=NOON)
    pinning.unpin(rows[0], by=maya, now=NOON)
    pinning.pin(rows[10], by=maya, now=NOON)


def test_a_pin_ends_once_and_stays(incident: Incident, maya: Person) -> None:
    pinning.pin(noting.note(incident, text="one", by=maya, now=NOON), by=maya, now=NOON)
    for change in (Pin.objects.all().delete, lambda: Pin.objects.update(pinned_at=NOON)):
        with pytest.raises(IntegrityError, match="ends once"), transaction.atomic():
            change()
