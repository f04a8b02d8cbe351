"""Suggestions and verdicts of the window that the viewer may see, as known at an instant; marks lead to as many."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from incidents.patterns.answers.rules import Judged
from incidents.patterns.answers.suggestions import Pair
from incidents.patterns.queries import facts, marks, suggestions
from incidents.patterns.questions import rules as rules_question
from incidents.patterns.questions import suggestions as question
from incidents.patterns.questions.asking import about
from incidents.patterns.selection import Selection
from incidents.response import findings, suggesting
from incidents.response.models import Incident
from ownership.models import Person
from tests import factories as make
from tests.incidents.patterns.factories import happened, window

pytestmark = pytest.mark.django_db
CLOCK = timezone.now()  # the database says itself since when an incident is known: now
LAST = CLOCK - timedelta(days=60)
EARLY, BETWEEN, LATE, END = (CLOCK + timedelta(hours=hours) for hours in (1, 3, 5, 10))


def suggested(layer: str, *, primary: str = "", at: datetime = LAST, rule: str = "retries") -> Incident:
    """An incident for which a rule suggested a layer and somebody found `primary`."""
    by = make.person()
    incident = happened(at, by=by)
    said = {"layer": layer, "mode": "", "book": "built_in", "rule": rule, "version": 2}
    Incident.objects.filter(pk=incident.pk).update(suggested_layer=layer, suggestion=said)
    if primary:
        findings.record(incident, layer=primary, primary=True, by=by, now=EARLY)
    return Incident.objects.get(pk=incident.pk)


@pytest.fixture
def viewer() -> Person:
    return make.person("Vera Ilić", role="viewer")


def test_pairs_are_of_the_window_and_of_what_one_sees(viewer: Person) -> None:
    suggested("data", primary="data")
    suggested("data", primary="org")
    suggested("data")
    suggested("latency", primary="latency", at=LAST - timedelta(days=900))
    hidden = suggested("data", primary="model")
    Incident.objects.filter(pk=hidden.pk).update(private=True)
    scope = facts.scope(window(END), viewer)
    assert sorted(suggestions.pairs(scope), key=lambda row: row.found) == [
        Pair("data", "", 0, 1),
        Pair("data", "data", 0, 1),
        Pair("data", "org", 0, 1),
    ]
    failing = facts.scope(window(END, failing="org"), viewer)
    assert suggestions.pairs(failing) == [Pair("data", "org", 0, 1)]


def test_each_mark_leads_to_as_many_incidents(viewer: Person) -> None:
    for primary in ("data", "data", "org", ""):
        suggested("data", primary=primary)
    suggested("org", primary="data")
    asked = about(window(END), viewer)
    one = question.ask(asked)
    for line in one.lines:
        if line.behind:
            shown = marks.behind(asked.scope, Selection(**line.behind)).count()
            assert shown == line.values["incidents"]
    assert sum(one.column("incidents")) == 4


def test_verdicts_by_rule_then_and_now(viewer: Person) -> None:
    by = make.person()
    first, second = suggested("data"), suggested("data")
    suggesting.judge(first, "org", by=by, now=EARLY)
    suggesting.judge(first, "data", by=by, now=LATE)
    suggesting.judge(second, "latency", by=by, now=LATE)
    suggesting.judge(suggested("data", rule="quiet"), "data", by=by, now=LATE)
    now = about(window(END), viewer)
    assert suggestions.rules(now.scope) == [
        Judged("built_in", "quiet", 2, 1, 1, 1),
        Judged("built_in", "retries", 2, 2, 1, 1),
    ]
    then = facts.scope(window(END, as_of=BETWEEN.isoformat()), viewer)
    before = suggestions.rules(then)
    assert before == [Judged("built_in", "retries", 2, 1, 0, 0)]
    for line in rules_question.ask(now).lines:
        assert marks.behind(now.scope, Selection(**line.behind)).count() == line.values["judged"]
    behind = marks.behind(then, Selection(rule="built_in:retries"))
    assert [one.pk for one in behind] == [first.pk]


def test_a_rule_of_another_form_is_refused_and_one_that_nobody_knows_leads_to_nothing(viewer: Person) -> None:
    known = marks.known()
    assert [one.field for one in Selection.from_query({"rule": "'; --"}, known=known).problems] == ["rule"]
    nothing = Selection.from_query({"rule": "layer:99"}, known=known)
    assert not nothing.problems
    assert not marks.behind(facts.scope(window(END), viewer), nothing).exists()
