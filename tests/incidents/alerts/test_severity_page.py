"""The page of the severity table."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from incidents.alerts import severity
from incidents.alerts.rule_models import SeverityTable
from ownership.models import Component, Service
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.rule_visits import HTMX, TABLE, cells, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return signed_in(make.person("Maya Okafor", role="editor"))


@pytest.fixture
def service() -> Service:
    return make.service("Fraud score", owner=make.person("Priya Nair"), tier="t1")


@pytest.fixture
def pipeline(service: Service) -> Component:
    return make.component("Feature pipeline", of=service)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_trying_and_saving_the_table(editor: Client, service: Service, headers: dict[str, str]) -> None:
    now = timezone.now()
    am.send(am.source(), am.alert(service="fraud-score", severity="critical", starts=now), at=now)
    tried = editor.post(TABLE, cells(t1_critical="sev4", **{"try": "1"}), headers=headers)
    assert (tried.status_code, SeverityTable.objects.count()) == (200, 0)
    assert "1 of 1 stored alert would come out otherwise" in tried.content.decode()
    if not headers:
        assert '<option value="sev4" selected>' in tried.content.decode()
    saved = editor.post(TABLE, cells(t1_critical="sev4"), headers=headers)
    assert saved.headers.get("HX-Redirect" if headers else "Location") == TABLE
    assert severity.current().version == 2
    assert "as it decided then" in editor.get("/rules/severity/1/").content.decode()
    stale = editor.post(TABLE, cells(t1_high="sev4"), headers=headers)
    assert (stale.status_code, "Somebody changed the severity table" in stale.content.decode()) == (422, True)


def test_a_table_with_a_cell_amiss_is_422(editor: Client) -> None:
    assert editor.post(TABLE, cells(t1_critical="pending")).status_code == 422
    assert not SeverityTable.objects.exists()
