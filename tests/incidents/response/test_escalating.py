"""The ladder, with a clock of its own: who is told when, what stops it, and what a clock or a restart does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.alerts import digest
from incidents.alerts.models import Alert
from incidents.response import closing, escalating, lifecycle, merging, waiting
from incidents.response.models import Escalation, EscalationStep, Incident, TimelineRow
from incidents.response.queries import ladder
from incidents.response.vocabulary import Rung
from ownership.models import Notice, Person, Service
from ownership.queries import owners
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


@pytest.fixture
def people() -> dict[str, Person]:
    return {name: make.person(name) for name in ("Priya", "Dina", "Ede", "Maya")}


@pytest.fixture
def service(people: dict[str, Person]) -> Service:
    made = make.service("Support answers", owner=people["Priya"], tier="t2")
    make.assignment(made, people["Dina"], role="deputy")
    make.assignment(made, people["Ede"], role="escalation")
    return made


@pytest.fixture
def incident(service: Service, people: dict[str, Person]) -> Incident:
    return make.incident("Slow answers", service=service, severity="sev2", by=people["Maya"])


def told() -> list[tuple[str, str]]:
    return [(str(one.person), one.text) for one in Notice.objects.select_related("person").order_by("pk")]


def names() -> list[str]:
    return [name for name, _ in told()]


def sweep(*at: float) -> None:
    for minute in at:
        escalating.sweep(now=minutes(minute))


def round_of(incident: Incident) -> Escalation:
    return Escalation.objects.filter(incident=incident).latest("round")


# ---- who is told when ----


def test_the_first_is_told_at_once_the_others_one_after_the_other(incident: Incident) -> None:
    sweep(0, 5, 14)
    assert told() == [("Priya", f"INC-{incident.pk} opened: SEV2, Support answers: Slow answers")]
    sweep(15, 20)
    assert names() == ["Priya", "Dina"]
    assert told()[1][1] == (
        f"INC-{incident.pk}: nobody acknowledged it within 15 min. SEV2, Support answers: Slow answers"
    )
    sweep(30, 44)
    assert names() == ["Priya", "Dina", "Ede"]
    sweep(45, 90)
    assert names() == ["Priya", "Dina", "Ede"]
    assert round_of(incident).ended_how == "exhausted"
    steps = EscalationStep.objects.order_by("rung").values_list("rung", "at")
    assert list(steps) == [(1, minutes(0)), (2, minutes(15)), (3, minutes(30))]
    rows = TimelineRow.objects.filter(kind="escalated").order_by("pk").values_list("text", flat=True)
    assert list(rows) == ["Told Priya (accountable)", "Told Dina (deputy)", "Told Ede (next to call)"]


def test_messages_carry_a_link_of_their_own_and_break_quiet_hours(incident: Incident) -> None:
    sweep(0, 15)
    first, second = Notice.objects.order_by("pk")
    assert (first.act_label, first.urgent, first.kind, second.kind) == ("Acknowledge", True, "opened", "waiting")
    assert first.act_path.startswith("/acknowledge/")
    assert first.act_path != second.act_path


@pytest.mark.parametrize(
    ("severity", "tier", "urgent"),
    [("sev1", "t4", True), ("sev3", "t1", False), ("pending", "t2", True), ("pending", "t3", False)],
)
def test_how_bad_it_is_decides_about_quiet_hours(severity: str, tier: str, urgent: bool) -> None:
    make.incident(service=make.service(owner=make.person(), tier=tier), severity=severity)
    sweep(0)
    assert Notice.objects.get().urgent is urgent


def test_a_team_means_its_members_and_who_has_left_is_nobody() -> None:
    ann, bo, gone = make.person("Ann"), make.person("Bo"), make.person("Gone", is_active=False)
    service = make.service(owner=make.team("Payments", ann, bo, gone))
    make.assignment(service, gone, role="deputy")
    make.assignment(service, make.person("Ede"), role="escalation")
    make.incident(service=service)
    sweep(0)
    assert names() == ["Ann", "Bo"]
    sweep(15)
    assert names() == ["Ann", "Bo", "Ede"]
    skipped = EscalationStep.objects.get(rung=Rung.DEPUTY)
    assert (skipped.told, skipped.why) == ([], "nobody is deputy")
    assert TimelineRow.objects.filter(text="Skipped: nobody is deputy").exists()


def test_viewers_are_told_without_a_button_that_would_refuse_them() -> None:
    make.incident(service=make.service(owner=make.person(role="viewer")))
    sweep(0)
    assert Notice.objects.get().act_path == ""


@pytest.mark.parametrize("has_service", [True, False])
def test_where_nobody_stands_the_admins_are_told(has_service: bool) -> None:
    make.person("Ada", role="admin")
    incident = make.incident("Odd answers", service=make.service("Orphan") if has_service else None)
    sweep(0, 20)
    about = "Orphan: Odd answers" if has_service else "Odd answers"
    assert told() == [("Ada", f"Nobody answers for INC-{incident.pk}: Pending, {about}")]
    assert round_of(incident).ended_how == "exhausted"


def test_a_component_without_a_service_has_a_ladder_too() -> None:
    component = make.component("Retriever")
    make.assignment(component, make.person("Cleo"))
    incident = make.incident("Odd")
    Incident.objects.filter(pk=incident.pk).update(component=component)
    sweep(0)
    assert names() == ["Cleo"]


def test_who_is_named_later_is_told(people: dict[str, Person], service: Service) -> None:
    make.person("Ada", role="admin")
    incident = make.incident("Odd answers")
    sweep(0)
    lifecycle.set_service(incident, service=service, by=people["Maya"], now=minutes(3))
    sweep(3)
    assert names() == ["Ada", "Priya"]
    assert told()[1][1] == f"INC-{incident.pk} hits Support answers: Pending, Odd answers"


# ---- what stops it ----


def test_it_stops_as_soon_as_somebody_acknowledges(incident: Incident, people: dict[str, Person]) -> None:
    sweep(0, 15)
    lifecycle.acknowledge(incident, by=people["Dina"], now=minutes(16))
    shown = ladder.shown(Incident.objects.get(), answering=owners.NOBODY)
    assert shown is not None
    assert (shown.stopped, shown.by) == ("acknowledged", people["Dina"])
    sweep(30, 45)
    assert names() == ["Priya", "Dina"]
    assert round_of(incident).ended_how == "acknowledged"


def test_it_stops_when_it_is_over(incident: Incident) -> None:
    sweep(0)
    lifecycle.resolve(incident, by=make.person(), now=minutes(10))
    sweep(15, 30)
    assert names() == ["Priya"]
    assert round_of(incident).ended_how == "resolved"


def test_what_was_over_before_anybody_was_told_is_told_once_without_a_button(incident: Incident) -> None:
    verdict = closing.Verdict(Incident.objects.get(), at=minutes(1), why="all of its alerts are resolved")
    closing.by_alerts([verdict], now=minutes(1))
    sweep(2, 20)
    notice = Notice.objects.get()
    assert (str(notice.person), notice.act_path, notice.urgent) == ("Priya", "", False)


def test_switched_off_only_the_first_is_told(incident: Incident, service: Service, people: dict[str, Person]) -> None:
    waiting.set_service(service, minutes=None, by=people["Maya"], now=NOON)
    sweep(0, 15, 30)
    assert names() == ["Priya"]
    assert round_of(incident).ended_how == "switched_off"


def test_the_services_own_time_goes_before_its_tiers(incident: Incident, people: dict[str, Person]) -> None:
    waiting.set_tiers({"t1": 5, "t2": 7, "t3": 15, "t4": None}, by=people["Maya"], now=NOON)
    sweep(0, 6)
    assert names() == ["Priya"]
    sweep(7)
    assert names() == ["Priya", "Dina"]
    assert incident.service is not None
    waiting.set_service(incident.service, minutes=3, by=people["Maya"], now=NOON)
    sweep(14)
    assert round_of(incident).due_at == minutes(17)
    waiting.drop_service(incident.service)
    assert ladder.waits_of([incident]) == {incident.pk: timedelta(minutes=7)}


# ---- rounds ----


def test_growing_worse_begins_a_new_round(incident: Incident, people: dict[str, Person]) -> None:
    sweep(0)
    lifecycle.set_severity(incident, severity="sev1", by=people["Maya"], now=minutes(5))
    sweep(5)
    assert told()[-1] == ("Priya", f"INC-{incident.pk} is SEV1 now: Support answers: Slow answers")
    sweep(15)
    assert names() == ["Priya", "Priya"]
    sweep(20)
    assert names() == ["Priya", "Priya", "Dina"]
    ended = list(Escalation.objects.order_by("round").values_list("ended_how", flat=True))
    assert ended == ["superseded", ""]


@pytest.mark.parametrize(("before", "after"), [("sev1", "sev2"), ("pending", "sev3"), ("sev3", "pending")])
def test_what_grows_no_worse_begins_none(before: str, after: str, people: dict[str, Person]) -> None:
    incident = make.incident(severity=before)
    lifecycle.set_severity(incident, severity=after, by=people["Maya"], now=minutes(5))
    assert Escalation.objects.count() == 1


def test_growing_worse_in_somebodys_hands_is_told_once(incident: Incident, people: dict[str, Person]) -> None:
    sweep(0)
    lifecycle.acknowledge(incident, by=people["Maya"], now=minutes(1))
    lifecycle.set_severity(incident, severity="sev1", by=people["Dina"], now=minutes(5))
    sweep(5, 20, 35)
    assert names() == ["Priya", "Priya", "Maya"]
    assert Notice.objects.latest("pk").urgent


def test_what_comes_back_wants_somebody_again(incident: Incident, people: dict[str, Person]) -> None:
    sweep(0)
    lifecycle.acknowledge(incident, by=people["Priya"], now=minutes(1))
    lifecycle.resolve(incident, by=people["Priya"], now=minutes(10))
    lifecycle.reopen(incident, reason="It is back", by=people["Maya"], now=minutes(60))
    sweep(60, 75)
    assert names() == ["Priya", "Priya", "Dina"]
    lifecycle.acknowledge(incident, by=people["Dina"], now=minutes(76))
    sweep(90, 105)
    assert names() == ["Priya", "Priya", "Dina"]
    assert Incident.objects.get().ball == people["Dina"]
    shown = ladder.shown(Incident.objects.get(), answering=owners.NOBODY)
    assert shown is not None
    assert (shown.stopped, shown.by) == ("acknowledged", people["Dina"])


# ---- clocks, restarts, twice ----


def test_a_clock_set_back_neither_doubles_nor_skips(incident: Incident) -> None:
    sweep(0, 15)
    sweep(-600, -599, -590)
    assert names() == ["Priya", "Dina"]
    sweep(-585)
    assert names() == ["Priya", "Dina", "Ede"]
    sweep(0, 60, 120)
    assert names() == ["Priya", "Dina", "Ede"]


def test_a_clock_set_forward_neither_doubles_nor_skips(incident: Incident) -> None:
    sweep(0, 6000, 6001)
    assert names() == ["Priya", "Dina"]
    sweep(6015, 6030)
    assert names() == ["Priya", "Dina", "Ede"]


def test_a_sweep_that_fails_in_between_leaves_all_to_the_next(
    incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("ownership.notifying.write", lambda notices: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sweep(0)
    assert not EscalationStep.objects.exists()
    sweep(1)
    assert names() == ["Priya"]


def test_a_rung_is_written_once(incident: Incident) -> None:
    sweep(0)
    step = EscalationStep.objects.get()
    with pytest.raises(IntegrityError, match="escalation_step_once"), transaction.atomic():
        EscalationStep.objects.create(escalation=step.escalation, rung=step.rung, at=NOON, why="again")


# ---- set-wise ----


@pytest.mark.parametrize("count", [1, 40])
def test_a_storm_takes_the_same_number_of_statements(count: int) -> None:
    team = make.team("Payments", make.person("Ann"), make.person("Bo"))
    source = am.source()
    for number in range(count):
        make.service(f"s{number}", owner=team)
        am.deliver(source, am.alert(f"A{number}", service=f"s{number}"))
    digest.batch(now=NOON)
    assert (Alert.objects.count(), Incident.objects.count(), Escalation.objects.count()) == (count, count, count)
    with CaptureQueriesContext(connection) as captured:
        assert escalating.sweep(now=NOON) == count
    assert Notice.objects.count() == 2 * count
    assert len(captured) == 12


# ---- private, merged ----


def test_who_may_not_see_it_is_not_told(incident: Incident, people: dict[str, Person]) -> None:
    """Whatever the ladder says: who may see a private incident is asked in one place."""
    ladders = ladder.of([incident], now=NOON)
    assert ladders.on(Rung.ACCOUNTABLE, incident.pk) == [people["Priya"].pk]
    hidden = replace(ladders, hidden={(people["Priya"].pk, incident.pk)})
    assert hidden.on(Rung.ACCOUNTABLE, incident.pk) == []


def test_a_private_incident_climbs_the_ladder_of_its_service(service: Service, people: dict[str, Person]) -> None:
    make.incident("Odd", by=people["Maya"], service=service, private=True)
    sweep(0, 15)
    assert names() == ["Priya", "Dina"]


def test_merging_stops_it_and_parting_begins_anew(incident: Incident, service: Service) -> None:
    maya = make.person()
    sweep(0)
    other = make.incident("The same", service=service, severity="sev2", by=maya)
    sweep(0)
    merging.merge(other, into=incident, by=maya, now=minutes(5))
    sweep(15)
    assert names() == ["Priya", "Priya", "Dina"]
    assert round_of(other).ended_how == "merged"
    merging.undo(other, by=maya, now=minutes(16))
    sweep(16)
    assert names() == ["Priya", "Priya", "Dina", "Priya"]


def test_it_stops_when_users_are_well_again(incident: Incident, people: dict[str, Person]) -> None:
    sweep(0)
    lifecycle.mitigate(incident, by=people["Maya"], now=minutes(5))
    sweep(15, 30)
    assert names() == ["Priya"]
    assert round_of(incident).ended_how == "mitigated"
