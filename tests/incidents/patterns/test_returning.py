"""What is asked of the database about what comes back, and about fixes that held or did not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from incidents.patterns.answers.recurrence import Gap
from incidents.patterns.queries import exposure, recurring
from incidents.patterns.questions import BY_SLUG
from incidents.patterns.questions.asking import about
from incidents.postmortems import settling
from incidents.postmortems.models import Action
from incidents.response import coining, findings
from incidents.response.models import FailureMode, Incident
from ownership.models import Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.patterns.factories import NOW, happened, window
from tests.incidents.patterns.test_where import ADMIN, MARCH, ask, behind, counted
from tests.incidents.postmortems.factories import RETRIES
from tests.incidents.postmortems.test_controls import decided

pytestmark = pytest.mark.django_db
DRIFT = "data.schema_drift"
SOON = NOON + timedelta(days=200)  # after everything here


def failed(days: float, service: Service | None, *modes: str, since: datetime = MARCH) -> Incident:
    """An incident so many days after `since`, with a finding of each mode."""
    incident = happened(since + timedelta(days=days), service=service)
    for mode in modes:
        found = FailureMode.objects.get(code=mode)
        findings.record(incident, layer=found.layer, mode=found, by=make.person(), now=NOW)
    return incident


def gaps(**asked: str) -> set[Gap]:
    shown = window(**asked)
    return set(recurring.gaps(about(shown, ADMIN).scope, shown)[0])


def until(days: float, end: datetime = NOW) -> float:
    """Whole hours, rounded up, from so many days after MARCH."""
    return -(-(end - MARCH - timedelta(days=days)).total_seconds() // 3600)


def test_gaps_between_failures_of_one_mode_in_one_service() -> None:
    answers, fraud = make.service("Support answers"), make.service("Fraud score")
    failed(0, answers, RETRIES, RETRIES, DRIFT)
    failed(2, fraud, RETRIES)
    failed(5, answers, RETRIES)
    failed(5.01, answers, DRIFT)
    failed(9, None, RETRIES)
    happened(MARCH, "org", service=answers)
    assert gaps() == {
        Gap(120, True),
        Gap(121, True),
        Gap(until(5), False, 2 if until(5) == until(5.01) else 1),
        Gap(until(2), False),
        *([] if until(5) == until(5.01) else [Gap(until(5.01), False)]),
    }
    one = ask("recurrence")
    assert one.n == 5
    assert "2 findings name no mode or no service, so nobody can tell whether they came back." in one.notes
    assert gaps(service="fraud-score") == {Gap(until(2), False)}


def test_a_retired_service_cannot_fail_again_and_a_window_ends_what_is_seen() -> None:
    answers = make.service("Support answers")
    failed(0, answers, RETRIES)
    failed(40, answers, RETRIES)
    assert gaps(from_="2026-03-01", to="2026-03-31") == {Gap(-(-(19 * 24 + 14.5) // 1), False)}
    Service.objects.filter(pk=answers.pk).update(retired_at=MARCH + timedelta(days=50))
    assert gaps() == {Gap(40 * 24, True), Gap(10 * 24, False)}


def test_what_was_merged_comes_back_as_what_it_was_merged_into() -> None:
    answers, admin = make.service("Support answers"), make.person(role="admin")
    own = coining.add(layer="data", short="stale_rows", name="Stale rows", definition="Old.", by=admin, now=NOW)
    failed(0, answers, DRIFT)
    failed(3, answers, own.code)
    assert not any(gap.ended for gap in gaps())
    coining.merge(own, into=FailureMode.objects.get(code=DRIFT), by=admin, now=NOW)
    assert {gap for gap in gaps() if gap.ended} == {Gap(72, True)}
    assert counted(ask("repeats"), "service", "mode", "incidents") == {("Support answers", "schema drift", 2)}


def test_repeats_lead_to_their_incidents_and_know_the_days_in_service() -> None:
    answers, fraud = make.service("Support answers"), make.service("Fraud score")
    Service.objects.filter(pk=answers.pk).update(created_at=NOW - timedelta(days=1000))
    Service.objects.filter(pk=fraud.pk).update(created_at=MARCH)
    for day in range(3):
        failed(day, answers, RETRIES, DRIFT)
    failed(9, fraud, RETRIES)
    failed(-10, fraud, DRIFT)
    failed(20, fraud, RETRIES)
    one = ask("repeats")
    days = {line.values["service"]: line.values["days"] for line in one.lines}
    assert days == {
        "Support answers": round((NOW - window().since).total_seconds() / 86400),
        "Fraud score": round((NOW - MARCH).total_seconds() / 86400) + 10,
    }
    assert [behind(window(), line.behind) for line in one.lines] == one.column("incidents") == [3, 3, 2]
    spans = exposure.spans(about(window(service="fraud-score"), ADMIN).scope, window())
    assert [span.slug for span in spans] == ["fraud-score"]
    assert exposure.spans(about(window(service="-"), ADMIN).scope, window()) == []


@pytest.mark.parametrize("slug", ["recurrence", "repeats", "fixes"])
def test_two_statements_however_much_there_is(slug: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for day in range(3):
        failed(day, make.service(), RETRIES)
    asked = about(window(), ADMIN)
    with django_assert_num_queries(2):
        BY_SLUG[slug].ask(asked)


# ---- did the fix hold? ----


def verified(service: Service, at: datetime, *, mode: str = RETRIES, title: str = "Cap the retries") -> Action:
    action = decided(service, title, mode=mode, done=True)
    return settling.verify(action, evidence="link", ref="https://ci/1", note="Held at 3.", by=make.person(), now=at)


def told(at: datetime = SOON, **asked: str) -> set[tuple[Any, ...]]:
    """(action, held so far, incident, days) of each fix."""
    one = ask("fixes", at=at, **asked)
    return {
        (values["action"], values["held"], values["again"], round(values["watched"] / 86400, 2))
        for values in (line.values for line in one.lines)
    }


def test_only_the_same_mode_in_the_same_service_after_the_verification_says_that_it_did_not_hold() -> None:
    answers, fraud = make.service("Support answers"), make.service("Fraud score")
    at = NOON + timedelta(days=10)
    verified(answers, at)
    failed(9, answers, RETRIES, since=NOON)
    failed(20, fraud, RETRIES, since=NOON)
    failed(20, answers, DRIFT, since=NOON)
    assert told() == {("Cap the retries", "yes", None, 190)}
    again = failed(30, answers, RETRIES, since=NOON)
    failed(40, answers, RETRIES, since=NOON)
    assert told() == {("Cap the retries", "no", again.pk, 20)}
    assert told(service="fraud-score") == set()
    one = ask("fixes", at=SOON)
    action = Action.objects.get()
    assert one.lines[0].behind == {"address": f"/postmortems/{action.postmortem.incident_id}/#action-{action.pk}"}


def test_what_came_back_before_it_was_opened_again_still_counts() -> None:
    answers = make.service("Support answers")
    action = verified(answers, NOON + timedelta(days=10))
    again = failed(30, answers, RETRIES, since=NOON)
    settling.reopen(action, reason="It came back.", by=make.person(), now=NOON + timedelta(days=31))
    assert told() == {("Cap the retries", "no", again.pk, 20)}


def test_after_it_was_opened_again_it_is_not_watched() -> None:
    answers = make.service("Support answers")
    action = verified(answers, NOON + timedelta(days=10))
    settling.reopen(action, reason="The test was wrong.", by=make.person(), now=NOON + timedelta(days=15))
    failed(30, answers, RETRIES, since=NOON)
    assert told() == {("Cap the retries", "opened again", None, 5)}


def test_fixes_are_those_verified_in_the_time_and_private_ones_are_for_their_people() -> None:
    answers = make.service("Support answers")
    verified(answers, NOON + timedelta(days=10))
    assert told(from_=f"{NOON + timedelta(days=11):%Y-%m-%d}", to=f"{NOON + timedelta(days=50):%Y-%m-%d}") == set()
    again = failed(30, answers, RETRIES, since=NOON)
    Incident.objects.filter(pk=again.pk).update(private=True)
    stranger = make.person()
    seen = ask("fixes", at=SOON, viewer=stranger)
    assert seen.column("again") == [None]
    assert ask("fixes", at=SOON).column("again") == [again.pk]
    Incident.objects.filter(service=answers).update(private=True)
    assert ask("fixes", at=SOON, viewer=stranger).lines == []
