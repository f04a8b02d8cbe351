"""The tables that charts count are what was recorded, whatever is done; and what was known then stays so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.alerts import moving, reporting
from incidents.alerts.models import Alert
from incidents.patterns import exports, keeping
from incidents.patterns.models import PatternIncident
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.questions.asking import Question, about
from incidents.patterns.window import Window
from incidents.response import blaming, confiding, findings, impacts, lifecycle, merging
from incidents.response.impacts import Facts, Impact
from incidents.response.models import FailureMode, Finding, Incident, IncidentMerge, IncidentVersion
from ownership.models import Person, Service
from tests import factories as make
from tests.incidents.alerts.factories import source
from tests.incidents.patterns.factories import happened
from tests.threads import Other, together
from web.errors import DomainError

ADMIN = Person(role="admin")  # sees everything
ROWS = "SELECT * FROM {source} WHERE incident_id >= %(first)s ORDER BY 1"


def fire(incident: Incident, **said: Any) -> Alert:
    """An alert of an incident, received now."""
    now = timezone.now()
    times = {"started_at": now, "last_event_at": now, "received_at": now}
    return Alert.objects.create(
        source=source(), problem_key=str(uuid4()), title="Late", incident=incident, **times, **said
    )


class World:
    """Some incidents, and acts upon them that may be refused; `pick` chooses among what there is."""

    def __init__(self) -> None:
        self.by = make.person(role="editor")
        self.services = [make.service() for _ in range(2)]
        self.first = self.declare(0).pk

    def incident(self, pick: int) -> Incident:
        numbers = Incident.objects.filter(pk__gte=self.first).order_by("pk").values_list("pk", flat=True)
        return Incident.objects.get(pk=numbers[pick % len(numbers)])

    def finding(self, pick: int) -> Finding | None:
        rows = Finding.objects.filter(incident__gte=self.first, superseded_at=None).order_by("pk")
        return rows[pick % len(rows)] if rows else None

    def service(self, pick: int) -> Service | None:
        return [*self.services, None][pick % 3]

    def declare(self, pick: int) -> Incident:
        at = timezone.now() - timedelta(days=pick % 40, hours=2)
        service = self.service(pick)
        return lifecycle.declare(title="Answers", by=self.by, now=timezone.now(), detected_at=at, service=service)

    def acknowledge(self, pick: int) -> None:
        blame = ["", "model", "data"][pick % 3]
        lifecycle.acknowledge(self.incident(pick), by=self.by, now=timezone.now(), first_blame=blame)

    def mitigate(self, pick: int) -> None:
        lifecycle.mitigate(self.incident(pick), by=self.by, now=timezone.now())

    def resolve(self, pick: int) -> None:
        lifecycle.resolve(self.incident(pick), by=self.by, now=timezone.now())

    def reopen(self, pick: int) -> None:
        lifecycle.reopen(self.incident(pick), reason="again", by=self.by, now=timezone.now())

    def grade(self, pick: int) -> None:
        severity = ["sev1", "sev2", "pending"][pick % 3]
        lifecycle.set_severity(self.incident(pick), severity=severity, by=self.by, now=timezone.now())

    def move_service(self, pick: int) -> None:
        service = self.services[pick % 2]
        lifecycle.set_service(self.incident(pick), service=service, by=self.by, now=timezone.now())

    def impact(self, pick: int) -> None:
        incident = self.incident(pick)
        began = Impact("hour", incident.detected_at - timedelta(hours=1))
        noticed = ["user_report", "monitor"][pick % 2]
        impacts.set_impact(
            incident, impact="late", detected_by=noticed, began=began, of_type="quality", by=self.by, now=timezone.now()
        )

    def facts(self, pick: int) -> None:
        said = Facts(share_from=Decimal(pick % 100), monitors_green=["yes", "no"][pick % 2])
        impacts.state(self.incident(pick), facts=said, by=self.by, now=timezone.now())

    def blame(self, pick: int) -> None:
        blaming.blame(self.incident(pick), layer="org", by=self.by, now=timezone.now())

    def find(self, pick: int) -> None:
        layer = ["data", "model", "latency"][pick % 3]
        findings.record(self.incident(pick), layer=layer, primary=pick % 2 == 0, by=self.by, now=timezone.now())

    def review(self, pick: int) -> None:
        finding = self.finding(pick)
        if finding is not None:
            mode = FailureMode.objects.filter(layer=finding.layer).order_by("code")[0]
            findings.revise(
                finding, by=self.by, now=timezone.now(), mode=mode, evidence="trace", state="reviewed", primary=True
            )

    def withdraw(self, pick: int) -> None:
        finding = self.finding(pick)
        if finding is not None:
            findings.withdraw(finding, by=self.by, now=timezone.now())

    def merge(self, pick: int) -> None:
        merging.merge(self.incident(pick), into=self.incident(pick + 1), by=self.by, now=timezone.now())

    def undo(self, pick: int) -> None:
        made = IncidentMerge.objects.filter(merged__gte=self.first, ended_at=None).order_by("pk").first()
        if made is not None:
            merging.undo(made.merged, by=self.by, now=timezone.now())

    def hide(self, pick: int) -> None:
        act = confiding.make_public if self.incident(pick).private else confiding.make_private
        act(self.incident(pick), reason="names", by=self.by, now=timezone.now())

    def fire(self, pick: int) -> None:
        fire(self.incident(pick), is_test=pick % 3 == 0)

    def dismiss(self, pick: int) -> None:
        rows = Alert.objects.filter(incident__gte=self.first, dismissed_at=None).order_by("pk")
        if rows:
            reporting._end(rows[pick % len(rows)], why="none", by=self.by, now=timezone.now())

    def move(self, pick: int) -> None:
        one = Alert.objects.filter(incident__gte=self.first).order_by("-pk").first()
        if one is not None and one.incident is not None:
            to = self.incident(pick) if pick % 2 else None
            moving.move(one.incident, alerts=[one.pk], to=to, by=self.by, now=timezone.now())

    def many(self, pick: int) -> None:
        """As the digest and imports write: one statement for all."""
        Incident.objects.filter(pk__gte=self.first).update(severity="sev3", suggested_layer=["data", "org"][pick % 2])


ACTS: dict[str, Callable[[World, int], Any]] = {
    name: act
    for name, act in vars(World).items()
    if not name.startswith("_") and name not in {"incident", "finding", "service"}
}


def known(first: int, at: datetime) -> list[tuple[Any, ...]]:
    """What the functions say was known at an instant, but for who may see it: that is asked as of now."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for name in ("incident", "finding"):
            cursor.execute(ROWS.format(source=f"seamline_pattern_{name}s(%(at)s)"), {"first": first, "at": at})
            private = [column.name for column in cursor.description or []].index("private")
            found += [(*row[:private], *row[private + 1 :]) for row in cursor.fetchall()]
    return found


