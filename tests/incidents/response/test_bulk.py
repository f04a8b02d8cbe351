"""Several incidents at once: set-wise, a reason for each that was left, responders only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.response import bulk, lifecycle, merging
from incidents.response.bulk import Found
from incidents.response.models import Escalation, FailureMode, Finding, HandOff, Incident, Participation, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from web.errors import Invalid

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
NOWHERE = 10**9
HTMX = {"HX-Request": "true", "HX-Target": "live"}


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor")


@pytest.fixture
def responder(maya: Person) -> Client:
    client = Client()
    client.force_login(maya)
    return client


def firing(name: str) -> Incident:
    """An incident with an alert that still fires."""
    service = make.service(name)
    am.send(am.source(), am.alert("Slow", service=service.slug))
    return Incident.objects.get(service=service)


def told(incident: Incident) -> list[tuple[str, str]]:
    return [(row.kind, row.text) for row in TimelineRow.objects.filter(incident=incident).order_by("pk")][1:]


# ---- the acts ----


def test_acknowledging_takes_each_and_blames_those_that_have_no_blame(maya: Person) -> None:
    plain, blamed = make.incident(), make.incident(first_blame="data")
    report = bulk.acknowledge([blamed.pk, plain.pk], by=maya, now=LATER, first_blame="latency")
    assert (report.done, report.left) == ([plain.pk, blamed.pk], [])
    for incident in (plain, blamed):
        incident.refresh_from_db()
        assert (incident.acknowledged_at, incident.acknowledged_by, incident.ball) == (LATER, maya, maya)
    assert (plain.first_blame, blamed.first_blame) == ("latency", "data")
    assert told(plain) == [("acknowledged", ""), ("first_blame", "Latency")]


def test_not_known_yet_is_an_answer_and_none_is_none(maya: Person) -> None:
    asked, silent = make.incident(), make.incident()
    bulk.acknowledge([asked.pk], by=maya, now=LATER, first_blame="unknown")
    bulk.acknowledge([silent.pk], by=maya, now=LATER)
    asked.refresh_from_db()
    silent.refresh_from_db()
    assert (asked.blamed, silent.blamed) == ("unknown", "")
    assert told(asked)[-1] == ("first_blame", "Not known yet")


def test_the_ball_goes_over_and_who_takes_it_takes_part(maya: Person) -> None:
    jonas = make.person("Jonas Lind")
    theirs, own = make.incident(by=jonas), make.incident(by=maya)
    bulk.acknowledge([theirs.pk, own.pk], by=maya, now=LATER)
    (passed,) = HandOff.objects.filter(at=LATER)
    assert (passed.incident, passed.held_by, passed.to, passed.reason) == (theirs, jonas, maya, "acknowledged it")
    assert set(Participation.objects.filter(person=maya).values_list("incident", flat=True)) == {theirs.pk, own.pk}


def test_acknowledging_stops_the_ladder_also_of_what_came_back(maya: Person) -> None:
    jonas = make.person("Jonas Lind")
    fresh = make.incident(service=make.service(owner=jonas))
    again = lifecycle.acknowledge(make.incident(service=make.service(owner=jonas)), by=jonas, now=NOON)
    lifecycle.resolve(again, by=jonas, now=LATER)
    lifecycle.reopen(again, reason="it is back", by=jonas, now=LATER)
    report = bulk.acknowledge([fresh.pk, again.pk], by=maya, now=LATER + HOUR)
    assert report.done == [fresh.pk, again.pk]
    assert not Escalation.objects.filter(ended_at=None, taken_at=None).exists()
    again.refresh_from_db()
    assert (again.ball, again.acknowledged_by) == (maya, jonas)
    assert TimelineRow.objects.get(incident=again, at=LATER + HOUR).why == "it was open again"


def test_what_one_may_not_see_is_not_there(maya: Person) -> None:
    hidden = make.incident("secret", private=True)
    report = bulk.acknowledge([hidden.pk], by=maya, now=LATER)
    assert [one.code for one in report.left] == ["not_found"]
    report = bulk.resolve([hidden.pk], by=maya, now=LATER)
    assert [one.code for one in report.left] == ["not_found"]
    hidden.refresh_from_db()
    assert hidden.acknowledged_at is None


def test_what_was_merged_is_left(maya: Person) -> None:
    here, there = make.incident(by=maya), make.incident(by=maya)
    merging.merge(here, into=there, by=maya, now=NOON)
    report = bulk.resolve([here.pk], by=maya, now=LATER)
    assert [(one.code, one.why) for one in report.left] == [("merged", f"it was merged into {there.ref}; work there")]


def test_what_cannot_be_acknowledged_is_left_with_its_reason(maya: Person) -> None:
    jonas = make.person("Jonas Lind")
    taken = lifecycle.acknowledge(make.incident(), by=jonas, now=NOON)
    over = lifecycle.resolve(make.incident(), by=jonas, now=LATER)
    free = make.incident()
    report = bulk.acknowledge([taken.pk, over.pk, free.pk, NOWHERE], by=maya, now=LATER)
    assert report.done == [free.pk]
    assert {one.number: one.code for one in report.left} == {
        taken.pk: "already_acknowledged",
        over.pk: "not_open",
        NOWHERE: "not_found",
    }
    assert f"INC-{taken.pk}: Jonas Lind acknowledged it already" in report.reasons
    taken.refresh_from_db()
    assert taken.ball == jonas


def test_resolving_records_what_was_found_of_each(maya: Person) -> None:
    mode = FailureMode.objects.get(code="integration.retry_amplification")
    known, layer, unknown = make.incident(), make.incident(), make.incident()
    report = bulk.resolve(
        [known.pk, layer.pk, unknown.pk],
        by=maya,
        now=LATER,
        found={known.pk: Found("integration", mode), layer.pk: Found("data")},
        evidence="one cause",
    )
    assert report.done == [known.pk, layer.pk, unknown.pk]
    found = {one.incident_id: one for one in Finding.objects.all()}
    assert set(found) == {known.pk, layer.pk}
    assert (found[known.pk].mode, found[known.pk].primary, found[known.pk].evidence) == (mode, True, "one cause")
    assert (found[layer.pk].layer, found[layer.pk].state) == ("data", "provisional")
    assert told(unknown) == [("resolved", "What failed is not known yet.")]
    assert told(layer) == [("resolved", ""), ("finding", "found: Data")]
    known.refresh_from_db()
    assert (known.resolved_at, known.resolved_by, known.resolved_how) == (LATER, maya, "person")


def test_a_second_finding_is_not_primary(maya: Person) -> None:
    incident = make.incident()
    make.finding(incident, primary=True)
    bulk.resolve([incident.pk], by=maya, now=LATER, found={incident.pk: Found("data")})
    assert list(Finding.objects.order_by("pk").values_list("primary", flat=True)) == [True, False]


def test_what_speaks_against_resolving_asks_for_a_tick_of_its_own(maya: Person) -> None:
    overruled, other, quiet = firing("One"), firing("Other"), make.incident()
    numbers = [overruled.pk, other.pk, quiet.pk]
    report = bulk.resolve(numbers, by=maya, now=LATER, despite={overruled.pk: ["still_firing"]})
    assert report.done == [overruled.pk, quiet.pk]
    assert [(one.number, one.code) for one in report.left] == [(other.pk, "still_firing")]
    assert "Although 1 alert still fires" in TimelineRow.objects.get(incident=overruled, kind="resolved").text


def test_times_hold_for_each(maya: Person) -> None:
    early, late = make.incident(), make.incident(now=NOON + 2 * HOUR)
    report = bulk.resolve([early.pk, late.pk], by=maya, now=NOON + 3 * HOUR, at=LATER)
    assert report.done == [early.pk]
    assert [one.code for one in report.left] == ["times_out_of_order"]
    with pytest.raises(Invalid, match="future"):
        bulk.resolve([late.pk], by=maya, now=NOON, at=LATER)


@pytest.mark.parametrize("numbers", [[], range(1, bulk.MOST + 2)])
def test_none_and_too_many_are_refused(maya: Person, numbers: list[int]) -> None:
    with pytest.raises(Invalid):
        bulk.acknowledge(numbers, by=maya, now=NOON)
    with pytest.raises(Invalid):
        bulk.resolve(numbers, by=maya, now=NOON)


def test_the_statements_do_not_grow(maya: Person) -> None:
    def statements(count: int) -> tuple[int, int]:
        made = [make.incident().pk for _ in range(count)]
        with CaptureQueriesContext(connection) as taking:
            bulk.acknowledge(made, by=maya, now=NOON, first_blame="data")
        with CaptureQueriesContext(connection) as ending:
            bulk.resolve(made, by=maya, now=LATER, found={number: Found("data") for number in made})
        return len(taking), len(ending)

    assert statements(1) == statements(20)


def test_rows_are_locked_in_the_order_of_their_numbers(maya: Person) -> None:
    made = [make.incident().pk for _ in range(3)]
    with CaptureQueriesContext(connection) as captured:
        bulk.acknowledge(made[::-1], by=maya, now=NOON)
    (locking,) = [one["sql"] for one in captured.captured_queries if "FOR NO KEY UPDATE" in one["sql"]]
    assert 'ORDER BY "incidents_incident"."id" ASC' in locking


# ---- the pages ----


@pytest.mark.parametrize("address", ["/board/acknowledge/", "/board/resolve/"])
def test_responders_only(address: str) -> None:
    incident = make.incident()
    viewer = Client()
    viewer.force_login(make.person(role="viewer"))
    assert viewer.post(address, {"number": incident.pk}).status_code == 403
    assert Client().post(address, {"number": incident.pk}).status_code == 302
    incident.refresh_from_db()
    assert (incident.acknowledged_at, incident.resolved_at) == (None, None)


def test_acknowledging_leads_back_to_where_one_was(responder: Client) -> None:
    one, other = make.incident(first_blame="data"), make.incident(first_blame="data")
    said = {"number": [one.pk, other.pk], "back": "layer=data", "first_blame": ""}
    answer = responder.post("/board/acknowledge/", said, follow=True)
    assert answer.redirect_chain == [("/?layer=data", 302)]
    assert f"Acknowledged: INC-{one.pk}, INC-{other.pk}." in answer.content.decode()
    assert Incident.objects.filter(acknowledged_at__isnull=False).count() == 2


def test_with_htmx_the_part_comes_back_with_what_happened(responder: Client) -> None:
    incident = make.incident()
    over = lifecycle.resolve(make.incident(), by=make.person(), now=LATER)
    answer = responder.post(
        "/board/acknowledge/", {"number": [incident.pk, over.pk], "back": "state=open"}, headers=HTMX
    )
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in shown
    assert 'id="messages"' in shown
    assert f"Not acknowledged: INC-{over.pk}: it is resolved already." in shown


@pytest.mark.parametrize("said", [{}, {"number": "x"}, {"number": "9" * 40}, {"first_blame": "weather", "number": "1"}])
def test_what_cannot_be_used_is_said(responder: Client, said: dict[str, str]) -> None:
    make.incident()
    answer = responder.post("/board/acknowledge/", said, follow=True)
    assert answer.status_code == 200
    assert 'class="notice warn"' in answer.content.decode()
    assert not Incident.objects.filter(acknowledged_at__isnull=False).exists()


def test_nobody_is_sent_elsewhere(responder: Client) -> None:
    incident = make.incident()
    for back in ("//evil.example/", "https://evil.example/?x", "state=%0d%0aSet-Cookie:x"):
        answer = responder.post("/board/acknowledge/", {"number": incident.pk, "back": back})
        assert answer["Location"] == "/?state=open"


def test_resolving_several_asks_once(responder: Client) -> None:
    loud, quiet = firing("Loud"), make.incident("quiet")
    numbers = {"number": [loud.pk, quiet.pk], "back": "state=open"}
    page = responder.get("/board/resolve/", numbers).content.decode()
    assert f'name="still_firing-{loud.pk}"' in page
    assert f'name="still_firing-{quiet.pk}"' not in page
    said = {**numbers, "what": "data", "evidence": "the same table"}
    answer = responder.post("/board/resolve/", said, follow=True)
    shown = answer.content.decode()
    assert f"Resolved: INC-{quiet.pk}." in shown
    assert f"Left open: INC-{loud.pk}" in shown
    responder.post("/board/resolve/", {**said, f"still_firing-{loud.pk}": "on"})
    assert not Incident.objects.filter(resolved_at=None).exists()
    assert Finding.objects.filter(layer="data", evidence="the same table").count() == 2


def test_each_may_have_what_its_alerts_suggest(responder: Client) -> None:
    mode = "latency.capacity_exhaustion"
    one, other, none = make.incident(), make.incident(), make.incident()
    Incident.objects.filter(pk=one.pk).update(suggested_layer="latency", suggestion={"mode": mode})
    Incident.objects.filter(pk=other.pk).update(suggested_layer="org", suggestion={"layer": "org"})
    numbers = {"number": [one.pk, other.pk, none.pk]}
    assert "Of each what its alerts suggest" in responder.get("/board/resolve/", numbers).content.decode()
    responder.post("/board/resolve/", {**numbers, "what": "suggested"})
    found = {finding.incident_id: (finding.layer, finding.mode_id) for finding in Finding.objects.all()}
    assert found == {one.pk: ("latency", mode), other.pk: ("org", None)}


def test_a_bad_time_keeps_what_was_typed(responder: Client) -> None:
    incident = make.incident()
    said = {"number": incident.pk, "evidence": "what I typed", "resolved_at": "2999-01-01T00:00"}
    answer = responder.post("/board/resolve/", said)
    assert answer.status_code == 422
    assert "what I typed" in answer.content.decode()
    assert "future" in answer.content.decode()


def test_resolving_without_a_tick_says_so(responder: Client) -> None:
    answer = responder.get("/board/resolve/", {"back": "layer=data"}, follow=True)
    assert answer.redirect_chain == [("/?layer=data", 302)]
    assert "Tick at least one incident." in answer.content.decode()


# ---- over the API ----


def test_the_api_reports_what_was_left(responder: Client) -> None:
    free, over = make.incident(), lifecycle.resolve(make.incident(), by=make.person(), now=LATER)
    said = {"numbers": [free.pk, over.pk, NOWHERE], "first_blame": "data"}
    answer = responder.post("/api/v1/incidents/acknowledge-many/", said, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["done"] == [free.pk]
    assert [(one["number"], one["code"]) for one in answer.json()["left"]] == [
        (over.pk, "not_open"),
        (NOWHERE, "not_found"),
    ]
    ended = responder.post(
        "/api/v1/incidents/resolve-many/",
        {"numbers": [free.pk], "layer": "data", "evidence": "seen"},
        content_type="application/json",
    )
    assert ended.json() == {"done": [free.pk], "left": []}
    assert Finding.objects.get().evidence == "seen"


def test_the_api_refuses_viewers_and_none(responder: Client) -> None:
    viewer = Client()
    viewer.force_login(make.person(role="viewer"))
    for act in ("acknowledge-many", "resolve-many"):
        address = f"/api/v1/incidents/{act}/"
        assert viewer.post(address, {"numbers": [1]}, content_type="application/json").status_code == 403
        assert responder.post(address, {"numbers": []}, content_type="application/json").status_code == 422
