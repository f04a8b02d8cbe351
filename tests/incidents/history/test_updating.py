"""A row that says something else is an update, told as a diff; what people said since stays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from incidents.postmortems.models import Action
from incidents.response import findings, lifecycle
from incidents.response.models import (
    Escalation,
    Finding,
    ImpactFacts,
    Incident,
    TimelineRow,
)
from tests import factories as make
from tests.incidents.history.past import FULL, NOW, bring, plain, the_incident

pytestmark = pytest.mark.django_db


def test_a_changed_row_is_an_update_with_its_diff() -> None:
    bring(FULL)
    service = the_incident().service
    report = bring(FULL | {"title": "Wrong links", "severity": "sev1", "over": "2026-03-01T12:00Z", "share": "20"})
    told = {(one.field, one.before, one.after) for one in report.changes}
    assert told == {
        ("title", "Answers cite the wrong article", "Wrong links"),
        ("severity", "sev2", "sev1"),
        ("resolved_at", "2026-03-01 11:00", "2026-03-01 12:00"),
        ("share_from", "12.5", "20"),
        ("share_until", "12.5", "20"),
    }
    incident = the_incident()
    assert (incident.title, incident.severity, incident.service) == ("Wrong links", "sev1", service)
    assert incident.resolved_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert str(ImpactFacts.objects.get(incident=incident, superseded_at=None).share_from) == "20.000"
    assert Finding.objects.filter(incident=incident).count() == 2
    rows = TimelineRow.objects.filter(incident=incident).order_by("pk")
    assert len(rows) == 2
    assert "severity: sev2 → sev1" in rows[1].text
    assert bring(
        FULL | {"title": "Wrong links", "severity": "sev1", "over": "2026-03-01T12:00Z", "share": "20"}
    ).nothing_to_do


def test_new_findings_and_actions_of_a_row_come_in() -> None:
    bring(FULL)
    more = FULL | {
        "causes": [{"layer": "latency"}],
        "todo": [*FULL["todo"], {"what": "Tell them", "due": "2026-12-01"}],
    }
    report = bring(more)
    assert {one.field for one in report.changes} == {"findings", "actions"}
    standing = Finding.objects.filter(incident=the_incident(), superseded_at=None)
    assert [one.layer for one in standing] == ["latency"]
    assert Finding.objects.filter(incident=the_incident()).count() == 3
    titles = Action.objects.filter(postmortem__incident=the_incident()).order_by("pk").values_list("title", "due_on")
    assert list(titles) == [("Watch the schema", None), ("Tell them", date(2026, 12, 1))]
    assert bring(more).nothing_to_do


def test_what_people_said_since_is_told_and_stays() -> None:
    maya = make.person("Maya")
    bring(FULL)
    incident = the_incident()
    lifecycle.set_severity(incident, severity="sev1", by=maya, now=NOW)
    primary = Finding.objects.get(incident=incident, primary=True)
    findings.revise(primary, by=maya, now=NOW, layer="integration", mode=None, state="provisional")
    changed = FULL | {"title": "Wrong links", "severity": "sev3", "causes": [{"layer": "org"}], "blamed": "data"}
    report = bring(changed)
    assert {one.field: one.here for one in report.conflicts} == {
        "severity": "sev1, set by a person",
        "findings": "org by a person, integration by a person",
        "first_blame": "model",
    }
    assert [one.field for one in report.changes] == ["title"]
    incident = the_incident()
    assert (incident.severity, incident.first_blame, incident.title) == ("sev1", "model", "Wrong links")
    layers = Finding.objects.filter(incident=incident, superseded_at=None).values_list("layer", flat=True)
    assert set(layers) == {"integration", "org"}
    again = bring(changed)
    assert (again.nothing_to_do, len(again.conflicts)) == (True, len(report.conflicts))


def test_a_time_that_a_person_corrected_keeps_all_times() -> None:
    bring(FULL)
    Incident.objects.filter(pk=the_incident().pk).update(mitigated_at=datetime(2026, 3, 1, 10, 30, tzinfo=UTC))
    report = bring(FULL | {"over": "2026-03-01T10:10Z"})
    assert [one.field for one in report.conflicts] == ["resolved_at"]
    assert the_incident().resolved_at == datetime(2026, 3, 1, 11, tzinfo=UTC)


def test_what_was_open_ends_when_the_file_says_so() -> None:
    bring(plain(over=""))
    bring(plain())
    assert the_incident(1).state == "closed"
    assert Escalation.objects.count() == 0