def answered(at: datetime) -> list[Any]:
    """The headline and the rows of every question as of an instant."""
    window = Window.from_query({"as_of": at.isoformat()}, timezone.now())
    asked = about(window, ADMIN)
    answers = [one.ask(asked) for one in QUESTIONS]
    return [(one.headline, list(exports.as_rows(one))) for one in answers]


@pytest.mark.django_db(transaction=True)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 11)), min_size=3, max_size=14))
def test_rows_are_what_was_recorded_and_what_was_known_stays(acts: list[tuple[str, int]]) -> None:
    world = World()
    then: list[tuple[datetime, Any, Any]] = []
    for name, pick in acts:
        try:
            ACTS[name](world, pick)
        except DomainError:
            continue
        assert keeping.compare(mend=False) == [], name
        at = timezone.now()
        then.append((at, known(world.first, at), answered(at) if len(then) % 4 == 0 else None))
    for at, rows, answers in then:
        assert known(world.first, at) == rows
        assert answers is None or answered(at) == answers


def counted(incident: Incident) -> bool:
    return PatternIncident.objects.get(incident=incident.pk).counted


def broken(incident: Incident) -> None:
    """Its row says what was never recorded."""
    PatternIncident.objects.filter(incident=incident.pk).update(severity="sev9")


def is_broken(incident: Incident) -> bool:
    return PatternIncident.objects.get(incident=incident.pk).severity == "sev9"


@pytest.mark.django_db
def test_what_has_only_unreal_alerts_is_left_out_until_a_real_one_comes() -> None:
    incident, other = make.incident(), make.incident()
    assert counted(incident)
    test = fire(incident, is_test=True)
    assert not counted(incident)
    fire(incident, dismissed_at=timezone.now())
    assert not counted(incident)
    real = fire(incident)
    assert counted(incident)
    Alert.objects.filter(pk=real.pk).update(dismissed_at=timezone.now())
    assert not counted(incident)
    Alert.objects.filter(pk=real.pk).update(dismissed_at=None)
    assert counted(incident)
    Alert.objects.filter(pk__in=[real.pk, test.pk]).update(incident=other)
    assert (counted(incident), counted(other)) == (False, True)
    Alert.objects.filter(incident=incident).update(incident=other)
    assert counted(incident)  # whoever declared it meant it
    assert keeping.compare(mend=False) == []


