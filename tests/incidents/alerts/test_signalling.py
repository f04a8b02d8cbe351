"""The last word about the quality of a service's answers: who says it, what counts, what it costs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts import adopting, digest, intake, reporting, signalling, sourcing
from incidents.alerts.models import Source
from incidents.alerts.queries import signals
from incidents.alerts.sources.reading import State
from incidents.alerts.watch_models import QualitySignal
from incidents.response import lifecycle
from incidents.response.models import Incident
from ownership import tokens
from ownership.models import Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.test_pages import queries, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    return make.service("Support answers")


@pytest.fixture
def smith() -> Source:
    return sourcing.add(kind="langsmith", name="LangSmith", by=None, now=NOON)[0]


def tell(to: Source, body: Any, at: datetime = NOON) -> None:
    intake.store(to, body=json.dumps(body).encode(), headers={}, now=at)
    am.drain(at)


def alert(state: str = "firing", at: datetime = NOON, key: str = "r-1", **more: Any) -> dict[str, Any]:
    """As LangSmith posts it, with the service of the user's template."""
    return {
        "alert_rule_id": key,
        "alert_rule_name": "Thumbs down",
        "service": "support-answers",
        "state": state,
        "timestamp": at.isoformat(),
        **more,
    }


def words() -> list[tuple[str, str, str]]:
    rows = QualitySignal.objects.order_by("service__name", "sort")
    return list(rows.values_list("service__name", "sort", "state"))


def test_an_evaluation_that_fails_and_then_passes_is_one_row(service: Service, smith: Source) -> None:
    tell(smith, alert())
    assert words() == [("Support answers", "eval", "failing")]
    tell(smith, alert("resolved", am.minutes(5)), am.minutes(5))
    assert words() == [("Support answers", "eval", "ok")]
    signal = QualitySignal.objects.get()
    assert (signal.at, signal.source, signal.problem_key) == (am.minutes(5), smith, "r-1")
    assert Incident.objects.get().detected_by == "online_eval"


def test_what_never_failed_counts_as_well(service: Service, smith: Source) -> None:
    """A check that says ok each day opens no alert, and yet somebody watches."""
    tell(smith, alert("resolved"))
    assert words() == [("Support answers", "eval", "ok")]
    assert not Incident.objects.exists()


def test_older_news_changes_nothing(service: Service, smith: Source) -> None:
    tell(smith, alert("resolved", am.minutes(5)))
    tell(smith, alert("firing", NOON, key="r-2"), am.minutes(6))
    assert words() == [("Support answers", "eval", "ok")]


def test_any_sender_may_say_so_by_a_label(service: Service) -> None:
    am.send(am.source(), am.alert(service="support-answers"))
    assert words() == []
    am.send(am.source(), am.alert(service="support-answers", signal="Eval"))
    assert words() == [("Support answers", "eval", "failing")]


@pytest.mark.parametrize(("kind", "sort"), [("eval_suite", "eval"), ("guardrail", "guardrail"), ("api", None)])
def test_an_alert_about_an_eval_suite_or_a_guardrail_is_one(service: Service, kind: str, sort: str | None) -> None:
    make.component("checker", kind=kind, of=service)
    source = am.source()
    am.send(source, am.alert(component="checker"))
    assert words() == ([("Support answers", sort, "failing")] if sort else [])
    am.send(source, am.alert(component="checker", ends=am.minutes(3)), at=am.minutes(3))
    assert words() == ([("Support answers", sort, "ok")] if sort else [])


def test_a_guardrail_that_let_something_pass_is_ok(service: Service) -> None:
    word = signalling.Word(
        am.source().pk, "bedrock-guardrail", "g", State.NOT_AN_ALERT, {"service": service.slug}, NOON, NOON
    )
    signalling.keep([word])
    assert words() == [("Support answers", "guardrail", "ok")]


def test_reports_count_and_a_dismissed_one_is_no_failure(service: Service) -> None:
    person, editor = make.person(), make.person(role="editor")
    number = reporting.file(
        reporting.Said(asked="x"), key=reporting.uuid5(reporting._IDS, "1"), service=service, by=person, now=NOON
    )
    am.drain()
    assert words() == [("Support answers", "report", "failing")]
    report = reporting.Report.objects.get(pk=number)
    reporting.dismiss(report, why="It is right.", by=editor, now=am.minutes(1))
    assert words() == []


