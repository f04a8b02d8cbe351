"""An incident's life through the acts, and what the database holds by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incidents.response import blaming, chains, findings, impacts, lifecycle
from incidents.response.blaming import FirstBlameFrozen
from incidents.response.impacts import Impact
from incidents.response.locking import NotOpen, NotResolved
from incidents.response.models import FailureMode, Finding, Incident, IncidentVersion, TimelineRow
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def kinds(incident: Incident) -> list[str]:
    """The timeline's kinds in the order they were written."""
    return list(TimelineRow.objects.filter(incident=incident).order_by("pk").values_list("kind", flat=True))


def test_declaring_keeps_who_answered_then() -> None:
    priya = make.person("Priya Nair")
    service = make.service("Support answers", owner=priya)
    incident = make.incident("Slow answers", service=service, first_blame="model", severity="sev2")
    assert incident.chain["accountable"]["name"] == "Priya Nair"
    assert incident.chain["service"]["name"] == "Support answers"
    assert incident.state == "open"
    assert kinds(incident) == ["declared", "first_blame"]


def test_declaring_keeps_who_was_asked_then() -> None:
    ada = make.person("Ada")
    team = make.service("Owned")
    make.assignment(team, make.team("Payments team", ada), answering=ada)
    chain = make.incident(service=team).chain
    assert (chain["asked"]["name"], chain["asked"]["answering"]["name"], chain["asked_as"]) == (
        "Payments team",
        "Ada",
        "accountable",
    )
    alone = make.service("Left alone")
    make.assignment(alone, make.person("Grace"), role="deputy")
    chain = make.incident(service=alone).chain
    assert (chain["accountable"], chain["asked"]["name"], chain["asked_as"]) == (None, "Grace", "deputy")
    assert make.incident().chain["asked"] is None


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("accountable", "Grace answers"),
        ("deputy", "nobody answers for it; Grace stands in as deputy"),
        ("escalation", "nobody answers for it; Grace stands in as next to call"),
        ("custodian", "nobody answers for it yet"),
    ],
)
def test_a_snapshot_says_who_was_asked(role: str, words: str) -> None:
    service = make.service()
    make.assignment(service, make.person("Grace"), role=role)
    assert chains.words(make.incident(service=service).chain) == words


def test_declared_for_last_week_names_the_owner_of_last_week() -> None:
    before, after = make.person("Before"), make.person("After")
    service = make.service()
    make.assignment(service, before, until=NOON - timedelta(days=3))
    make.assignment(service, after, since=NOON - timedelta(days=3))
    incident = make.incident(service=service, detected_at=NOON - timedelta(days=7))
    assert incident.chain["accountable"]["name"] == "Before"


@pytest.mark.parametrize("field", ["detected_at", "impact_from"])
def test_nothing_is_declared_for_the_future(field: str) -> None:
    later = NOON + HOUR
    said = {"detected_at": later} if field == "detected_at" else {"began": Impact("exact", later)}
    with pytest.raises(Invalid) as refused:
        make.incident(**said)
    assert refused.value.field == field
    assert not Incident.objects.exists()


def test_a_year_that_slipped_is_refused() -> None:
    with pytest.raises(Invalid, match="before the year 2000") as refused:
        make.incident(began=Impact("day", NOON.replace(year=206)))
    assert refused.value.field == "impact_from"


@pytest.mark.parametrize(
    "began",
    [
        Impact("exact"),
        Impact("unknown", NOON),
        Impact("between", NOON),
        Impact("between", NOON, NOON - HOUR),
        Impact("hour", NOON - HOUR, NOON),
    ],
)
def test_impact_must_fit_its_precision(began: Impact) -> None:
    with pytest.raises(ConstraintBroken) as refused:
        make.incident(began=began)
    assert refused.value.code == "impact_incomplete"
    assert refused.value.field == "impact_from"


