"""Dry runs over stored alerts: counted as the digest would decide, bounded, and nothing is changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.alerts import deciding, intake, rehearsing, ruling, severity
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.models import Alert
from incidents.alerts.queries import rules as queries
from incidents.alerts.rehearsing import Rehearsal
from incidents.alerts.rule_models import AlertRule
from incidents.alerts.ruling import Wanted
from ownership.models import Alias, Component, Person
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db
ADMIN = Person(role="admin")  # sees everything

FEAT = (Condition("label", "glob", ("feat-*",), "job"),)
NOW = minutes(60)


@pytest.fixture
def editor() -> Person:
    return make.person("Maya", role="editor")


@pytest.fixture
def pipeline() -> Component:
    return make.component("Feature pipeline", of=make.service("Fraud score", tier="t1"))


def proposed(**said: Any) -> AlertRule:
    return ruling.draft("subject", Wanted(FEAT, **said))


def tried(rule: AlertRule) -> Rehearsal:
    return rehearsing.subjects(ADMIN, [*queries.current("subject"), rule], focus=rule, now=NOW)


def counts(told: Rehearsal) -> tuple[int, int, int, int, int]:
    return told.looked_at, told.matched, told.first, told.decided, told.elsewhere


def test_a_new_rule_tells_what_it_would_have_changed(editor: Person, pipeline: Component) -> None:
    Alias.objects.create(component=make.component("Index", of=make.service("Answers")), system="job", key="feat-index")
    ruling.make(
        "subject",
        Wanted([Condition("label", "is", ("feat-old",), "job")], service=make.service("Old")),
        by=editor,
        now=NOON,
    )
    am.send(
        am.source("Main cluster"),
        am.alert("Lost", job="feat-age"),  # nobody's: would go elsewhere
        am.alert("Aliased", job="feat-index"),  # an exact alias decides
        am.alert("Earlier", job="feat-old"),  # an earlier rule takes it
        am.alert("Found", job="feat-sex", component="feature pipeline"),  # its name leads to the same
        am.alert("Other", job="indexer"),
    )
    told = tried(proposed(component=pipeline))
    assert counts(told) == (5, 4, 3, 2, 1)
    first = told.samples[0]
    assert (first.alert.name, first.was, first.would) == ("Lost", "nobody", "Feature pipeline → Fraud score")
    assert first.why == "rule 2 v1: label job=feat-age → Feature pipeline → Fraud score"
    assert not told.bounded
    assert Alert.objects.get(name="Lost").service is None, "a dry run changes nothing"


def test_a_dry_run_says_what_the_digest_then_does(pipeline: Component, editor: Person) -> None:
    am.send(am.source(), *[am.alert(f"A{n}", job=f"feat-{n}", instance=str(n)) for n in range(3)])
    rule = proposed(component=pipeline)
    would = {(one.alert.labels["job"], one.would) for one in tried(rule).samples}
    ruling.make("subject", Wanted(FEAT, component=pipeline), by=editor, now=NOON)
    am.send(am.source(), *[am.alert(f"B{n}", job=f"feat-{n}", instance=str(n)) for n in range(3)], at=minutes(1))
    did = {
        (one.labels["job"], f"{one.component} → {one.service}")
        for one in Alert.objects.filter(name__startswith="B").select_related("component", "service")
    }
    assert would == did


def test_an_edited_rule_is_held_against_the_version_that_decides(pipeline: Component, editor: Person) -> None:
    made = ruling.make("subject", Wanted(FEAT, component=pipeline), by=editor, now=NOON)
    am.send(am.source(), am.alert("A", job="feat-age"))
    other = Wanted([Condition("label", "is", ("feat-sex",), "job")], component=pipeline)
    edited = ruling.draft("subject", other, of=made)
    told = rehearsing.subjects(ADMIN, [edited], focus=edited, now=NOW)
    assert counts(told) == (1, 0, 0, 0, 1)
    assert [(one.was, one.would) for one in told.samples] == [("Feature pipeline → Fraud score", "nobody")]


def test_the_whole_list_counts_by_rule(pipeline: Component, editor: Person) -> None:
    am.send(am.source(), am.alert("A", job="feat-age"), am.alert("B", job="feat-sex"), am.alert("C", job="x"))
    ruling.make("subject", Wanted(FEAT, component=pipeline), by=editor, now=NOON)
    told = rehearsing.subjects(ADMIN, list(queries.current("subject")), now=NOW)
    assert (told.counts, counts(told)) == ({"1": 2}, (3, 2, 2, 2, 2))


def test_only_the_newest_of_the_last_thirty_days_are_looked_at(
    pipeline: Component, monkeypatch: pytest.MonkeyPatch, editor: Person
) -> None:
    source = am.source()
    am.send(source, am.alert("Old", job="feat-age"), at=NOON - timedelta(days=31))
    intake.send_test(source, by=editor, now=NOON)
    am.drain()
    for number in range(4):
        am.send(source, am.alert(f"A{number}", job="feat-age"), at=minutes(number))
    assert counts(tried(proposed(component=pipeline)))[:2] == (4, 4)
    monkeypatch.setattr(rehearsing, "LIMIT", 3)
    monkeypatch.setattr(rehearsing, "SAMPLES", 2)
    told = tried(proposed(component=pipeline))
    assert (told.looked_at, told.bounded, len(told.samples)) == (3, True, 2)
    assert [one.alert.name for one in told.samples] == ["A3", "A2"]


@pytest.mark.parametrize("count", [1, 30])
def test_a_dry_run_takes_the_same_number_of_statements_for_any_number(
    pipeline: Component, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsing, "CHUNK", 7)
    am.send(am.source(), *[am.alert(f"A{n}", job="feat-age", severity="critical") for n in range(count)])
    Alert.objects.update(service=pipeline.parts.get().service)
    rules = [proposed(component=pipeline)]
    table = severity.checked({tier: ["sev4"] * 4 for tier in severity.SHIPPED.cells})
    says = deciding.says([], set())
    for run, most in (
        (lambda: rehearsing.subjects(ADMIN, rules, focus=rules[0], now=NOW), 9),
        (lambda: rehearsing.layers(ADMIN, says, now=NOW), 2),
        (lambda: rehearsing.severities(ADMIN, table, now=NOW), 4),
    ):
        with CaptureQueriesContext(connection) as captured:
            told = run()
        assert told.looked_at == count
        assert len(captured) <= most, captured.captured_queries


def test_layers_are_counted_and_held_against_what_is_stored(editor: Person) -> None:
    am.send(
        am.source(),
        am.alert("A", summary="Too slow"),
        am.alert("B", summary="The orders queue is slow"),
        am.alert("C", summary="It rains"),
    )
    own = ruling.draft("layer", Wanted([Condition("text", "words", ("orders", "rains"))], layer="org"))
    told = rehearsing.layers(ADMIN, deciding.says([own], set()), focus=own.label, now=NOW)
    assert told.counts == {"org": 2, "latency": 1}
    assert (told.matched, told.first, told.elsewhere) == (2, 2, 2)
    assert {(one.alert.name, one.was, one.would) for one in told.samples} == {("B", "latency", "org"), ("C", "", "org")}
    without = rehearsing.layers(ADMIN, deciding.says([], {"latency.tail"}), now=NOW)
    assert (without.counts, without.elsewhere) == ({"": 3}, 2)


def test_severities_are_counted_by_cell_and_unknown_stays_pending(pipeline: Component) -> None:
    am.send(
        am.source(),
        am.alert("A", severity="critical", component="feature pipeline"),
        am.alert("B", severity="warning", component="feature pipeline"),
        am.alert("C", severity="wobbly", component="feature pipeline"),
        am.alert("D", severity="critical"),
    )
    cells = {tier: [sev.value for sev in row] for tier, row in severity.SHIPPED.cells.items()}
    told = rehearsing.severities(ADMIN, severity.checked({**cells, "t1": ["sev2", "sev2", "sev3", "sev4"]}), now=NOW)
    assert told.counts == {"sev2": 1, "sev3": 1, "pending": 2}
    assert (told.looked_at, told.elsewhere) == (4, 1)
    (sample,) = told.samples
    assert (sample.alert.name, sample.was, sample.would) == ("A", "sev1", "sev2")
    assert sample.why == "SEV2 because tier 1 × critical (severity table v2)"
