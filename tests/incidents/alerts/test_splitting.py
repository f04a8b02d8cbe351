"""Splitting shows and quotes the notes as they stand now: no version before, nothing that was taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.alerts import splitting
from incidents.alerts.queries import members
from incidents.response import noting
from incidents.response.models import Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from web.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def incident(by: Person) -> Incident:
    return make.incident(by=by)


@pytest.fixture
def gone(incident: Incident, by: Person) -> TimelineRow:
    """A note that was taken back."""
    row = noting.note(incident, text="the customer is Zanzibar", by=by, now=NOON)
    noting.take_back(row, seen=1, why="a name", by=by, now=NOON)
    return row


@pytest.fixture
def changed(incident: Incident, by: Person) -> tuple[TimelineRow, TimelineRow]:
    """A note before and after it was changed."""
    row = noting.note(incident, text="it is the indx", by=by, now=NOON)
    return row, noting.revise(row, seen=1, text="it is the index", by=by, now=NOON)


def test_only_notes_that_hold_are_shown(
    incident: Incident, by: Person, gone: TimelineRow, changed: tuple[TimelineRow, TimelineRow]
) -> None:
    assert members.notes(incident.pk) == [changed[1]]
    client = Client()
    client.force_login(make.person())
    said = client.get(f"/incidents/{incident.pk}/split/").content.decode()
    assert "it is the index" in said
    assert "indx" not in said
    assert "Zanzibar" not in said


def test_only_notes_that_hold_are_quoted(
    incident: Incident, by: Person, gone: TimelineRow, changed: tuple[TimelineRow, TimelineRow]
) -> None:
    before, after = changed
    for wrong in (gone.pk, before.pk):
        with pytest.raises(Invalid, match="as they stand now"):
            splitting.split(incident, title="Apart", notes=[wrong], by=by, now=NOON)
    made = splitting.split(incident, title="Apart", notes=[after.pk], by=by, now=NOON)
    assert [row.text for row in TimelineRow.objects.filter(incident=made, kind="quoted")] == ["it is the index"]
    client = Client()
    client.force_login(by)
    body = {"came_from": incident.pk, "title": "Apart", "notes": [gone.pk]}
    answer = client.post("/api/v1/splits/", body, content_type="application/json")
    assert answer.status_code == 422
    assert not TimelineRow.objects.filter(kind="quoted", text__contains="Zanzibar").exists()