def test_acknowledging_twice_is_once_and_gives_the_ball() -> None:
    maya, tomas = make.person("Maya"), make.person("Tomás")
    incident = make.incident(by=tomas)
    lifecycle.acknowledge(incident, by=maya, now=NOON + HOUR, first_blame="latency")
    after = lifecycle.acknowledge(incident, by=tomas, now=NOON + 2 * HOUR)
    assert (after.acknowledged_by, after.acknowledged_at, after.ball) == (maya, NOON + HOUR, maya)
    assert kinds(incident) == ["declared", "acknowledged", "first_blame"]


def test_first_blame_is_frozen_for_acts_and_for_sql() -> None:
    maya = make.person()
    incident = make.incident(by=maya, first_blame="model")
    with pytest.raises(FirstBlameFrozen):
        blaming.blame(incident, layer="data", by=maya, now=NOON)
    with pytest.raises(FirstBlameFrozen):
        lifecycle.acknowledge(incident, by=maya, now=NOON, first_blame="data")
    assert Incident.objects.get(pk=incident.pk).state == "open"
    lifecycle.acknowledge(incident, by=maya, now=NOON, first_blame="model")
    assert Incident.objects.get(pk=incident.pk).first_blame == "model"
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(first_blame="data")


def test_timeline_refuses_change_and_deletion() -> None:
    incident = make.incident()
    rows = TimelineRow.objects.filter(incident=incident)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.update(text="nothing happened")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.delete()


def test_an_empty_note_is_refused_beside_its_field() -> None:
    incident = make.incident()
    with pytest.raises(Invalid) as refused:
        lifecycle.note(incident, text="  ", by=make.person(), now=NOON)
    assert refused.value.field == "text"
    assert kinds(incident) == ["declared"]


def test_resolving_with_a_mode_leaves_one_provisional_primary_finding() -> None:
    maya = make.person()
    incident = make.incident(by=maya)
    mode = FailureMode.objects.get(code="latency.cold_start")
    lifecycle.resolve(incident, by=maya, now=NOON + HOUR, mode=mode, evidence=" trace ")
    found = Finding.objects.get(incident=incident)
    assert (found.layer, found.mode, found.state, found.primary) == ("latency", mode, "provisional", True)
    assert found.evidence == "trace"
    assert Incident.objects.get(pk=incident.pk).state == "resolved"


def test_resolving_with_not_known_says_so_and_finds_nothing() -> None:
    incident = make.incident()
    lifecycle.resolve(incident, by=make.person(), now=NOON + HOUR)
    assert not Finding.objects.exists()
    assert "not known" in TimelineRow.objects.get(incident=incident, kind="resolved").text


def test_resolving_before_it_began_is_refused_and_changes_nothing() -> None:
    incident = make.incident(began=Impact("exact", NOON - HOUR))
    with pytest.raises(Invalid) as refused:
        lifecycle.resolve(incident, by=make.person(), now=NOON + HOUR, at=NOON - 2 * HOUR)
    assert refused.value.field == "resolved_at"
    assert Incident.objects.get(pk=incident.pk).resolved_at is None


