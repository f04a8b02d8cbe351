"""The tables that charts count are what was recorded, whatever is done; and what was known then stays so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.alerts import moving, reporting
from incidents.alerts.models import Alert
from incidents.patterns import exports, keeping
from incidents.patterns.questions import QUESTIONS
from incidents.patterns.questions.asking import about
from incidents.patterns.window import Window
from incidents.response import blaming, confiding, findings, impacts, lifecycle, merging
from incidents.response.impacts import Facts, Impact
from incidents.response.models import FailureMode, Finding, Incident, IncidentMerge
from ownership.models import Person, Service
from tests import factories as make
from tests.incidents.alerts.factories import alert
from web.errors import DomainError

ADMIN = Person(role="admin")  # sees everything
ROWS = "SELECT * FROM {source} WHERE incident_id >= %(first)s ORDER BY 1"


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
        now = timezone.now()
        alert(incident=self.incident(pick), is_test=pick % 3 == 0, received_at=now, started_at=now, last_event_at=now)

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