def test_tests_monitors_and_blind_ones_say_nothing(service: Service, smith: Source) -> None:
    intake.send_test(smith, by=make.person(role="editor"), now=NOON)
    am.drain(am.minutes(1))
    tell(smith, alert("acknowledged", key="r-3"))
    am.send(am.source(), am.alert(service="support-answers"))
    assert words() == []


def test_whoever_names_the_service_later_moves_the_word(smith: Source) -> None:
    editor, first, second = make.person(role="editor"), make.service("First"), make.service("Second")
    tell(smith, alert(service="unheard of", project_name="chat"))
    assert words() == []
    incident = Incident.objects.get()
    adopting.adopt(
        incident, name="Chat", kind="api", service=first, label=("project", "chat"), by=editor, now=am.minutes(1)
    )
    assert words() == [("First", "eval", "failing")]
    lifecycle.set_service(incident, service=second, by=editor, now=am.minutes(2))
    assert words() == [("First", "eval", "failing"), ("Second", "eval", "failing")]


def test_a_batch_costs_the_same_whatever_its_size(service: Service, smith: Source) -> None:
    other, counts = make.service("Other"), set()
    for size in (1, 20):
        for number in range(size):
            one = alert(key=f"{size}-{number}", service=other.slug if number % 2 else service.slug)
            intake.store(smith, body=json.dumps(one).encode(), headers={}, now=am.minutes(size))
        with CaptureQueriesContext(connection) as captured:
            assert digest.batch(now=am.minutes(size)) == size
        counts.add(len([query for query in captured if "qualitysignal" in query["sql"]]))
    assert counts == {1}


# ---- pages ----


def test_the_services_page_says_who_spoke_last(service: Service, smith: Source) -> None:
    page, path = signed_in(make.person(role="viewer")), f"/services/{service.slug}/"
    assert "Only uptime watches this." in page.get(path).content.decode()
    now = timezone.now()
    tell(smith, alert(at=now - timedelta(days=3)), now)
    html = page.get(path).content.decode()
    assert "Last quality signal: <strong>failing</strong>" in html
    assert "LangSmith" in html
    assert f'href="/reports/new/?service={service.slug}"' in html
    QualitySignal.objects.update(at=now - timedelta(days=31))
    assert "Only uptime watches this." in page.get(path).content.decode()


def test_the_list_of_what_only_uptime_watches(service: Service, smith: Source) -> None:
    make.service("Fraud score")
    make.service("Old", retired_at=timezone.now())
    tell(smith, alert(at=timezone.now()), timezone.now())
    page = signed_in(make.person(role="viewer"))
    html = page.get("/sources/quality/").content.decode()
    assert "1 of 2 services" in html
    assert "Fraud score" in html
    assert "Support answers" not in html
    everything = page.get("/sources/quality/?show=all").content.decode()
    assert "evaluation from LangSmith" in everything
    assert 'href="/sources/quality/"' in page.get("/sources/").content.decode()


def test_the_list_costs_the_same_and_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    page, counts = signed_in(make.person(role="viewer")), set()
    monkeypatch.setattr(signals, "PAGE", 3)
    for _ in range(2):
        for _ in range(2):
            make.service()
        counts.add(queries(page, "/sources/quality/?show=all"))
    assert len(counts) == 1
    following = page.get("/sources/quality/").context["listing"].following
    assert len(page.get("/sources/quality/", {"after": following}).context["listing"].rows) == 1


def test_the_api_lists_them(service: Service, smith: Source) -> None:
    tell(smith, alert())
    _, secret = tokens.make(make.person(role="viewer"), label="", scope="read", now=timezone.now())
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    (row,) = api.get("/api/v1/quality-signals/?sort=eval").data["results"]
    assert (row["service"], row["state"], row["source"]) == ("support-answers", "failing", smith.pk)
    assert api.get("/api/v1/quality-signals/?sort=report").data["results"] == []
