"""What happened at guardrails, how each is counted, and which rule changes came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import suspecting
from incidents.alerts.change_models import Change
from incidents.postmortems import causing
from incidents.postmortems.models import RuleCause
from incidents.postmortems.queries import guardrails
from incidents.response import confiding, merging, noting
from incidents.response.models import Incident, TimelineRow
from incidents.response.queries import story
from ownership.models import Component, Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.postmortems import factories as pm
from tests.incidents.postmortems.visits import signed_in
from web.errors import Invalid

pytestmark = pytest.mark.django_db
BYPASS, OVER_BLOCK = "guardrail.injection_bypass", "guardrail.over_blocking"
DAY = timedelta(days=1)


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def filters() -> Component:
    return make.component("PII filter", kind="guardrail", of=make.service("Answers"))


def happened(title: str, *, by: Person, ago: int = 1, **fields: Any) -> Incident:
    made = make.incident(title, by=by, now=NOON - ago * DAY)
    Incident.objects.filter(pk=made.pk).update(**fields)
    return Incident.objects.get(pk=made.pk)


def rule(of: Component, *, at: datetime = NOON - 10 * DAY, title: str = "Rule 88", kind: str = "guardrail") -> Change:
    return am.change(title, of=of, at=at, kind=kind, now=max(at, NOON))


def counted(viewer: Person, component: Component, now: datetime = NOON) -> dict[str, str]:
    """Kind → `n: how`, without the kinds of which there are none."""
    found = guardrails.one(viewer, component, now=now)
    return {one.kind: f"{one.incidents}: {one.words}" for one in found.counts if one.incidents}


# ---- counting ----


def test_findings_examples_and_types_each_say_how_they_count(maya: Person, filters: Component) -> None:
    make.finding(happened("Bypassed", by=maya), BYPASS, component=filters, by=maya)
    draft = pm.draft(by=maya, incident=pm.resolved("Reviewed", by=maya, mode=None))
    pm.finding(draft, BYPASS, component=filters)
    pm.example(happened("Around", by=maya), by=maya, component=filters, guardrail_kind="workaround")
    happened("Typed", by=maya, component=filters, type="over_blocking")
    make.finding(happened("Out", by=maya), "guardrail.guardrail_outage", component=filters, by=maya)
    assert counted(maya, filters) == {
        "bypass": "2: 1 reviewed, 1 provisional",
        "over_block": "1: 1 by type alone",
        "workaround": "1: 1 by example alone",
        "other": "1: 1 provisional",
    }


def test_an_incident_counts_once_for_a_kind_by_the_surest(maya: Person, filters: Component) -> None:
    one = happened("Bypassed", by=maya, component=filters, type="safety")
    assert counted(maya, filters) == {"bypass": "1: 1 by type alone"}
    for _ in range(2):
        pm.example(one, by=maya, component=filters, guardrail_kind="bypass")
    assert counted(maya, filters) == {"bypass": "1: 1 by example alone"}
    make.finding(one, BYPASS, component=filters, by=maya)
    assert counted(maya, filters) == {"bypass": "1: 1 provisional"}
    found = guardrails.one(maya, filters, now=NOON)
    assert (found.incidents, found.counts[0].examples) == (1, 2)


def test_what_is_of_another_place_layer_or_time_does_not_count(maya: Person, filters: Component) -> None:
    make.finding(happened("Elsewhere", by=maya), BYPASS, component=make.component(kind="guardrail"), by=maya)
    make.finding(happened("Slow", by=maya), component=filters, by=maya)
    make.finding(happened("Long ago", by=maya, ago=400), BYPASS, component=filters, by=maya)
    happened("Slow filter", by=maya, component=filters, type="latency")
    pm.example(happened("Just an input", by=maya), by=maya, component=filters)
    merged, into = happened("Twice", by=maya), happened("Once", by=maya)
    make.finding(merged, BYPASS, component=filters, by=maya)
    merging.merge(merged, into=into, reason="same", by=maya, now=NOON)
    withdrawn = happened("Not so", by=maya)
    finding = make.finding(withdrawn, BYPASS, component=filters, by=maya)
    type(finding).objects.filter(pk=finding.pk).update(superseded_at=NOON)
    gone = {merged.pk, withdrawn.pk}
    assert {event.incident for event in guardrails.one(maya, filters, now=NOON).events} - gone <= {into.pk}
    assert not gone & {event.incident for event in guardrails.one(maya, filters, now=NOON).events}


def test_a_seam_that_leads_to_it_counts_and_one_that_leaves_it_does_not(maya: Person, filters: Component) -> None:
    make.finding(happened("In", by=maya), BYPASS, dependency=make.seam(None, filters), by=maya)
    make.finding(happened("Out", by=maya), BYPASS, dependency=make.seam(filters, None), by=maya)
    assert counted(maya, filters) == {"bypass": "1: 1 provisional"}


def test_a_private_incident_counts_for_its_people(maya: Person, filters: Component) -> None:
    one = happened("Bypassed", by=maya)
    make.finding(one, BYPASS, component=filters, by=maya)
    confiding.make_private(one, reason="A customer.", by=maya, now=NOON)
    assert counted(make.person(), filters) == {}
    assert counted(maya, filters) == {"bypass": "1: 1 provisional"}


def test_twelve_months_are_drawn_with_the_months_that_had_none(maya: Person, filters: Component) -> None:
    now = timezone.now()
    for months in (0, 0, 3):
        one = make.incident(by=maya, now=now - months * timedelta(days=30.4))
        make.finding(one, BYPASS, component=filters, by=maya)
    bars = guardrails.one(maya, filters, now=now).bars
    assert [bar.total for bar in bars][-1] == 2
    assert (len(bars), sum(bar.total for bar in bars)) == (12, 3)
    assert bars[-1].parts == [("bypass", 0.0, 100.0)]
    assert bars[0].parts == []
    assert (bars[0].month.day, bars[-1].month.month) == (1, timezone.localtime(now).month)


# ---- rule changes ----


def test_the_last_rule_change_is_the_latest_of_that_kind(maya: Person, filters: Component) -> None:
    assert guardrails.one(maya, filters, now=NOON).last is None
    rule(filters, at=NOON - 200 * DAY, title="Older")
    rule(filters, at=NOON - 100 * DAY, title="Rule 88")
    rule(filters, at=NOON - 2 * DAY, title="A deploy", kind="deploy")
    for ago in (150, 40, 30):
        make.finding(happened("x", by=maya, ago=ago), OVER_BLOCK, component=filters, by=maya)
    last = guardrails.one(maya, filters, now=NOON).last
    assert last is not None
    assert (last.change.title, last.age, last.since, last.stale) == ("Rule 88", 100 * DAY, 2, True)
    assert [change.title for change, _ in guardrails.rule_changes(maya, filters)] == ["Rule 88", "Older"]


@pytest.mark.parametrize(("age", "incidents", "stale"), [(90, 2, True), (89, 2, False), (90, 1, False)])
def test_a_policy_is_called_stale_by_age_and_incidents(
    maya: Person, filters: Component, age: int, incidents: int, stale: bool
) -> None:
    rule(filters, at=NOON - age * DAY)
    for _ in range(incidents):
        make.finding(happened("x", by=maya), BYPASS, component=filters, by=maya)
    last = guardrails.one(maya, filters, now=NOON).last
    assert last is not None
    assert last.stale is stale


def test_a_rule_change_names_the_incident_it_came_of(maya: Person, filters: Component) -> None:
    cause, change = happened("Bypassed", by=maya, ago=12), rule(filters)
    for _ in range(2):
        causing.name(change, cause, by=maya, now=NOON)
    assert RuleCause.objects.count() == 1
    last = guardrails.one(maya, filters, now=NOON).last
    assert last is not None
    assert list(last.causes) == [cause]
    assert (
        TimelineRow.objects.filter(incident=cause, text__startswith="Rule change because of it: [Rule 88").count() == 1
    )
    causing.drop(change, cause, by=maya, now=NOON)
    causing.drop(change, cause, by=maya, now=NOON)
    assert guardrails.causes_of(maya, [change.line]) == {}
    assert TimelineRow.objects.filter(incident=cause, text__startswith="No rule change").count() == 1
    causing.name(change, cause, by=maya, now=NOON)
    assert guardrails.causes_of(maya, [change.line]) == {change.line: [cause]}


def test_the_record_of_a_cause_or_a_suspicion_is_nobodys_note(maya: Person, filters: Component) -> None:
    cause, change = happened("Bypassed", by=maya, ago=12), rule(filters)
    causing.name(change, cause, by=maya, now=NOON)
    suspecting.suspect(cause, change, why="near", by=maya, now=NOON)
    suspecting.drop(cause, change, by=maya, now=NOON)
    note = noting.note(cause, text="Mine.", by=maya, now=NOON)
    rows = list(TimelineRow.objects.filter(incident=cause, kind="note"))
    assert [row for row in rows if story.may_edit(maya, row)] == [note]
    assert len(rows) == 4


def test_what_was_noticed_later_cannot_have_caused_it(maya: Person, filters: Component) -> None:
    with pytest.raises(Invalid):
        causing.name(rule(filters), happened("Later", by=maya, ago=9), by=maya, now=NOON)


def test_a_private_cause_is_told_to_its_people(maya: Person, filters: Component) -> None:
    cause, change = happened("Bypassed", by=maya, ago=12), rule(filters)
    causing.name(change, cause, by=maya, now=NOON)
    confiding.make_private(cause, reason="A customer.", by=maya, now=NOON)
    assert guardrails.causes_of(make.person(), [change.line]) == {}
    assert guardrails.causes_of(maya, [change.line]) == {change.line: [cause]}


# ---- pages ----


def test_the_page_names_the_cause_by_its_number(maya: Person, filters: Component) -> None:
    cause, change = happened("Bypassed", by=maya, ago=12), rule(filters)
    browser, url = signed_in(maya), f"/guardrails/{filters.pk}/"
    act = f"{url}changes/{change.line}/cause/"
    assert "Which incident caused it?" in browser.get(url).content.decode()
    answer = browser.post(act, {"incident": f"inc-{cause.pk}"}, follow=True)
    assert f'Because of <a href="/incidents/{cause.pk}/">' in answer.content.decode()
    assert browser.post(act, {"incident": "INC-x"}).status_code == 422
    assert browser.post(act, {"incident": str(cause.pk), "drop": "1"}).status_code == 302
    assert not RuleCause.objects.filter(dropped_at=None).exists()


def test_who_may_say_so(maya: Person, filters: Component) -> None:
    cause, change = happened("Bypassed", by=maya, ago=12), rule(filters)
    act = f"/guardrails/{filters.pk}/changes/{change.line}/cause/"
    viewer, mate = make.person(role="viewer"), make.person()
    assert signed_in(viewer).post(act, {"incident": cause.pk}).status_code == 403
    assert signed_in(viewer).get(f"/guardrails/{filters.pk}/").status_code == 200
    confiding.make_private(cause, reason="A customer.", by=maya, now=NOON)
    assert signed_in(mate).post(act, {"incident": cause.pk}).status_code == 422
    assert signed_in(maya).post(act, {"incident": cause.pk}).status_code == 302
    other = rule(make.component(kind="api"))
    assert signed_in(maya).post(f"/guardrails/{filters.pk}/changes/{other.line}/cause/").status_code == 404
    deploy = rule(filters, kind="deploy")
    assert signed_in(maya).post(f"/guardrails/{filters.pk}/changes/{deploy.line}/cause/").status_code == 404
    assert signed_in(maya).get(f"/guardrails/{other.component_id}/").status_code == 404


def test_the_list_is_sorted_by_incidents_and_empty_it_teaches(maya: Person) -> None:
    browser = signed_in(maya)
    assert "No guardrail in the catalogue" in browser.get("/guardrails/").content.decode()
    make.component("A quiet one", kind="guardrail")
    loud = make.component("Loud", kind="guardrail")
    make.component("No guardrail", kind="api")
    one = make.incident(by=maya, now=timezone.now())
    make.finding(one, BYPASS, component=loud, by=maya)
    listed = browser.get("/guardrails/").context["guardrails"]
    assert [found.component.name for found in listed] == ["Loud", "A quiet one"]


def test_pages_ask_a_constant_number_of_questions(maya: Person, filters: Component) -> None:
    counts: dict[str, list[int]] = {"/guardrails/": [], f"/guardrails/{filters.pk}/": []}
    for many in (1, 8):
        for _ in range(many):
            other = make.component(kind="guardrail", of=make.service())
            for place in (filters, other):
                one = make.incident(by=maya, now=timezone.now() - DAY)
                make.finding(one, BYPASS, component=place, by=maya)
                pm.example(one, by=maya, component=place, guardrail_kind="bypass")
                causing.name(rule(place, at=timezone.now()), one, by=maya, now=timezone.now())
        for path, found in counts.items():
            with CaptureQueriesContext(connection) as asked:
                assert signed_in(maya).get(path).status_code == 200
            found.append(len(asked))
    assert all(few == many for few, many in counts.values()), counts
