"""From deliveries to alerts and incidents, through the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.alerts import digest
from incidents.alerts.models import Alert
from incidents.response import lifecycle
from incidents.response.models import AffectedService, Incident, TimelineRow
from incidents.response.vocabulary import TimelineKind
from ownership.models import Alias, Part
from ownership.vocabulary import PartRole
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


def only_incident() -> Incident:
    return Incident.objects.get()


# ---- the subject, its owner, the reasons ----


def test_an_alert_becomes_an_owned_incident() -> None:
    priya = make.person("Priya Nair")
    service = make.service("Support answers", owner=priya, tier="t2")
    retriever = make.component("Retriever", of=service)
    Alias.objects.create(component=retriever, system="component", key="retriever")
    am.send(
        am.source("Main cluster"),
        am.alert("HighLatency", severity="critical", summary="p99 is 3.4 s", component="retriever"),
    )
    incident = only_incident()
    assert (incident.title, incident.service, incident.component) == ("p99 is 3.4 s", service, retriever)
    assert (incident.severity, incident.declared_via, incident.detected_by) == ("sev2", "alert", "monitor")
    assert incident.detected_at == incident.last_alert_at == NOON
    assert incident.joinable
    assert incident.chain["accountable"]["name"] == "Priya Nair"
    assert "label component=retriever (alias) → Retriever → Support answers" in incident.chain["why"]
    alert = Alert.objects.get()
    assert (alert.incident, alert.component, alert.service) == (incident, retriever, service)
    assert alert.name == "HighLatency"
    assert "component=retriever" in alert.why
    assert am.kinds(incident) == ["routed", "alert_firing"]
    routed = TimelineRow.objects.get(kind="routed")
    assert "Priya Nair answers" in routed.text
    assert "SEV2 because tier 2 × critical" in routed.why


def test_the_chain_names_who_answered_when_it_began() -> None:
    service = make.service("Support answers")
    make.assignment(service, make.person("Before"), until=minutes(-30))
    make.assignment(service, make.person("After"), since=minutes(-30))
    am.send(am.source(), am.alert(starts=minutes(-60), service="Support answers"))
    assert only_incident().chain["accountable"]["name"] == "Before"


def test_what_nothing_resolves_opens_an_incident_that_nobody_answers_for() -> None:
    source = am.source("Main cluster")
    am.send(source, am.alert("Strange", job="unheard-of", severity="critical"))
    am.send(source, am.alert("Strange", job="another", severity="critical"), at=minutes(1))
    am.send(source, am.alert("Stranger", job="unheard-of"), at=minutes(2))
    first, second = Incident.objects.order_by("pk")
    assert first.service is None
    assert first.severity == "pending"
    assert first.chain["accountable"] is None
    assert "no alias, component or service fits" in first.chain["why"]
    assert first.grouping_key == f"unrouted:{source.pk}:Strange"
    assert Alert.objects.filter(incident=first).count() == 2
    assert second.grouping_key == f"unrouted:{source.pk}:Stranger"


def test_further_services_of_a_component_are_listed_as_affected() -> None:
    answers, search = make.service("Answers", tier="t1"), make.service("Search", tier="t3")
    index = make.component("Index", of=answers)
    Part.objects.create(service=search, component=index, role=PartRole.SUPPORTING)
    am.send(am.source(), am.alert(component="index"), am.alert("Second", component="index"))
    assert only_incident().service == answers
    affected = AffectedService.objects.get()
    assert affected.service == search
    assert "Index" in affected.why


# ---- grouping ----


def test_further_alerts_of_the_service_join_and_say_why() -> None:
    make.service("Support answers")
    source = am.source()
    am.send(source, am.alert("HighLatency", service="support-answers"))
    am.send(source, am.alert("ErrorRate", service="support-answers", starts=minutes(20)), at=minutes(20))
    am.send(source, am.alert("QueueFull", service="support-answers", starts=minutes(45)), at=minutes(45))
    incident = only_incident()
    assert Alert.objects.filter(incident=incident).count() == 3
    assert incident.last_alert_at == minutes(45)
    assert am.kinds(incident) == ["routed", "alert_firing", "alert_firing", "alert_firing"]
    joined = TimelineRow.objects.filter(kind="alert_firing").order_by("at").last()
    assert joined is not None
    assert "Support answers was less than 30 min before" in joined.why


def test_past_the_window_a_new_incident_opens_and_the_old_one_takes_no_more() -> None:
    make.service("Support answers")
    source = am.source()
    am.send(source, am.alert("One", service="support-answers"))
    am.send(source, am.alert("Two", service="support-answers", starts=minutes(31)), at=minutes(31))
    am.send(source, am.alert("Three", service="support-answers", starts=minutes(40)), at=minutes(40))
    old, new = Incident.objects.order_by("pk")
    assert (old.joinable, new.joinable) == (False, True)
    assert Alert.objects.filter(incident=new).count() == 2


def test_the_window_is_crossed_inside_one_batch_too() -> None:
    make.service("Support answers")
    batch = [am.alert("One", service="support-answers"), am.alert("Two", service="support-answers", starts=minutes(31))]
    am.send(am.source(), *batch, at=NOON)
    assert list(Incident.objects.order_by("pk").values_list("joinable", flat=True)) == [False, True]


def test_an_incident_has_a_maximum_length() -> None:
    make.service("Support answers")
    source = am.source()
    for step in range(74):  # every 20 minutes, so always within the window
        at = minutes(20 * step)
        am.send(source, am.alert(f"A{step}", service="support-answers", starts=at), at=at)
    first, second = Incident.objects.order_by("pk")
    assert Alert.objects.filter(incident=first).count() == 73
    assert second.opened_at == minutes(20 * 73)


def test_an_alert_that_began_long_ago_joins_the_one_open_now() -> None:
    """A source connected late tells of what has been firing for days: one incident, not one for each day."""
    make.service("Support answers")
    old = [am.alert(f"A{day}", service="support-answers", starts=NOON - timedelta(days=day)) for day in (3, 2, 0)]
    am.send(am.source(), *old)
    assert only_incident().detected_at == NOON - timedelta(days=3)


def test_the_worst_member_raises_the_severity_unless_a_person_set_it() -> None:
    make.service("Support answers", tier="t1")
    source = am.source()
    am.send(source, am.alert("A", severity="info", service="support-answers"))
    assert only_incident().severity == "sev4"
    am.send(source, am.alert("B", severity="critical", service="support-answers"), at=minutes(1))
    assert only_incident().severity == "sev1"
    raised = TimelineRow.objects.get(kind="severity")
    assert (raised.text, "tier 1 × critical" in raised.why) == ("SEV4 → SEV1", True)
    lifecycle.set_severity(only_incident(), severity="sev3", by=make.person(), now=minutes(2))
    am.send(source, am.alert("C", severity="critical", service="support-answers"), at=minutes(3))
    assert only_incident().severity == "sev3"


def test_an_unknown_severity_stays_unknown_and_pending() -> None:
    make.service("Support answers", tier="t1")
    am.send(am.source(), am.alert(severity="critic", service="support-answers"))
    assert (only_incident().severity, Alert.objects.get().severity) == ("pending", "unknown")
    assert Alert.objects.get().severity_raw == "critic"


def test_joining_burns_no_incident_numbers() -> None:
    make.service("Support answers")
    source = am.source()
    am.send(source, am.alert("First", service="support-answers"))
    for step in range(5):
        am.send(source, am.alert(f"A{step}", service="support-answers"), at=minutes(step))
    am.send(source, am.alert("Strange"), at=minutes(6))
    first, second = Incident.objects.order_by("pk")
    assert second.pk == first.pk + 1


# ---- repeats, resolves, episodes ----


def test_a_repeat_counts_up_and_writes_no_row() -> None:
    source = am.source()
    for step in range(3):
        am.send(source, am.alert(), at=minutes(step))
    alert = Alert.objects.get()
    assert (alert.times_seen, alert.received_at, alert.last_received_at) == (3, NOON, minutes(2))
    assert am.kinds(only_incident()) == ["routed", "alert_firing"]


def test_thirty_instances_of_one_sort_write_one_row_each_way() -> None:
    make.service("Support answers")
    source = am.source()
    firing = [am.alert("Down", service="support-answers", instance=f"node{n}") for n in range(30)]
    am.send(source, *firing)
    am.send(source, *[{**one, "status": "resolved", "endsAt": minutes(5).isoformat()} for one in firing[:29]])
    assert am.kinds(only_incident()) == ["routed", "alert_firing"]
    am.send(source, {**firing[29], "status": "resolved", "endsAt": minutes(6).isoformat()}, at=minutes(6))
    assert am.kinds(only_incident()) == ["routed", "alert_firing", "alert_resolved"]
    assert TimelineRow.objects.get(kind="alert_resolved").at == minutes(6)
    assert "29 more" in TimelineRow.objects.get(kind="alert_firing").text


def test_a_resolve_ends_the_alert_and_a_newer_start_is_a_new_episode() -> None:
    source = am.source()
    am.send(source, am.alert())
    am.send(source, am.alert(ends=minutes(5)), at=minutes(5))
    am.send(source, am.alert(starts=minutes(9)), at=minutes(9))
    old, new = Alert.objects.order_by("started_at")
    assert (old.resolved_at, new.resolved_at) == (minutes(5), None)
    assert old.incident == new.incident
    assert am.kinds(only_incident()) == ["routed", "alert_firing", "alert_resolved", "alert_firing"]


def test_an_alert_keeps_its_name_when_it_resolves() -> None:
    source = am.source()
    am.send(source, am.alert("IndexStale", summary="The index is two days old", job="indexer"))
    am.send(source, am.alert("IndexStale", ends=minutes(2), job="indexer"), at=minutes(2))
    told = TimelineRow.objects.filter(kind__in=[TimelineKind.ALERT_FIRING, TimelineKind.ALERT_RESOLVED])
    assert [row.text for row in told] == ["The index is two days old"] * 2


def test_a_late_firing_does_not_reopen() -> None:
    source = am.source()
    am.send(source, am.alert())
    am.send(source, am.alert(ends=minutes(5)), at=minutes(5))
    am.send(source, am.alert(), at=minutes(6))
    alert = Alert.objects.get()
    assert (alert.resolved_at, alert.times_seen) == (minutes(5), 2)


def test_a_resolve_that_overtakes_its_firing_is_held() -> None:
    source = am.source()
    am.send(source, am.alert(ends=minutes(5)), at=minutes(5))
    held = Alert.objects.get()
    assert (held.times_seen, held.incident) == (0, None)
    assert not Incident.objects.exists()
    am.send(source, am.alert(), at=minutes(6))
    alert = Alert.objects.get()
    assert (alert.times_seen, alert.started_at, alert.resolved_at) == (1, NOON, minutes(5))
    assert am.kinds(only_incident()) == ["routed", "alert_firing", "alert_resolved"]


def test_a_late_resolve_splits_two_episodes_that_ran_together() -> None:
    source = am.source()
    am.send(source, am.alert())
    am.send(source, am.alert(starts=minutes(10)), at=minutes(10))
    am.send(source, am.alert(ends=minutes(5)), at=minutes(11))
    first, second = Alert.objects.order_by("started_at")
    assert (first.started_at, first.resolved_at, first.times_seen) == (NOON, minutes(5), 1)
    assert (second.started_at, second.resolved_at, second.title) == (minutes(10), None, first.title)
    assert first.incident == second.incident


def test_two_late_resolves_in_one_batch_cut_twice() -> None:
    source = am.source()
    for minute in (2, 6, 10):
        am.send(source, am.alert(starts=minutes(minute)), at=minutes(11))
    late = [am.alert(starts=minutes(begin), ends=minutes(end)) for begin, end in ((2, 4), (6, 8))]
    assert am.send(source, *late, at=minutes(12)).reason == ""
    found = Alert.objects.order_by("started_at").values_list("started_at", "resolved_at", "title", "incident")
    title, incident = "HighLatency is firing", only_incident().pk
    assert list(found) == [
        (minutes(2), minutes(4), title, incident),
        (minutes(6), minutes(8), title, incident),
        (minutes(10), None, title, incident),
    ]


def test_an_older_firing_moves_the_beginning_of_its_incident() -> None:
    source = am.source()
    am.send(source, am.alert(starts=minutes(9)), at=minutes(10))
    am.send(source, am.alert(starts=minutes(3)), at=minutes(11))
    incident = only_incident()
    assert (incident.detected_at, incident.last_alert_at) == (minutes(3), minutes(9))
    am.send(source, am.alert(starts=minutes(3), ends=minutes(7)), at=minutes(12))
    incident.refresh_from_db()
    assert (incident.detected_at, incident.last_alert_at) == (minutes(3), minutes(9))


def test_two_alerts_of_one_fingerprint_in_one_batch() -> None:
    """vmalert sends the end of one episode and the beginning of the next together."""
    pair = [am.alert(starts=minutes(10), fingerprint="f1"), am.alert(ends=minutes(5), fingerprint="f1")]
    am.send(am.source(), am.alert(fingerprint="f1"))
    am.send(Alert.objects.get().source, *pair, at=minutes(10))
    first, second = Alert.objects.order_by("started_at")
    assert (first.resolved_at, second.resolved_at) == (minutes(5), None)


def test_the_same_fingerprint_at_another_source_is_another_alert() -> None:
    am.send(am.source(), am.alert(fingerprint="f1"))
    am.send(am.source(), am.alert(fingerprint="f1"))
    assert Alert.objects.count() == 2


def test_a_clock_of_tomorrow_is_not_believed() -> None:
    am.send(am.source(), am.alert(starts=NOON + timedelta(days=2)))
    assert Alert.objects.get().started_at == NOON


# ---- set-wise ----


@pytest.mark.parametrize(("deliveries", "alerts"), [(1, 1), (1, 30), (20, 30)])
def test_any_batch_takes_the_same_number_of_statements(deliveries: int, alerts: int) -> None:
    for number in range(3):
        make.component(f"s{number}", of=make.service(f"s{number}", owner=make.person()))
    source = am.source()
    counted = []
    for said in ({"starts": NOON}, {"starts": NOON, "ends": minutes(1)}, {"starts": minutes(2)}):
        for number in range(deliveries):
            batch = [
                am.alert(f"A{one}", component=f"s{one % 3}", instance=f"{number}-{one}", **said)
                for one in range(alerts)
            ]
            am.deliver(source, *batch, at=minutes(2))
        with CaptureQueriesContext(connection) as captured:
            assert digest.batch(now=minutes(2)) == deliveries
        counted.append(len(captured))
    assert Alert.objects.count() == 2 * deliveries * alerts
    assert counted == [25, 14, 27]  # new problems, their ends, and the same again; savepoint and its release among them


def test_a_batch_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    source = am.source()
    for _ in range(3):
        am.deliver(source, am.alert())
    monkeypatch.setattr(digest, "BATCH_BYTES", 600)
    assert digest.batch(now=NOON) == 1


def test_a_batch_spans_few_seconds_of_receipt() -> None:
    source = am.source()
    for minute in (0, 0.05, 0.1, 0.15):
        am.deliver(source, am.alert(), at=minutes(minute))
    assert [digest.batch(now=NOON) for _ in range(3)] == [2, 2, 0]


def test_nothing_waiting_is_a_turn_and_a_look() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert digest.batch(now=NOON) == 0
    assert len([query for query in captured if "SELECT" in query["sql"]]) == 2