def test_the_database_refuses_times_out_of_order_too() -> None:
    incident = make.incident(began=Impact("exact", NOON - HOUR))
    with pytest.raises(IntegrityError, match="incident_impact_before_resolved"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(
            resolved_at=NOON - 2 * HOUR, resolved_by=make.person(), resolved_how="person"
        )


def test_resolve_and_reopen_refuse_the_wrong_state() -> None:
    maya = make.person()
    incident = make.incident(by=maya)
    with pytest.raises(NotResolved):
        lifecycle.reopen(incident, reason="again", by=maya, now=NOON)
    lifecycle.resolve(incident, by=maya, now=NOON + HOUR)
    with pytest.raises(NotOpen):
        lifecycle.resolve(incident, by=maya, now=NOON + HOUR)
    with pytest.raises(NotOpen):
        lifecycle.acknowledge(incident, by=maya, now=NOON + HOUR)
    assert lifecycle.reopen(incident, reason="back again", by=maya, now=NOON + HOUR).state == "open"


@pytest.mark.django_db(transaction=True)
def test_superseded_times_and_severity_stay_in_the_versions() -> None:
    maya = make.person()
    incident = make.incident(by=maya, severity="sev3")
    lifecycle.set_severity(incident, severity="sev1", by=maya, now=NOON)
    impacts.set_impact(incident, impact="all", began=Impact("exact", NOON - HOUR), detected_by="", by=maya, now=NOON)
    versions = list(IncidentVersion.objects.filter(incident=incident).order_by("pk"))
    assert [(version.severity, version.impact_from) for version in versions] == [
        ("sev3", None),
        ("sev1", None),
        ("sev1", NOON - HOUR),
    ]
    assert [version.superseded_at for version in versions[:-1]] == [version.known_from for version in versions[1:]]
    assert versions[-1].superseded_at is None


def test_setting_the_service_brings_its_owner_as_of_detection() -> None:
    priya, maya = make.person("Priya"), make.person()
    service = make.service(owner=priya)
    part = make.component(of=service)
    incident = make.incident(by=maya)
    after = lifecycle.set_service(incident, service=service, component=part, by=maya, now=NOON)
    assert (after.service, after.component) == (service, part)
    assert after.chain["accountable"]["name"] == "Priya"
    assert kinds(incident)[-1] == "service"


def test_revising_supersedes_and_keeps_the_line() -> None:
    maya = make.person()
    incident = make.incident(by=maya)
    found = make.finding(incident, by=maya)
    revised = findings.revise(found, by=maya, now=NOON + HOUR, evidence="a trace", state="reviewed")
    old = Finding.objects.get(pk=found.pk)
    assert old.superseded_at == NOON + HOUR
    assert (old.evidence, old.state) == ("", "provisional")
    assert (revised.line, revised.evidence, revised.state, revised.layer) == (
        found.line,
        "a trace",
        "reviewed",
        "integration",
    )


def test_revising_a_superseded_finding_says_that_somebody_was_faster() -> None:
    found = make.finding(make.incident())
    findings.revise(found, by=make.person(), now=NOON, evidence="mine")
    with pytest.raises(findings.FindingChanged):
        findings.revise(found, by=make.person(), now=NOON, evidence="yours")


def test_the_primary_mark_moves_and_is_never_doubled() -> None:
    incident = make.incident()
    first = make.finding(incident, primary=True)
    second = make.finding(incident, "data.schema_drift")
    with pytest.raises(ConstraintBroken) as refused:
        make.finding(incident, "org.runbook_gap", primary=True)
    assert refused.value.code == "primary_taken"
    findings.revise(second, by=make.person(), now=NOON, primary=True)
    assert list(
        Finding.objects.filter(incident=incident, superseded_at=None, primary=True).values_list("line", flat=True)
    ) == [second.line]
    assert Finding.objects.filter(line=first.line, superseded_at=None).count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "reviewed"}, "evidence_missing"),
        ({"state": "reviewed", "evidence": "x", "mode": None, "layer": "data"}, "mode_missing"),
        ({"layer": "data"}, "layer_mismatch"),
    ],
)
def test_the_database_holds_what_a_reviewed_finding_needs(changes: dict[str, object], code: str) -> None:
    found = make.finding(make.incident())
    with pytest.raises(ConstraintBroken) as refused:
        findings.revise(found, by=make.person(), now=NOON, **changes)
    assert refused.value.code == code
    assert Finding.objects.get(pk=found.pk).superseded_at is None


def test_findings_cannot_be_changed_behind_the_acts() -> None:
    found = make.finding(make.incident())
    with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
        Finding.objects.filter(pk=found.pk).update(evidence="other")
    with pytest.raises(IntegrityError, match="superseded"), transaction.atomic():
        found.delete()


def test_withdrawing_leaves_the_past() -> None:
    found = make.finding(make.incident())
    findings.withdraw(found, by=make.person(), now=NOON)
    assert Finding.objects.get(pk=found.pk).superseded_at == NOON
    with pytest.raises(findings.FindingChanged):
        findings.withdraw(found, by=make.person(), now=NOON)


def test_sixty_built_in_modes_are_there_each_in_its_layer() -> None:
    modes = FailureMode.objects.filter(built_in=True)
    assert modes.count() == 60
    assert all(mode.code == f"{mode.layer}.{mode.name.replace(' ', '_')}" for mode in modes)
