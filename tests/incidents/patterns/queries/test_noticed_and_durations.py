"""Who noticed, how long, for whom: from the database, with the incidents behind every mark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.patterns.models import PatternIncident
from incidents.patterns.queries import durations, marks, noticed
from incidents.patterns.questions import green
from incidents.patterns.questions import noticed as who
from incidents.patterns.questions.asking import about
from incidents.patterns.questions.durations import ask_by
from incidents.patterns.selection import Selection
from incidents.patterns.window import month_of
from incidents.response.models import DoubtedTime
from ownership.models import Person
from tests import factories as make
from tests.incidents.patterns.factories import happened, window

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def admin() -> Person:
    return make.person(role="admin")


def like(at: datetime, **facts: Any) -> int:
    """An incident of which these facts are known."""
    incident = happened(at)
    PatternIncident.objects.filter(pk=incident.pk).update(**facts)
    return incident.pk


def test_behind_each_bar_and_row_stand_as_many_incidents_as_it_says(admin: Person) -> None:
    for place, source in enumerate(["monitor", "monitor", "online_eval", "user_report", "vendor", "audit", ""]):
        like(MARCH + timedelta(days=30 * (place % 2)), detected_by=source)
    answer = who.ask(about(window(), admin))
    told = [(line.behind, line.values["incidents"]) for line in answer.lines if line.behind]
    assert answer.figure is not None
    told += [
        (behind, count)
        for trace in answer.figure["data"]
        for behind, count in zip(trace["customdata"], trace["y"], strict=True)
        if behind
    ]
    assert sum(count for _, count in told) == 14
    for behind, count in told:
        shown = window(detected_by=behind.get("detected_by", ""))
        selection = Selection(only=behind.get("only", ""), month=month_of(behind["month"]))
        assert marks.behind(about(shown, admin).scope, selection).count() == count, behind


def test_green_counts_from_a_start_known_to_the_hour_and_before_it_was_noticed(admin: Person) -> None:
    start = MARCH - timedelta(minutes=40)
    like(MARCH, monitors_green="yes", impact_from=start, impact_precision="exact")
    like(MARCH, monitors_green="yes", impact_from=start, impact_precision="day")
    like(MARCH, monitors_green="yes", impact_from=MARCH, impact_precision="exact")
    like(MARCH, monitors_green="no", impact_from=start, impact_precision="exact")
    found = {(row.green, row.minutes): row.incidents for row in noticed.shown(about(window(), admin).scope)}
    assert found == {("no", None): 1, ("yes", 40): 1, ("yes", None): 2}
    answer = green.ask(about(window(), admin))
    for line in answer.lines:
        if line.behind:
            chosen = marks.behind(about(window(), admin).scope, Selection(**line.behind))
            assert chosen.count() == line.values["incidents"]


def test_times_by_group_add_up_to_those_of_all(admin: Person) -> None:
    for place, (layer, severity, owned) in enumerate(
        [("data", "sev1", True), ("", "sev2", False), ("data", "sev2", None), ("org", "pending", True)]
    ):
        at = MARCH + timedelta(days=place)
        like(
            at,
            primary_layer=layer,
            severity=severity,
            owned=owned,
            resolved_at=at + timedelta(minutes=10 * (place + 1)),
        )
    scope = about(window(), admin).scope
    whole = sorted((row.span, row.minutes) for row in durations.lasted(scope) for _ in range(row.count))
    for by in durations.BY:
        parts = sorted((row.span, row.minutes) for row in durations.lasted(scope, by=by) for _ in range(row.count))
        assert parts == whole
        answer = ask_by(about(window(), admin), by)
        assert answer.n == 4
        assert answer.headline.startswith("Too few incidents to compare")
    groups = ask_by(about(window(), admin), "owned").column("group")
    assert set(groups) == {"owned", "unowned", "not recorded"}


def test_a_span_of_zero_or_below_is_unknown_and_never_zero(admin: Person) -> None:
    like(MARCH, resolved_at=MARCH, mitigated_at=MARCH - timedelta(minutes=1))
    found = {row.span: row.minutes for row in durations.lasted(about(window(), admin).scope)}
    assert found == {"mitigate": None, "resolve": None}


def test_nothing_begins_or_ends_with_a_doubted_time_while_it_stands(admin: Person) -> None:
    number = like(MARCH, monitors_green="yes", impact_from=MARCH - timedelta(hours=1), impact_precision="exact")
    end = PatternIncident.objects.get(pk=number).resolved_at
    DoubtedTime.objects.create(incident_id=number, field="resolved_at", at=end, told="?", reason="?", known_from=MARCH)
    found = {row.span: row.minutes for row in durations.lasted(about(window(), admin).scope)}
    assert found == {"detect": 60, "resolve": None}
    DoubtedTime.objects.create(
        incident_id=number, field="detected_at", at=MARCH, told="?", reason="?", known_from=MARCH
    )
    assert [row.minutes for row in noticed.shown(about(window(), admin).scope)] == [None]
    PatternIncident.objects.filter(pk=number).update(
        resolved_at=MARCH + timedelta(hours=2), detected_at=MARCH + timedelta(minutes=30)
    )
    found = {row.span: row.minutes for row in durations.lasted(about(window(), admin).scope)}
    assert found == {"detect": 90, "resolve": 90}
