"""Earlier incidents like one: the reasons why, what was found, who may see them, what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts.models import Alert, Source
from incidents.alerts.queries import likeness, similar
from incidents.alerts.queries.likeness import Traits
from incidents.response import lifecycle
from incidents.response.models import FailureMode, Incident
from incidents.response.queries import visible
from ownership.models import Component, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db
RETRIES = "integration.retry_amplification"


def earlier(
    title: str, *, service: Service | None = None, component: Component | None = None, mode: str = "", days: int = 10
) -> Incident:
    began, maya = NOON - timedelta(days=days), make.person()
    incident = make.incident(title, service=service, by=maya, now=began)
    if component is not None and service is not None:
        lifecycle.set_service(incident, service=service, component=component, by=maya, now=began, why="seen")
    found = FailureMode.objects.get(code=mode) if mode else None
    return lifecycle.resolve(
        incident, by=maya, now=began + timedelta(hours=2), mode=found, evidence="x" if mode else ""
    )


def of(incident: Incident) -> list[similar.Similar]:
    return similar.to(Incident.objects.get(pk=incident.pk), make.person())


def test_the_same_alert_came_before() -> None:
    source, answers = am.source(), make.service("Answers")
    for day, at in (("first", NOON - timedelta(days=3)), ("again", NOON)):
        am.send(source, am.alert("SearchSlow", starts=at, service="answers", fingerprint="f1", summary=day), at=at)
        if day == "first":
            am.send(
                source,
                am.alert("SearchSlow", starts=at, ends=at + timedelta(hours=1), service="answers", fingerprint="f1"),
                at=at + timedelta(hours=1),
            )
            first = Incident.objects.get()
            lifecycle.resolve(first, by=make.person(), now=at + timedelta(hours=2))
    again = Incident.objects.exclude(pk=first.pk).get()
    [found] = of(again)
    assert (found.incident, found.incident.service) == (first, answers)
    assert found.reasons == ("the same alert, “SearchSlow”", "same service")
    assert found.took == timedelta(hours=2)


def test_component_mode_and_title_each_say_so() -> None:
    answers, index = make.service("Answers"), make.component("Index")
    by_component = earlier("Old articles cited", service=answers, component=index)
    by_mode = earlier("Slow search", service=make.service(), mode=RETRIES)
    by_title = earlier("Retriever timeouts at lunch", service=answers)
    earlier("Something else", service=answers)
    incident = make.incident("Retriever timeouts at night", service=answers)
    lifecycle.set_service(incident, service=answers, component=index, by=make.person(), now=NOON, why="seen")
    make.finding(incident, RETRIES)
    found = {one.incident: one.reasons for one in of(incident)}
    assert found == {
        by_component: ("same component, Index", "same service"),
        by_mode: ("the same was found: retry amplification",),
        by_title: ("its title says “retriever”, “timeouts” too", "same service"),
    }


def test_what_the_alerts_suggest_was_found_then() -> None:
    then = earlier("Slow search", mode=RETRIES)
    incident = make.incident("p99 over budget")
    Incident.objects.filter(pk=incident.pk).update(
        suggested_layer="integration", suggestion={"mode": RETRIES, "why": "rule 4"}
    )
    [found] = of(incident)
    assert (found.incident, found.reasons) == (then, ("what its alerts suggest was found then: retry amplification",))
    assert [finding.mode_id for finding in found.found] == [RETRIES]


def test_the_most_alike_come_first_and_at_most_five() -> None:
    answers, index = make.service("Answers"), make.component("Index")
    for day in range(1, 8):
        earlier(f"Case {day}", service=answers, component=index, days=day)
    best = earlier("Case 9", service=answers, component=index, mode=RETRIES, days=60)
    incident = make.incident("Case 0", service=answers)
    lifecycle.set_service(incident, service=answers, component=index, by=make.person(), now=NOON, why="seen")
    make.finding(incident, RETRIES)
    found = [one.incident for one in of(incident)]
    assert len(found) == 5
    assert found[0] == best
    assert [one.title for one in found[1:]] == ["Case 1", "Case 2", "Case 3", "Case 4"]


def test_later_ones_are_not_told() -> None:
    answers, index = make.service("Answers"), make.component("Index")
    then = earlier("First", service=answers, component=index)
    earlier("Second", service=answers, component=index, days=5)
    assert of(then) == []


def test_what_somebody_may_not_see_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, index = make.service("Answers"), make.component("Index")
    hidden = earlier("Hidden", service=answers, component=index)
    seen = earlier("Seen", service=answers, component=index, days=5)
    incident = make.incident(service=answers)
    lifecycle.set_service(incident, service=answers, component=index, by=make.person(), now=NOON, why="seen")
    monkeypatch.setattr(visible, "clause", lambda viewer, of="": ~Q(**{f"{of}__pk" if of else "pk": hidden.pk}))
    assert [one.incident for one in of(incident)] == [seen]


def test_the_number_of_queries_does_not_grow() -> None:
    source, answers, index = am.source(), make.service("Answers"), make.component("Index")

    def one_more(day: int) -> None:
        incident = earlier("Slow search", service=answers, component=index, mode=RETRIES, days=day)
        alert_in(incident, source)

    incident = make.incident("Slow search", service=answers)
    lifecycle.set_service(incident, service=answers, component=index, by=make.person(), now=NOON, why="seen")
    make.finding(incident, RETRIES)
    alert_in(incident, source)
    one_more(1)
    with CaptureQueriesContext(connection) as few:
        assert len(of(incident)) == 1
    for day in range(2, 9):
        one_more(day)
    with CaptureQueriesContext(connection) as many:
        assert len(of(incident)) == 5
    assert len(few) == len(many)


def alert_in(incident: Incident, source: Source) -> None:
    at = incident.detected_at
    Alert.objects.create(
        source=source, problem_key="p1", name="SearchSlow", title="Slow", started_at=at, last_event_at=at,
        received_at=at, resolved_at=at, incident=incident,
    )  # fmt: skip


def test_the_page_shows_them_with_their_reasons() -> None:
    answers, index = make.service("Answers"), make.component("Index")
    then = earlier("Old articles cited", service=answers, component=index, mode=RETRIES)
    incident = make.incident(service=answers)
    lifecycle.set_service(incident, service=answers, component=index, by=make.person(), now=NOON, why="seen")
    browser = Client()
    browser.force_login(make.person(role="viewer"))
    shown = browser.get(f"/incidents/{incident.pk}/").content.decode()
    for words in ("Old articles cited", then.ref, "same component, Index; same service", "resolved after 2 h 00"):
        assert words in shown
    assert "It looked like this before" not in browser.get(f"/incidents/{then.pk}/").content.decode()


@pytest.mark.parametrize(
    ("mine", "other", "points"),
    [
        (Traits("Slow search"), Traits("Slow search"), 2),
        (Traits("Slow search", service=1), Traits("Other words", service=1), 0),
        (Traits("Errors", layers={"data"}), Traits("Noise", layers={"data"}), 1),
        (Traits("a", service=1, keys={(1, "k"): "N"}), Traits("b", service=1, keys={(1, "j"): "N"}), 5),
        (Traits("a", service=1, keys={(1, "k"): "N"}), Traits("b", service=2, keys={(1, "j"): "N"}), 2),
    ],
)
def test_points(mine: Traits, other: Traits, points: int) -> None:
    assert likeness.compare(mine, other).points == points
