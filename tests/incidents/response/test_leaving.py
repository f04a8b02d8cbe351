"""Incidents of somebody who left go to somebody else, and a new owner sees what keeps failing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from incidents.response import lifecycle
from incidents.response.models import FailureMode, Incident
from incidents.response.queries import debts
from ownership import people, reassigning
from ownership.models import Notice, Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import signed_in
from web import registry

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def gone(db: None) -> Person:
    return make.person("Priya")


def leave(person: Person) -> None:
    people.deactivate(person, by=make.person(role="admin"), now=NOON)


def listed(viewer: Person, party: Person | None = None) -> list[str]:
    found = registry.gather(reassigning.PLACE, viewer, party=party)
    return [item.label for one in found if one.collector.code == "incident" for item in one.items]


def test_open_incidents_of_who_left_want_somebody(gone: Person) -> None:
    editor = make.person(role="editor")
    mine, over, other = make.incident(by=gone), make.incident(by=gone), make.incident()
    lifecycle.resolve(over, by=gone, now=NOON)
    assert listed(editor) == []
    assert listed(editor, gone) == [str(mine)]
    leave(gone)
    assert listed(editor) == [str(mine)]
    assert listed(editor, other.ball) == [str(other)]


def test_the_ball_goes_to_a_person_with_its_row_and_a_word(gone: Person) -> None:
    editor, tomas = make.person("Edith", role="editor"), make.person("Tomás")
    incident = make.incident("Answers are slow", by=gone)
    leave(gone)
    key = [f"incident:{incident.pk}"]
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give([], others=key, to=make.team(), by=editor, now=NOON)
    assert refused.value.rows == (f"{incident.ref}: a person has the ball, not a team.",)
    reassigning.give([], others=key, to=tomas, by=editor, now=NOON)
    incident.refresh_from_db()
    assert incident.ball == tomas
    row = incident.timeline.latest("pk")
    assert (row.by, row.text) == (editor, "Priya → Tomás")
    said = Notice.objects.get(person=tomas)
    assert (said.text, said.path) == (
        f"Edith gave you the ball: {incident} (who had it is no longer here)",
        f"/incidents/{incident.pk}/",
    )
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give([], others=key, to=tomas, by=editor, now=NOON)
    assert refused.value.rows == (f"{incident.ref}: it was resolved, or somebody has it by now.",)


@pytest.fixture
def service(db: None) -> Service:
    return make.service("Answers", owner=make.person("Owner"))


def failed(service: Service, mode: str, *, days: float, times: int = 1) -> Incident:
    incident = make.incident(service=service, now=NOON - days * DAY)
    for _ in range(times):
        make.finding(incident, mode)
    return incident


def test_a_mode_that_came_back_within_a_year_is_told_with_its_count(service: Service) -> None:
    twice, thrice, once = "integration.retry_amplification", "data.stale_or_broken_index", "guardrail.over_blocking"
    for days in (300, 20):
        failed(service, twice, days=days)
    for days in (200, 90, 5):
        failed(service, thrice, days=days)
    failed(service, once, days=10, times=2)
    for days in (366, 12):
        failed(service, "latency.capacity_exhaustion", days=days)
    failed(make.service(), once, days=3)
    found = debts.recurring_modes(make.person(), [service.pk], at=NOON)
    assert [(one.mode.code, one.incidents, one.latest) for one in found[service.pk]] == [
        (thrice, 3, NOON - 5 * DAY), (twice, 2, NOON - 20 * DAY),
    ]  # fmt: skip


def test_what_was_found_otherwise_since_does_not_count(service: Service) -> None:
    mode = "integration.retry_amplification"
    failed(service, mode, days=20)
    later = failed(service, mode, days=10)
    later.findings.update(superseded_at=NOON)
    assert debts.recurring_modes(make.person(), [service.pk], at=NOON) == {}


@pytest.mark.parametrize("services", [1, 4])
def test_it_costs_two_queries_for_any_number(services: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    made = [make.service() for _ in range(services)]
    for one in made:
        for days in (1, 2):
            failed(one, "integration.retry_amplification", days=days)
    viewer = make.person()
    with django_assert_num_queries(2):
        assert len(debts.recurring_modes(viewer, [one.pk for one in made], at=NOON)) == services


def test_a_component_brings_its_own_incidents_and_modes(service: Service) -> None:
    owner, retriever = make.person(), make.component("Retriever", of=service)
    make.assignment(retriever, owner)
    for days in (40, 9):
        incident = make.incident(f"Stale index {days}", service=service, now=NOON - days * DAY)
        make.finding(incident, "data.stale_or_broken_index", component=retriever)
        Incident.objects.filter(pk=incident.pk).update(component=retriever)
    make.finding(make.incident(service=service, now=NOON - DAY), "data.stale_or_broken_index")
    found = debts.recurring_modes(make.person(), [retriever.pk], at=NOON, of="component")
    assert [(one.mode.code, one.incidents) for one in found[retriever.pk]] == [("data.stale_or_broken_index", 2)]
    assert debts.open_incidents(make.person(), [retriever.pk], of="component")[retriever.pk].count == 2
    page = signed_in(owner).get(f"/components/{retriever.pk}/hand-over/").content.decode()
    assert "Stale index 9" in page
    assert "What keeps failing" in page


def test_the_page_of_a_hand_over_shows_it(service: Service) -> None:
    page = signed_in(make.person(role="editor"))
    assert "What keeps failing" not in page.get("/services/answers/hand-over/").content.decode()
    for days in (1, 2):
        failed(service, "integration.retry_amplification", days=days)
    shown = page.get("/services/answers/hand-over/").content.decode()
    assert "What keeps failing" in shown
    assert FailureMode.objects.get(code="integration.retry_amplification").name in shown
