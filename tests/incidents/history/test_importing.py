"""Past incidents become rows: once, told by nobody, changed only where people said nothing else since."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.history.models import HistoryRow
from incidents.postmortems.models import Action, ActionEvent, Postmortem
from incidents.response import broadcasting, handing_off, reminding
from incidents.response.models import (
    AffectedService,
    DoubtedTime,
    Escalation,
    Finding,
    ImpactFacts,
    Incident,
    IncidentEvent,
    TimelineRow,
)
from incidents.response.queries import board, clock
from ownership import subscribing
from ownership.models import Message, Notice, Service
from tests import factories as make
from tests.incidents.history.past import FULL, MAPPING, NOW, bring, plain, the_incident

pytestmark = pytest.mark.django_db


def test_everything_that_a_row_says_is_written() -> None:
    ada = make.person("Ada", email="ada@example.org")
    report = bring(FULL)
    assert (report.problems, report.services, [one.incident for one in report.added]) == (
        (),
        ("Support answers", "Search"),
        [the_incident().pk],
    )
    incident = the_incident()
    assert (incident.title, incident.type, incident.severity, incident.detected_by) == (
        "Answers cite the wrong article",
        "quality",
        "sev2",
        "user_report",
    )
    assert (incident.first_blame, incident.impact_precision, incident.declared_via) == ("model", "minute", "file")
    assert incident.impact_from == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert incident.resolved_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert incident.service is not None
    assert incident.service.name == "Support answers"
    assert [one.service.name for one in AffectedService.objects.filter(incident=incident)] == ["Search"]
    facts = ImpactFacts.objects.get(incident=incident)
    assert (facts.slice, str(facts.share_from), str(facts.share_until), facts.monitors_green) == (
        "EN tickets",
        "12.500",
        "12.500",
        "yes",
    )
    found = Finding.objects.filter(incident=incident).order_by("pk")
    assert [(one.layer, one.mode_id, one.primary, one.state, one.evidence) for one in found] == [
        ("data", "data.schema_drift", True, "reviewed", "the diff of the table"),
        ("org", None, False, "provisional", ""),
    ]
    action = Action.objects.get(postmortem__incident=incident)
    assert (action.title, action.kind, action.owner, action.state) == ("Watch the schema", "monitor", ada, "done")
    assert action.done_at is not None
    assert action.done_at.date() == date(2026, 4, 1)
    assert [row.kind for row in ActionEvent.objects.filter(action=action)] == ["done"]


def test_what_is_over_is_closed_and_no_open_work() -> None:
    bring(plain())
    incident = the_incident(1)
    assert incident.state == "closed"
    assert "old tool" in incident.no_postmortem_reason
    assert Postmortem.objects.count() == 0
    assert board.open_count(make.person()) == 0


def test_what_the_file_leaves_open_is_open() -> None:
    bring(plain(over=""))
    assert the_incident(1).state == "open"
    assert board.open_count(make.person()) == 1


def test_nobody_is_told() -> None:
    """Neither by the ladder nor by webhooks, notices or signals; afterwards everything is told as before."""
    admin = make.person(role="admin")
    subscribing.add(
        name="All",
        url="https://example.org/",
        events=[one.name for one in broadcasting.EVENTS.values()],
        private=False,
        by=admin,
        now=NOW,
    )
    lovely = make.service("Support answers", owner=admin)
    bring(FULL, plain(over="", service=lovely.name, severity="sev1"), by=admin)
    bring(plain(over="", service="Another", severity="sev1"), told=MAPPING.replace("old tool", "x"), by=admin)
    bring(plain(over="", service="Third", severity="sev2"), told=MAPPING.replace("old tool", "x"), by=admin)
    assert (Escalation.objects.count(), IncidentEvent.objects.count(), Notice.objects.count()) == (0, 0, 0)
    assert Message.objects.count() == 0
    kinds = TimelineRow.objects.filter(incident=the_incident()).values_list("kind", "text")
    assert list(kinds) == [("imported", "from past.jsonl:1 of old tool")]
    make.incident("A new one", service=lovely, by=admin)
    assert (Escalation.objects.count(), IncidentEvent.objects.count()) == (1, 1)


def test_what_a_file_left_open_is_not_silent_until_somebody_takes_it() -> None:
    told = MAPPING.replace("fields:\n", "fields:\n  acknowledged_at: taken\n")
    chat = make.service("Chat", owner=make.person())
    bring(plain(over="", taken="2026-03-01T09:30Z", severity="sev1", service=chat.slug), told=told)
    assert reminding.remind_silent(now=NOW + timedelta(days=2)) == 0
    handing_off.give(the_incident(1), to=make.person(), reason="yours", by=make.person(), now=NOW)
    assert reminding.remind_silent(now=NOW + timedelta(days=2)) == 1


def test_the_same_again_changes_nothing() -> None:
    bring(FULL, plain())
    before = {model: model.objects.count() for model in (Incident, Finding, TimelineRow, Action, Service, ImpactFacts)}
    stamps = list(Incident.objects.order_by("pk").values_list("changed_at", flat=True))
    again = bring(FULL, plain())
    assert (again.nothing_to_do, again.unchanged, again.changes, again.conflicts) == (True, 2, (), ())
    assert {model: model.objects.count() for model in before} == before
    assert list(Incident.objects.order_by("pk").values_list("changed_at", flat=True)) == stamps


def test_a_dry_run_says_it_all_and_writes_nothing() -> None:
    would = bring(FULL, dry_run=True)
    assert [(one.title, one.incident) for one in would.added] == [(FULL["title"], None)]
    assert would.services == ("Support answers", "Search")
    assert (Incident.objects.count(), Service.objects.count(), HistoryRow.objects.count()) == (0, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_called FROM incidents_incident_id_seq")
        burnt = cursor.fetchone()
    bring(FULL, dry_run=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_called FROM incidents_incident_id_seq")
        assert cursor.fetchone() == burnt


def test_all_or_nothing_or_the_good_rows() -> None:
    bad = plain(2, seen="yesterday")
    refused = bring(plain(), bad)
    assert (refused.refused, Incident.objects.count()) == (True, 0)
    assert [(one.line, one.code) for one in refused.errors] == [(2, "bad_time")]
    report = bring(plain(), bad, all_or_nothing=False)
    assert (report.refused, Incident.objects.count(), len(report.errors)) == (False, 1, 1)


# ---- services ----


@pytest.mark.parametrize(("unknown", "code"), [("refuse", "service_unknown"), ("leave_open", "service_left_open")])
def test_a_service_nobody_registered(unknown: str, code: str) -> None:
    told = MAPPING.replace("unknown: create", f"unknown: {unknown}")
    report = bring(plain(service="Chat"), told=told, all_or_nothing=False)
    assert [one.code for one in report.problems] == [code]
    assert Incident.objects.count() == (0 if unknown == "refuse" else 1)
    assert not Service.objects.exists()


def test_services_are_found_by_slug_or_name_and_made_once() -> None:
    chat = make.service("Chat bot")
    bring(
        plain(1, service="chat BOT"),
        plain(2, service=chat.slug),
        plain(3, service="New one"),
        plain(4, service="new one"),
    )
    assert [the_incident(number).service for number in (1, 2)] == [chat, chat]
    assert the_incident(3).service == the_incident(4).service
    assert Service.objects.count() == 2


def test_a_refused_row_makes_no_service() -> None:
    bring(plain(1, service="New one", seen="yesterday"), plain(2), all_or_nothing=False)
    assert not Service.objects.exists()


# ---- times ----


def test_times_that_contradict_themselves_are_kept_as_doubts() -> None:
    bring(plain(1, over="2026-03-01T09:00Z"), plain(2, began="2026-03-01T10:30Z", well="2026-03-01T10:00Z"))
    flat = DoubtedTime.objects.get(incident=the_incident(1))
    assert (flat.field, flat.at) == ("resolved_at", the_incident(1).resolved_at)
    assert "unknown" in flat.reason
    fields = DoubtedTime.objects.filter(incident=the_incident(2)).values_list("field", flat=True)
    assert set(fields) == {"impact_from", "detected_at", "mitigated_at"}
    assert the_incident(2).mitigated_at is None


def test_a_doubted_time_gives_no_duration_until_a_person_corrects_it() -> None:
    bring(plain(1, over="2026-03-01T09:00Z"))
    incident = the_incident(1)
    told = "not known: resolved is the same as noticed: written down afterwards"
    assert [(one.label, one.words) for one in clock.of(incident).spans] == [("To resolve", told)]
    assert [one.words for one in clock.plain(incident, at=NOW).spans] == [told]
    assert [one.words for one in clock.plain(incident, at=NOW - timedelta(days=1)).spans] == ["0 s"]
    incident.resolved_at = incident.detected_at + timedelta(minutes=5)
    assert [one.words for one in clock.of(incident).spans] == ["5 min"]


# ---- at scale ----


def statements(count: int, first: int) -> int:
    rows = [
        FULL | {"id": first + number, "service": f"Service {number % 3}", "todo": FULL["todo"] * (number % 2)}
        for number in range(count)
    ]
    with CaptureQueriesContext(connection) as queries:
        report = bring(*rows, by=make.person(role="admin"))
    assert len(report.added) == count
    return len(queries)


def test_many_rows_take_as_many_statements_as_few() -> None:
    statements(3, 10)  # services and templates are there from now on
    assert statements(4, 100) == statements(400, 1000)