@pytest.mark.django_db
def test_what_charts_do_not_read_refreshes_nothing() -> None:
    incident = make.incident()
    one = fire(incident)
    broken(incident)
    Incident.objects.filter(pk=incident.pk).update(title="Other words", impact="Some", changed_at=timezone.now())
    Alert.objects.filter(pk=one.pk).update(title="Later", times_seen=7, resolved_at=timezone.now())
    fire(incident)
    assert is_broken(incident)
    Incident.objects.filter(pk=incident.pk).update(severity="sev2")
    assert not is_broken(incident)


@pytest.mark.django_db
def test_many_at_once_are_refreshed_by_the_statement_that_wrote_them() -> None:
    first = make.incident()
    ones = [make.incident() for _ in range(30)]
    Incident.objects.filter(pk__in=[one.pk for one in ones]).update(severity="sev4", detected_by="monitor")
    rows = PatternIncident.objects.filter(incident__in=[one.pk for one in ones])
    assert set(rows.values_list("severity", "detected_by")) == {("sev4", "monitor")}
    assert PatternIncident.objects.get(incident=first.pk).severity != "sev4"
    mode = FailureMode.objects.filter(layer="data")[0]
    by = make.person()
    Finding.objects.bulk_create([Finding(incident=one, layer="data", mode=mode, by=by) for one in ones])
    assert set(rows.values_list("provisional", "reviewed")) == {(1, 0)}
    assert keeping.compare(mend=False) == []


@pytest.mark.django_db
def test_a_deleted_incident_is_counted_no_more() -> None:
    kept, incident = make.incident(), Incident(title="By hand", declared_via="web")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # nothing else stands on it
        incident.save()
        cursor.execute("SET session_replication_role = origin")
        row = PatternIncident.objects.get(incident=kept.pk)
        row.pk = incident.pk
        row.save(force_insert=True)
        cursor.execute("DELETE FROM incidents_incident WHERE id = %s", [incident.pk])
    assert PatternIncident.objects.filter(incident=kept.pk).exists()
    assert not PatternIncident.objects.filter(incident=incident.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_what_both_said() -> None:
    by = make.person(role="editor")
    incident = lifecycle.declare(title="Answers", by=by, now=timezone.now())

    def grade() -> None:
        lifecycle.set_severity(incident, severity="sev1", by=by, now=timezone.now())

    def find(layer: str) -> None:
        findings.record(incident, layer=layer, by=by, now=timezone.now())

    together(grade, partial(find, "data"), partial(find, "org"), partial(fire, incident, is_test=True))
    row = PatternIncident.objects.get(incident=incident.pk)
    assert (row.severity, row.provisional, row.counted) == ("sev1", 1 | 32, False)
    assert keeping.compare(mend=False) == []


@pytest.mark.django_db(transaction=True)
def test_who_began_first_and_wrote_last_is_known_from_after_the_other() -> None:
    by = make.person(role="editor")
    incident = lifecycle.declare(title="Answers", by=by, now=timezone.now())

    def later() -> None:
        Incident.objects.filter(pk=incident.pk).update(severity="sev2")

    with transaction.atomic():
        Person.objects.count()  # from here on it is "now" for this transaction
        other = Other(later)
        other.start()
        other.join()
        assert other.raised is None
        Incident.objects.filter(pk=incident.pk).update(severity="sev3")
    spans = (
        IncidentVersion.objects.filter(incident=incident)
        .order_by("known_from")
        .values_list("known_from", "superseded_at")
    )
    assert all(ended == begun for (_, ended), (begun, _) in pairwise(spans))
    with connection.cursor() as cursor:
        for begun, _ in spans:
            cursor.execute(
                "SELECT count(*) FROM seamline_pattern_incidents(%s) WHERE incident_id = %s", [begun, incident.pk]
            )
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.slug)
def test_a_private_incident_is_counted_for_its_people_only(question: Question) -> None:
    by, stranger = make.person(), make.person()
    at = timezone.now() - timedelta(days=40)
    made = [
        happened(at + timedelta(days=place % 9), "data", "model", service=make.service(), by=by) for place in range(12)
    ]
    window = Window.from_query({}, timezone.now())
    before = rows_of(question, window, stranger)
    secret = happened(at, "data", "org", reviewed=True, by=by)
    blaming.blame(secret, layer="model", by=by, now=timezone.now())
    confiding.make_private(secret, reason="names", by=by, now=timezone.now())
    assert rows_of(question, window, stranger) == before
    assert about(window, stranger).base.incidents == len(made)
    assert about(window, by).base.incidents == len(made) + 1


def rows_of(question: Question, window: Window, viewer: Person) -> tuple[str, list[Any]]:
    answer = question.ask(about(window, viewer))
    return answer.headline, list(exports.as_rows(answer))
