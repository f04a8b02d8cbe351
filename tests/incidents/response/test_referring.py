"""A row that names a private incident says its number to nobody who may not see that one, wherever it is read."""

from __future__ import annotations

import pytest
from django.test import Client

from incidents.postmortems.queries import prefill
from incidents.response import confiding, linking
from incidents.response.models import Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def hidden(by: Person) -> Incident:
    return make.incident("Leak", by=by)


@pytest.fixture
def row(hidden: Incident, by: Person) -> TimelineRow:
    """Of a public incident that is linked with one that became private."""
    other = make.incident("Another one", by=by)
    linking.link(other, kind="caused_by", other=hidden, by=by, now=NOON)
    confiding.make_private(hidden, reason="a name in it", by=by, now=NOON)
    return TimelineRow.objects.select_related("incident").get(incident=other, kind="linked")


def read(person: Person, path: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(path).content.decode()


def test_not_on_the_rows_own_page(row: TimelineRow, hidden: Incident, by: Person) -> None:
    path = f"/incidents/{row.incident_id}/timeline/{row.pk}/"
    assert f"caused by {hidden.ref}" in read(by, path)
    said = read(make.person(), path)
    assert "caused by another incident" in said
    assert hidden.ref not in said


@pytest.mark.parametrize("asked", ["caused", "{}"])
def test_not_in_the_search(row: TimelineRow, hidden: Incident, by: Person, asked: str) -> None:
    path = f"/api/v1/search/?kind=timelines&q={asked.format(f'caused+{hidden.pk}')}"
    assert row.incident.ref in read(by, path)
    assert row.incident.ref not in read(make.person(), path)


def test_not_in_a_postmortem_which_others_read_too(row: TimelineRow, hidden: Incident, by: Person) -> None:
    assert "Linked: caused by another incident" in prefill.texts(row.incident, now=NOON)["happened"]
    confiding.make_public(hidden, reason="it was none", by=by, now=NOON)
    assert f"Linked: caused by {hidden.ref}" in prefill.texts(row.incident, now=NOON)["happened"]
