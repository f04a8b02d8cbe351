"""Rows that were broken are found and mended: by the command, by the nightly look, and while others write."""

from __future__ import annotations

import io
import logging

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.celery import app
from incidents.patterns import keeping, tasks
from incidents.patterns.models import PatternFinding, PatternIncident
from incidents.response.models import Incident
from tests.incidents.patterns.factories import NOW, happened

pytestmark = pytest.mark.django_db

BREAKS = {
    "a column": "UPDATE incidents_patternincident SET severity = 'sev9' WHERE incident_id = %s",
    "a bit": "UPDATE incidents_patternincident SET reviewed = reviewed # 2 WHERE incident_id = %s",
    "a missing row": "DELETE FROM incidents_patternincident WHERE incident_id = %s",
    "a finding's column": "UPDATE incidents_patternfinding SET layer = 'org' WHERE incident_id = %s",
    "a missing finding": "DELETE FROM incidents_patternfinding WHERE incident_id = %s",
    "a finding too many": "INSERT INTO incidents_patternfinding SELECT f.* FROM incidents_patternfinding p"
    " CROSS JOIN LATERAL jsonb_populate_record(p, '{\"finding_id\": 999999}') f WHERE p.incident_id = %s",
}


def broken(name: str, incident: Incident) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[name], [incident.pk])


def run(*said: str) -> str:
    out = io.StringIO()
    call_command("patterns", *said, stdout=out)
    return out.getvalue()


@pytest.fixture
def incidents() -> list[Incident]:
    return [happened(NOW, "data", reviewed=True) for _ in range(3)]


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_told_and_mended(name: str, incidents: list[Incident]) -> None:
    assert run("check") == "Every row is what was recorded.\n"
    broken(name, incidents[1])
    with pytest.raises(CommandError, match=f"Counted wrong: {incidents[1].ref}\\. Mend it"):
        run("check")
    assert run("check", "--repair") == f"Counted wrong and mended: {incidents[1].ref}.\n"
    assert run("check") == "Every row is what was recorded.\n"


@pytest.mark.parametrize("name", BREAKS)
def test_rows_are_reckoned_anew(name: str, incidents: list[Incident]) -> None:
    broken(name, incidents[0])
    assert run("rebuild") == "Rows of 3 incidents reckoned anew.\n"
    assert keeping.compare(mend=False) == []


def test_an_empty_house_has_nothing_to_compare() -> None:
    assert run("check") == "Every row is what was recorded.\n"
    assert run("rebuild") == "Rows of 0 incidents reckoned anew.\n"


def test_rows_of_no_incident_go(incidents: list[Incident]) -> None:
    far = incidents[-1].pk + 2 * keeping.BATCH
    PatternIncident.objects.filter(incident=incidents[0].pk).update(incident=far)
    PatternFinding.objects.filter(incident=incidents[1].pk).update(incident=far)
    assert keeping.compare(mend=True) == [incidents[0].pk, incidents[1].pk, far]
    assert keeping.compare(mend=False) == []


def test_many_batches_find_what_one_does(incidents: list[Incident], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 1)
    broken("a column", incidents[0])
    broken("a finding's column", incidents[2])
    assert keeping.compare(mend=False) == [incidents[0].pk, incidents[2].pk]


def test_many_that_are_wrong_are_counted(incidents: list[Incident], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.management.commands.patterns.NAMED", 1)
    for incident in incidents:
        broken("a column", incident)
    assert f"{incidents[0].ref} and 2 more" in run("check", "--repair")


def test_every_night_it_is_compared_mended_and_told(
    incidents: list[Incident], caplog: pytest.LogCaptureFixture
) -> None:
    assert tasks.compare.name in {entry["task"] for entry in app.conf.beat_schedule.values()}
    with caplog.at_level(logging.ERROR, logger="seamline.patterns"):
        assert tasks.compare() == 0
        assert caplog.records == []
        broken("a bit", incidents[0])
        assert tasks.compare() == 1
    (record,) = caplog.records
    assert record.__dict__["first"] == [incidents[0].pk]
    assert tasks.compare() == 0
