"""Stages of the reviews of the incidents in scope, as known at an instant; marks lead to as many incidents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.patterns.queries import facts, marks, stages
from incidents.patterns.questions import budgets
from incidents.patterns.questions.asking import about
from incidents.patterns.selection import Selection
from incidents.postmortems import measuring
from incidents.postmortems.measuring import Stage
from incidents.postmortems.models import Postmortem, StageLatency
from incidents.response.models import FailureMode, Incident
from ownership.models import Component, Dependency, Person
from tests import factories as make
from tests.incidents.patterns.factories import happened, window
from tests.incidents.postmortems import factories as review

pytestmark = pytest.mark.django_db
CLOCK = timezone.now()  # the database says itself since when an incident is known: now
LAST = CLOCK - timedelta(days=60)
EARLY, BETWEEN, LATE, END = (CLOCK + timedelta(hours=hours) for hours in (1, 3, 5, 10))


@pytest.fixture
def viewer() -> Person:
    return make.person("Vera Ilić", role="viewer")


@pytest.fixture
def parts() -> tuple[Component, Component]:
    return make.component("Gateway"), make.component("Retriever")


def reviewed(*rows: Stage, private: bool = False) -> Postmortem:
    """A review of an incident of the window with these latencies."""
    incident = happened(LAST, by=make.person())
    postmortem = review.draft(incident=incident, by=make.person())
    measuring.record(postmortem, stages=rows, by=postmortem.author, now=EARLY)
    if private:
        Incident.objects.filter(pk=incident.pk).update(private=True)
    return postmortem


def test_each_stage_once_with_its_quantiles(viewer: Person, parts: tuple[Component, Component]) -> None:
    gateway, retriever = parts
    seam = Dependency.objects.create(upstream=gateway, downstream=retriever)
    for p95 in (400, 800, 1200, 1600, 2000):
        reviewed(
            Stage(dependency=seam, budget_ms=800, p95_ms=p95, p99_ms=2 * p95), Stage(component=retriever, p95_ms=9)
        )
    reviewed(Stage(name="Rerank", budget_ms=100, p95_ms=90), Stage(dependency=seam, p95_ms=1))
    reviewed(Stage(name="rerank", budget_ms=100, p95_ms=300), private=True)
    found = {one.name: one for one in stages.stages(facts.scope(window(END), viewer))}
    assert sorted(found) == ["Gateway → Retriever", "Rerank", "Retriever"]
    one = found["Gateway → Retriever"]
    assert (one.key, one.reviews, one.no_budget, one.budget, one.measured, one.over) == (
        f"seam:{seam.pk}",
        6,
        1,
        800,
        5,
        3,
    )
    assert (one.measured_p99, one.over_p99) == (5, 4)
    assert (one.lowest, one.half, one.nine, one.highest) == pytest.approx((0.5, 1.5, 2.3, 2.5))
    assert (found["Retriever"].measured, found["Retriever"].budget) == (0, None)
    assert (found["Rerank"].reviews, found["Rerank"].over) == (1, 0)
    assert stages.stages(facts.scope(window(END, severity="sev1"), viewer)) == []


def test_latency_findings_count_with_the_part_that_they_name(
    viewer: Person, parts: tuple[Component, Component]
) -> None:
    retriever = parts[1]
    reviewed(Stage(component=retriever, budget_ms=100, p95_ms=90))
    for component in (retriever, parts[0], None):
        postmortem = reviewed()
        review.finding(
            postmortem, FailureMode.objects.filter(layer="latency").order_by("code")[0].code, component=component
        )
    found = {one.name: (one.reviews, one.findings) for one in stages.stages(facts.scope(window(END), viewer))}
    assert found == {"Retriever": (1, 1), "Gateway": (0, 1), "": (0, 1)}


def test_marks_lead_to_as_many_reviews_then_and_now(viewer: Person, parts: tuple[Component, Component]) -> None:
    service = make.service("Support answers")
    first = reviewed(Stage(service=service, budget_ms=100, p95_ms=300), Stage(name="Rerank", budget_ms=5, p95_ms=4))
    reviewed(Stage(service=service, budget_ms=100, p95_ms=50), Stage(component=parts[0], p50_ms=4))
    row = StageLatency.objects.get(postmortem=first, service=service)
    corrected = Stage(service=service, budget_ms=100, p95_ms=90, line=row.line, seen=row.pk)
    measuring.record(first, stages=[corrected], by=first.author, now=LATE)
    for asked, over in ((about(window(END), viewer), 0), (about(window(END, as_of=BETWEEN.isoformat()), viewer), 1)):
        answer = budgets.ask(asked)
        assert answer.column("stage")[0] == "Support answers, whole answer"
        assert answer.column("over")[0] == over
        for line in answer.lines:
            assert marks.behind(asked.scope, Selection(**line.behind)).count() == line.values["reviews"]


def test_before_anything_was_written_nothing_is_known(viewer: Person) -> None:
    reviewed(Stage(name="Rerank", budget_ms=5, p95_ms=4))
    then = window(END, as_of=(CLOCK + timedelta(minutes=30)).isoformat())
    assert stages.stages(facts.scope(then, viewer)) == []
