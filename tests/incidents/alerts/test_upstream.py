"""What changed before an incident: ranked by distance on the path and by time, each with its reason; suspected in one
click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.alerts import changing, suspecting
from incidents.alerts.change_models import Change, Suspect
from incidents.alerts.queries import upstream
from incidents.response import impacts, lifecycle
from incidents.response.impacts import Impact
from incidents.response.models import Incident, TimelineRow
from ownership.models import Component, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db


def failing(component: Component | None, service: Service | None, *, began: Impact | None = None) -> Incident:
    incident = make.incident(service=service, began=began or Impact("exact", NOON))
    if component is not None and service is not None:
        lifecycle.set_service(
            incident, service=service, component=component, by=make.person(), now=NOON, why="seen in the traces"
        )
    return Incident.objects.get(pk=incident.pk)


def told(incident: Incident, *, limit: int = 20) -> list[tuple[str, str]]:
    return [
        (near.change.title if near.change else near.turn.title if near.turn else "", near.why)
        for near in upstream.of(incident, limit=limit).rows
    ]


def before(minutes: float) -> Any:
    return NOON - timedelta(minutes=minutes)


def test_the_nearest_come_first_over_a_cycle() -> None:
    """gateway → retriever → index → gateway: a cycle, walked once."""
    answers = make.service("Answers")
    gateway, retriever = make.component("Gateway", of=answers), make.component("Retriever", of=answers)
    index, model = make.component("Index"), make.component("Model", of=answers)
    make.seam(gateway, retriever)
    make.seam(retriever, index, kind="data")
    make.seam(index, gateway, kind="build")
    am.change("of the index", of=index, at=before(10))
    am.change("of the model", of=model, at=before(2))
    am.change("of the retriever, long ago", of=retriever, at=before(60 * 24 * 3))
    am.change("of the retriever", of=retriever, at=before(40))
    am.change("of the gateway", of=gateway, at=before(60 * 5))
    assert told(failing(retriever, answers)) == [
        ("of the retriever", "the component itself, 40 min before the impact"),
        ("of the retriever, long ago", "the component itself, 3 d before the impact"),
        ("of the index", "1 step upstream by data, 10 min before the impact"),
        ("of the gateway", "needs it, 1 step by call, 5 h 00 before the impact"),
        ("of the model", "another part of Answers, 2 min before the impact"),
    ]


def test_two_steps_name_the_kinds_on_the_way() -> None:
    answers = make.service("Answers")
    gateway, retriever, index = make.component(of=answers), make.component(), make.component()
    make.seam(gateway, retriever)
    make.seam(retriever, index, kind="data")
    am.change("Index v12", of=index, at=before(40))
    assert told(failing(gateway, answers)) == [
        ("Index v12", "2 steps upstream by call, data, 40 min before the impact")
    ]


def test_without_a_component_the_parts_are_where_the_walk_begins() -> None:
    answers = make.service("Answers")
    gateway, retriever = make.component(of=answers), make.component()
    make.seam(gateway, retriever)
    am.change("Gateway 2", of=gateway, at=before(5))
    am.change("Retriever 3", of=retriever, at=before(1))
    assert [why.split(",")[0] for _, why in told(failing(None, answers))] == [
        "a part of Answers",
        "1 step upstream by call",
    ]


def test_elsewhere_and_out_of_time_are_not_listed() -> None:
    answers = make.service("Answers")
    part = make.component(of=answers)
    am.change("elsewhere", of=make.component(), at=before(5))
    am.change("too old", of=part, at=NOON - timedelta(days=15))
    am.change("afterwards", of=part, at=am.minutes(5), now=am.minutes(10))
    gone = am.change("withdrawn", of=part, at=before(5))
    changing.withdraw(gone, why="never happened", by=make.person(), now=NOON)
    assert told(failing(part, answers)) == []


def test_both_ends_of_an_interval_are_honoured() -> None:
    answers = make.service("Answers")
    part = make.component(of=answers)
    am.change("before both", of=part, at=before(60))
    am.change("between", of=part, at=am.minutes(10), now=am.minutes(90))
    am.change("after both", of=part, at=am.minutes(50), now=am.minutes(90))
    incident = failing(None, None)
    impacts.set_impact(
        incident,
        impact="",
        began=Impact("between", NOON, am.minutes(40)),
        detected_by="",
        by=make.person(),
        now=am.minutes(90),
    )
    lifecycle.set_service(incident, service=answers, component=part, by=make.person(), now=am.minutes(90), why="seen")
    incident.refresh_from_db()
    assert told(incident) == [
        ("between", "the component itself, at most 30 min before the impact"),
        ("before both", "the component itself, 1 h 00 to 1 h 40 before the impact"),
    ]


def test_a_start_known_to_the_hour_lies_anywhere_in_it() -> None:
    answers = make.service("Answers")
    part = make.component(of=answers)
    am.change("within the hour", of=part, at=am.minutes(30), now=am.minutes(90))
    incident = failing(part, answers, began=Impact("hour", NOON))
    assert told(incident) == [("within the hour", "the component itself, at most 30 min before the impact")]


def test_an_unknown_start_is_counted_from_when_it_was_noticed() -> None:
    answers = make.service("Answers")
    part = make.component(of=answers)
    am.change("Deploy", of=part, at=before(30))
    incident = failing(part, answers, began=Impact())
    assert told(incident) == [("Deploy", "the component itself, 30 min before it was noticed")]


def test_a_new_owner_of_the_service_is_a_change_too() -> None:
    answers = make.service("Answers")
    make.assignment(answers, make.person("Priya Nair"), since=before(60 * 24))
    am.change("Whole service", of=answers, at=before(5))
    assert told(failing(None, answers)) == [
        ("Whole service", "the service as a whole, 5 min before the impact"),
        ("Priya Nair answers for Answers", "its accountable owner, 1 d before the impact"),
    ]


def test_the_number_of_queries_does_not_grow() -> None:
    answers = make.service("Answers", owner=make.person())
    parts = [make.component(of=answers) for _ in range(2)]
    make.seam(*parts)
    am.change(of=parts[0])
    incident = failing(parts[0], answers)
    with CaptureQueriesContext(connection) as few:
        upstream.of(incident, limit=3)
    more = [make.component(of=answers) for _ in range(10)]
    for one in more:
        make.seam(parts[1], one)
        for _ in range(3):
            am.change(of=one)
    with CaptureQueriesContext(connection) as many:
        found = upstream.of(incident, limit=3)
    assert len(many) <= len(few) + 1  # one of them names owners, where one changed
    assert (len(found.rows), found.more) == (3, True)


def notes(incident: Incident) -> list[str]:
    return list(
        TimelineRow.objects.filter(incident=incident, kind="note").order_by("pk").values_list("text", flat=True)
    )


def test_a_suspect_is_one_click_and_one_row() -> None:
    answers = make.service("Answers")
    part = make.component("Index", of=answers)
    change = am.change("Index [v12]", of=part, at=before(30), before="v11", after="v12")
    incident, maya = failing(part, answers), make.person("Maya")
    for _ in range(2):
        suspecting.suspect(incident, change, why=upstream.why(incident, change), by=maya, now=am.minutes(5))
    assert notes(incident) == [f"Suspected change: [Index  v12  (v11 → v12), Index]({change.get_absolute_url()})"]
    assert (
        TimelineRow.objects.get(incident=incident, kind="note").why == "the component itself, 30 min before the impact"
    )
    assert [near.suspected for near in upstream.of(incident, limit=5).rows] == [True]
    assert upstream.suspected(incident.pk) == [change]
    for _ in range(2):
        suspecting.drop(incident, change, by=maya, now=am.minutes(6))
    assert len(notes(incident)) == 2
    assert upstream.suspected(incident.pk) == []
    suspecting.suspect(incident, change, why="", by=maya, now=am.minutes(7))
    assert Suspect.objects.filter(dropped_at=None).count() == 1


def test_a_suspect_stays_one_over_a_correction() -> None:
    answers = make.service("Answers")
    part = make.component("Index", of=answers)
    change = am.change("Index v12", of=part)
    incident = failing(part, answers)
    suspecting.suspect(incident, change, why="", by=make.person(), now=NOON)
    corrected = changing.correct(change, changing.with_(change, title="Index v13"), by=make.person(), now=NOON)
    assert upstream.suspected(incident.pk) == [corrected]
    assert Change.objects.filter(line=change.line).count() == 2
