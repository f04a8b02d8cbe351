"""The named times: corrected with a reason, checked by a person, and how long it took between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.response import anchors, impacts, lifecycle
from incidents.response.impacts import Impact
from incidents.response.models import Incident, IncidentVersion, TimelineRow
from incidents.response.queries import clock, durations
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LATER = NOON + 9 * HOUR


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def incident(maya: Person) -> Incident:
    made = make.incident(by=maya, began=Impact("minute", NOON - 30 * MINUTE))
    lifecycle.acknowledge(made, by=maya, now=NOON + 5 * MINUTE)
    lifecycle.mitigate(made, by=maya, now=NOON + 40 * MINUTE)
    return lifecycle.resolve(made, by=maya, now=NOON + 2 * HOUR)


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def correct(incident: Incident, by: Person, reason: str = "from the trace", **changes: Any) -> Incident:
    checked = changes.pop("checked", False)
    times = replace(anchors.of(fresh(incident)), **changes)
    return anchors.correct(incident, times=times, reason=reason, by=by, now=LATER, checked=checked)


def test_a_correction_needs_a_reason_and_is_told(incident: Incident, maya: Person) -> None:
    with pytest.raises(Invalid) as refused:
        correct(incident, maya, " ", detected_at=NOON - 5 * MINUTE)
    assert refused.value.field == "reason"
    correct(incident, maya, detected_at=NOON - 5 * MINUTE, identified_at=NOON + HOUR)
    found = fresh(incident)
    assert (found.detected_at, found.identified_at) == (NOON - 5 * MINUTE, NOON + HOUR)
    row = TimelineRow.objects.get(incident=incident, kind="times")
    assert (row.by, row.why) == (maya, "from the trace")
    assert [change["anchor"] for change in row.data["changes"]] == ["detected", "identified"]
    assert row.data["changes"][0]["was"] == NOON.isoformat()


def test_correcting_the_start_keeps_its_precision_and_its_row(incident: Incident, maya: Person) -> None:
    correct(incident, maya, impact=Impact("between", NOON - 2 * HOUR, NOON - HOUR))
    found = fresh(incident)
    assert (found.impact_precision, found.impact_from, found.impact_until) == ("between", NOON - 2 * HOUR, NOON - HOUR)
    assert TimelineRow.objects.filter(incident=incident, kind="impact").count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "reason"),
        ({"detected_at": None}, "detected_at"),
        ({"acknowledged_at": None}, "acknowledged_at"),
        ({"resolved_at": None}, "resolved_at"),
        ({"resolved_at": NOON - MINUTE, "mitigated_at": None}, "resolved_at"),
        ({"identified_at": LATER + HOUR}, "identified_at"),
        ({"mitigated_at": NOON.replace(year=1926)}, "mitigated_at"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    incident: Incident, maya: Person, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        correct(incident, maya, **changes)
    assert refused.value.field == field
    assert anchors.of(fresh(incident)) == anchors.of(incident)


def test_the_database_holds_the_order(incident: Incident, maya: Person) -> None:
    for changes in ({"mitigated_at": NOON + 3 * HOUR}, {"mitigated_at": NOON - HOUR}):
        with pytest.raises(ConstraintBroken) as refused:
            correct(incident, maya, **changes)
        assert refused.value.code == "times_out_of_order"


def test_an_open_incident_is_not_resolved_by_a_correction(maya: Person) -> None:
    with pytest.raises(Invalid, match="Resolve it first"):
        correct(make.incident(by=maya), maya, resolved_at=NOON + HOUR)


def test_a_time_that_was_missing_brings_its_person_and_may_go_again(maya: Person) -> None:
    incident = make.incident()
    correct(incident, maya, mitigated_at=NOON + HOUR, acknowledged_at=NOON + MINUTE)
    found = fresh(incident)
    assert (found.mitigated_by, found.acknowledged_by, found.state) == (maya, maya, "mitigated")
    correct(incident, maya, mitigated_at=None)
    assert (fresh(incident).mitigated_by, fresh(incident).state) == (None, "acknowledged")


def test_a_form_written_on_other_times_is_refused(incident: Incident, maya: Person) -> None:
    seen = anchors.of(incident)
    correct(incident, make.person(), detected_at=NOON - MINUTE)
    with pytest.raises(anchors.TimesChanged):
        anchors.correct(
            incident,
            times=replace(seen, identified_at=NOON + HOUR),
            reason="x",
            by=maya,
            now=LATER,
            written_on=seen.stamp,
        )
    with pytest.raises(anchors.TimesChanged):
        anchors.check(incident, by=maya, now=LATER, written_on=seen.stamp)
    assert fresh(incident).identified_at is None


# ---- checked ----


def test_a_check_names_its_person_and_falls_with_any_change(incident: Incident, maya: Person) -> None:
    anchors.check(incident, by=maya, now=LATER)
    assert (fresh(incident).times_checked_by, fresh(incident).times_checked_at) == (maya, LATER)
    Incident.objects.filter(pk=incident.pk).update(title="Other words", last_alert_at=NOON)
    assert fresh(incident).times_checked_at == LATER
    Incident.objects.filter(pk=incident.pk).update(detected_at=NOON - HOUR)  # as the digest does, over many rows
    found = fresh(incident)
    assert (found.times_checked_at, found.times_checked_by) == (None, None)


def test_correcting_may_check_at_once_and_does_not_by_itself(incident: Incident, maya: Person) -> None:
    correct(incident, maya, detected_at=NOON - MINUTE, checked=True)
    assert fresh(incident).times_checked_at == LATER
    correct(incident, maya, detected_at=NOON - 2 * MINUTE)
    assert fresh(incident).times_checked_at is None


@pytest.mark.django_db(transaction=True)
def test_the_page_knows_what_was_believed_before_and_that_a_check_fell(incident: Incident, maya: Person) -> None:
    anchors.check(incident, by=maya, now=LATER)
    correct(incident, maya, detected_at=NOON - 7 * MINUTE)
    found = clock.of(fresh(incident))
    before = {mark.anchor.value: [was.at for was in mark.before] for mark in found.marks}
    assert before["detected"] == [NOON]
    assert before["impact"] == before["resolved"] == []
    assert found.corrected
    assert found.checked_before == LATER
    assert IncidentVersion.objects.filter(incident=incident, times_checked_at=LATER).count() == 1


# ---- durations ----


def spans(incident: Incident) -> dict[str, str]:
    return {span.label: span.words for span in durations.of(incident)}


def test_durations_are_told_where_both_ends_are_known(incident: Incident) -> None:
    assert spans(fresh(incident)) == {
        "To notice": "30 min",
        "To acknowledge": "5 min",
        "To mitigate": "40 min",
        "To resolve": "2 h 00",
        "Impact lasted": "1 h 10",
    }


def test_an_unknown_end_is_never_zero() -> None:
    assert spans(make.incident()) == {}


@pytest.mark.parametrize(
    ("began", "words"),
    [
        (Impact("exact", NOON - HOUR), "1 h 00"),
        (Impact("hour", NOON - 3 * HOUR), "2 h 00 to 3 h 00"),
        (Impact("hour", NOON - 30 * MINUTE), "at most 30 min"),
        (Impact("day", NOON - timedelta(days=2)), "1 d to 2 d"),
        (Impact("between", NOON - 2 * HOUR, NOON - HOUR), "1 h 00 to 2 h 00"),
        (Impact("between", NOON - 2 * HOUR, NOON + HOUR), "at most 2 h 00"),
        (Impact("exact", NOON + MINUTE), "out of order"),
    ],
)
def test_a_span_is_an_interval_when_its_start_is_one(maya: Person, began: Impact, words: str) -> None:
    incident = make.incident(by=maya, now=NOON + 2 * HOUR, detected_at=NOON, began=began)
    assert spans(incident)["To notice"] == words


def test_the_start_is_never_inferred(maya: Person) -> None:
    incident = make.incident(by=maya)
    lifecycle.acknowledge(incident, by=maya, now=NOON + MINUTE)
    impacts.set_impact(incident, impact="slow", began=Impact(), detected_by="monitor", by=maya, now=timezone.now())
    assert "To notice" not in spans(fresh(incident))
    assert "To acknowledge" in spans(fresh(incident))
