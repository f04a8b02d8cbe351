"""Rules at work: what the digest makes of them, by which version, and what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.alerts import digest, ruling, severity
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.models import Alert
from incidents.alerts.rule_models import AlertRule, SeverityTable
from incidents.alerts.ruling import Wanted
from incidents.response import lifecycle
from incidents.response.models import FailureMode, Finding, Incident
from ownership.models import Alias, Component, Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Person:
    return make.person("Maya", role="editor")


@pytest.fixture
def service() -> Service:
    return make.service("Fraud score", owner=make.person("Priya Nair"), tier="t1")


@pytest.fixture
def pipeline(service: Service) -> Component:
    return make.component("Feature pipeline", of=service)


def job(*values: str, how: str = "glob") -> Condition:
    return Condition("label", how, values, "job")


def rule(by: Person, *asked: Condition, book: str = "subject", **said: Any) -> AlertRule:
    return ruling.make(book, Wanted(asked, **said), by=by, now=NOON)


def only_alert() -> Alert:
    return Alert.objects.select_related("incident", "rule").get()


# ---- who it hits ----


def test_a_rule_says_who_is_hit_and_the_reason_names_its_version(editor: Person, pipeline: Component) -> None:
    made = rule(editor, job("feat-*"), component=pipeline)
    am.send(am.source(), am.alert("Late", job="feat-age", severity="critical"))
    alert = only_alert()
    assert (alert.component, alert.service_id, alert.rule) == (pipeline, pipeline.parts.get().service_id, made)
    assert alert.why.startswith("rule 1 v1: label job=feat-age → Feature pipeline → Fraud score")
    assert alert.incident is not None
    assert (alert.incident.service_id, alert.incident.severity) == (alert.service_id, "sev1")
    assert alert.incident.chain["accountable"]["name"] == "Priya Nair"
    assert "rule 1 v1" in alert.incident.chain["why"]


def test_a_rule_may_name_a_service(editor: Person, service: Service) -> None:
    rule(editor, Condition("title", "words", ("feature age",)), service=service)
    am.send(am.source(), am.alert(summary="Feature age is 3 h"))
    assert (only_alert().component, only_alert().service) == (None, service)
    assert "rule 1 v1: “feature age” in its title → Fraud score" in only_alert().why


def test_an_exact_alias_comes_first_and_names_after(editor: Person, pipeline: Component) -> None:
    other = make.component("Index", of=make.service("Answers"))
    Alias.objects.create(component=other, system="job", key="feat-index")
    rule(editor, job("feat-*"), component=pipeline)
    source = am.source()
    am.send(source, am.alert("A", job="feat-index"))
    assert (only_alert().component, only_alert().rule) == (other, None)
    am.send(source, am.alert("B", job="feat-age", component="Index"))
    named = Alert.objects.get(name="B")
    assert (named.component, named.rule is not None) == (pipeline, True)


def test_the_first_rule_that_fits_decides(editor: Person, service: Service, pipeline: Component) -> None:
    first = rule(editor, job("feat-a*"), service=service)
    rule(editor, job("feat-*"), component=pipeline)
    am.send(am.source(), am.alert(job="feat-age"))
    assert only_alert().rule == first
    ruling.move(first, to=1, by=editor, now=NOON)
    am.send(am.source(), am.alert("Other", job="feat-age"), at=minutes(1))
    assert str(Alert.objects.get(name="Other").rule) == "rule 2 v1"


def test_a_service_label_chooses_among_the_services_of_a_rules_component(editor: Person, pipeline: Component) -> None:
    other = make.service("Ranking", tier="t4")
    other.parts.create(component=pipeline, role="supporting")
    rule(editor, job("feat-*"), component=pipeline)
    am.send(am.source(), am.alert(job="feat-age", service="ranking"))
    assert only_alert().service == other
    assert "named by its service label" in only_alert().why


@pytest.mark.parametrize("asleep", ["off", "retired", "deleted"])
def test_a_rule_that_is_off_deleted_or_names_what_was_retired_leaves_it_to_the_next(
    editor: Person, service: Service, pipeline: Component, asleep: str
) -> None:
    sleeping = rule(editor, job("feat-*"), component=pipeline)
    awake = rule(editor, job("*"), service=service)
    if asleep == "off":
        ruling.switch(sleeping, on=False, by=editor, now=NOON)
    elif asleep == "deleted":
        ruling.end(sleeping, by=editor, now=NOON)
    else:
        Component.objects.update(retired_at=NOON)
    am.send(am.source(), am.alert(job="feat-age"))
    assert only_alert().rule == awake


def test_what_no_rule_fits_stays_nobodys(editor: Person, pipeline: Component) -> None:
    rule(editor, job("feat-*"), component=pipeline)
    am.send(am.source(), am.alert(job="indexer"))
    assert (only_alert().service, only_alert().rule) == (None, None)
    assert "no alias, component or service fits" in only_alert().why


def test_a_source_and_its_kind_can_be_asked_for(editor: Person, service: Service, pipeline: Component) -> None:
    batch, other = am.source("Batch"), am.source("Web")
    rule(
        editor, Condition("source", "is", (str(batch.pk),)), Condition("kind", "is", ("alertmanager",)), service=service
    )
    am.send(other, am.alert("A"))
    assert only_alert().rule is None
    am.send(batch, am.alert("B"))
    assert "rule 1 v1: source Batch and kind alertmanager" in Alert.objects.get(name="B").why


def test_an_edit_decides_from_then_on_and_the_old_version_stays(
    editor: Person, service: Service, pipeline: Component
) -> None:
    first = rule(editor, job("feat-*"), component=pipeline)
    source = am.source()
    am.send(source, am.alert("A", job="feat-age"))
    second = ruling.edit(first, Wanted([job("feat-*")], service=service), seen=1, by=editor, now=minutes(1))
    am.send(source, am.alert("B", job="feat-age"), at=minutes(2))
    assert [str(alert.rule) for alert in Alert.objects.order_by("pk")] == ["rule 1 v1", "rule 1 v2"]
    first.refresh_from_db()
    assert (first.component, first.superseded_at, second.known_from) == (pipeline, minutes(1), minutes(1))


def test_a_version_cannot_be_changed_or_deleted(editor: Person, pipeline: Component) -> None:
    made = rule(editor, job("feat-*"), component=pipeline)
    for change in (lambda rows: rows.update(note="otherwise"), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError, match="superseded, never changed"), transaction.atomic():
            change(AlertRule.objects.filter(pk=made.pk))


# ---- which layer ----


def test_a_built_in_rule_suggests_a_layer_for_alert_and_incident() -> None:
    am.send(am.source(), am.alert("SchemaMismatch", summary="Schema drift in orders: column gone"))
    alert = only_alert()
    assert alert.layer == "data"
    assert alert.suggestion == {
        "layer": "data",
        "mode": "data.schema_drift",
        "book": "built_in",
        "rule": "data.schema",
        "version": 1,
        "name": "the shape of the data changed",
        "matched": "“schema mismatch” in its text",
        "why": "built-in rule data.schema v1: “schema mismatch” in its text",
    }
    assert alert.incident is not None
    assert (alert.incident.suggested_layer, alert.incident.suggestion) == ("data", alert.suggestion)
    assert alert.incident.first_blame == ""


def test_own_rules_come_first_and_built_in_ones_can_be_switched_off(editor: Person) -> None:
    source = am.source()
    rule(editor, Condition("text", "words", ("orders",)), book="layer", layer="model")
    am.send(source, am.alert("A", summary="Schema drift in orders"))
    assert only_alert().suggestion["why"] == "layer rule 1 v1: “orders” in its text"
    assert only_alert().layer == "model"
    ruling.switch_built_in("data.schema", on=False, by=editor, now=NOON)
    am.send(source, am.alert("B", summary="Schema mismatch in prices"))
    assert Alert.objects.get(name="B").layer == ""
    ruling.switch_built_in("data.schema", on=True, by=editor, now=NOON)
    am.send(source, am.alert("C", summary="Schema mismatch in prices"))
    assert Alert.objects.get(name="C").layer == "data"


def test_the_first_member_that_suggests_a_layer_does_so_for_the_incident(service: Service) -> None:
    source = am.source()
    am.send(source, am.alert("Weather", summary="It rains", service="fraud-score"))
    assert Incident.objects.get().suggested_layer == ""
    am.send(source, am.alert("Slow", summary="Too slow", service="fraud-score"), at=minutes(1))
    am.send(source, am.alert("Stale", summary="Stale data", service="fraud-score"), at=minutes(2))
    incident = Incident.objects.get()
    assert (incident.suggested_layer, incident.suggestion["rule"]) == ("latency", "latency.tail")


def test_a_test_alert_suggests_nothing_and_meets_no_rule(editor: Person, service: Service) -> None:
    from incidents.alerts import intake

    rule(editor, Condition("title", "glob", ("*",)), service=service)
    intake.send_test(am.source(), by=editor, now=NOON)
    am.drain()
    assert {(one.rule, one.layer, one.service) for one in Alert.objects.all()} == {(None, "", None)}


def test_what_is_kept_stays_when_an_alert_repeats_and_is_cut() -> None:
    source = am.source()
    am.send(source, am.alert("A", summary="Too slow"))
    am.send(source, am.alert("A", summary="It rains", starts=minutes(10)), at=minutes(10))
    am.send(source, am.alert("A", summary="It rains", ends=minutes(5)), at=minutes(11))
    assert list(Alert.objects.values_list("layer", "suggestion__rule")) == [("latency", "latency.tail")] * 2


def test_resolving_begins_with_the_suggestion_and_leaves_blame_alone(client: Any) -> None:
    am.send(am.source(), am.alert("A", summary="Schema drift in orders"))
    incident, responder = Incident.objects.get(), make.person()
    client.force_login(responder)
    page = client.get(f"/incidents/{incident.pk}/resolve/")
    assert page.context["form"]["what"].value() == "data.schema_drift"
    assert "built-in rule data.schema v1" in page.content.decode()
    lifecycle.resolve(
        incident,
        by=responder,
        now=minutes(5),
        mode=FailureMode.objects.get(code="latency.cold_start"),
        evidence="trace",
        despite=["still_firing"],
    )
    incident.refresh_from_db()
    assert (incident.first_blame, incident.suggested_layer, Finding.objects.get().layer) == ("", "data", "latency")


# ---- how bad ----


def test_an_edited_table_decides_and_the_reason_names_its_version(editor: Person, service: Service) -> None:
    cells = {tier: [sev.value for sev in row] for tier, row in severity.SHIPPED.cells.items()}
    made = severity.revise({**cells, "t1": ["sev2", "sev2", "sev3", "sev4"]}, seen=1, by=editor, now=NOON)
    assert (made.version, severity.current()) == (2, made)
    am.send(am.source(), am.alert(severity="critical", service="fraud-score"))
    incident = Incident.objects.get()
    assert incident.severity == "sev2"
    assert "SEV2 because tier 1 × critical (severity table v2)" in incident.timeline.get(kind="routed").why
    am.send(am.source(), am.alert("B", severity="wobbly", service="fraud-score"))
    assert Incident.objects.get().severity == "sev2"


def test_the_table_is_superseded_never_overwritten(editor: Person) -> None:
    cells = {tier: ["sev4"] * 4 for tier in severity.SHIPPED.cells}
    severity.revise(cells, seen=1, by=editor, now=NOON)
    assert severity.revise(cells, seen=2, by=editor, now=minutes(1)).version == 2, "the same makes no version"
    severity.revise({**cells, "t1": ["sev1"] * 4}, seen=2, by=editor, now=minutes(2))
    assert list(SeverityTable.objects.order_by("version").values_list("version", "superseded_at")) == [
        (2, minutes(2)),
        (3, None),
    ]
    with pytest.raises(severity.TableChanged):
        severity.revise(cells, seen=2, by=editor, now=minutes(3))
    with pytest.raises(IntegrityError, match="superseded, never changed"), transaction.atomic():
        SeverityTable.objects.filter(version=3).update(cells={})


def test_an_incident_that_learns_its_service_late_is_graded_by_the_table_of_then(
    editor: Person, service: Service
) -> None:
    am.send(am.source(), am.alert(job="x", severity="critical"))
    cells = {tier: ["sev3"] * 4 for tier in severity.SHIPPED.cells}
    severity.revise(cells, seen=1, by=editor, now=NOON)
    incident = lifecycle.set_service(Incident.objects.get(), service=service, by=editor, now=minutes(1))
    incident.refresh_from_db()
    assert incident.severity == "sev3"
    assert "severity table v2" in incident.timeline.get(kind="severity").why


# ---- set-wise ----


@pytest.mark.parametrize("count", [0, 1, 40])
def test_any_number_of_rules_takes_the_same_number_of_statements(
    editor: Person, service: Service, pipeline: Component, count: int
) -> None:
    for number in range(count):
        rule(editor, job(f"feat-{number}-*"), Condition("text", "words", ("slow",)), component=pipeline)
        rule(editor, Condition("text", "words", (f"word{number}",)), book="layer", layer="org")
    am.deliver(
        am.source(), *[am.alert(f"A{n}", summary="slow", job=f"feat-{n}-x", service="fraud-score") for n in range(30)]
    )
    with CaptureQueriesContext(connection) as captured:
        assert digest.batch(now=NOON) == 1
    reads = [one["sql"] for one in captured if "incidents_alertrule" in one["sql"] and one["sql"].startswith("SELECT")]
    assert len(reads) == 1
    assert len([one for one in captured if "incidents_severitytable" in one["sql"]]) == 1
    assert Alert.objects.filter(rule__isnull=False).count() == min(count, 30)
