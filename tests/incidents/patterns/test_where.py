"""What is asked of the database about where it fails, and that behind each mark stand the incidents it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.patterns.answers import alike
from incidents.patterns.answers.shape import Answer
from incidents.patterns.queries import facts, marks, together
from incidents.patterns.questions import BY_SLUG
from incidents.patterns.questions.asking import about
from incidents.patterns.selection import Selection
from incidents.patterns.window import FILTERS, Window
from incidents.response import coining, findings
from incidents.response.models import FailureMode, Incident
from ownership.models import Person, Service
from tests import factories as make
from tests.incidents.patterns.factories import NOW, happened, window

pytestmark = pytest.mark.django_db
ADMIN = Person(role="admin")  # sees everything
MARCH = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


def ask(slug: str, *, viewer: Person = ADMIN, at: datetime = NOW, **asked: str) -> Answer:
    return BY_SLUG[slug].ask(about(window(at, **asked), viewer))


def behind(of: Window, selected: Mapping[str, str]) -> int:
    """How many incidents a mark with this selection leads to."""
    narrowed = Window.from_query(of.query() | {k: v for k, v in selected.items() if k in FILTERS}, NOW)
    rest = {name: value for name, value in selected.items() if name not in FILTERS}
    selection = Selection.from_query(rest, known=marks.known())
    assert not selection.problems
    return marks.behind(facts.scope(narrowed, ADMIN), selection).count()


def record(incident: Incident, layer: str, mode: str = "", **fields: Any) -> None:
    """A further finding."""
    fields["mode"] = FailureMode.objects.get(code=mode) if mode else None
    findings.record(incident, layer=layer, by=incident.declared_by or make.person(), now=NOW, **fields)


def counted(one: Answer, *names: str) -> set[tuple[Any, ...]]:
    """The lines with any incident, by these columns."""
    return {tuple(line.values[name] for name in names) for line in one.lines if line.values["incidents"]}


def test_services_by_layer() -> None:
    answers, fraud = make.service("Support answers", tier="t1"), make.service("Fraud score", tier="t2")
    both = happened(MARCH, "data", "data", "org", service=answers)
    record(both, "data")
    happened(MARCH, "data", service=answers, reviewed=True)
    happened(MARCH, "latency", service=fraud)
    happened(MARCH, "model")
    happened(MARCH, service=fraud)
    one = ask("places")
    assert counted(one, "service", "tier", "layer", "incidents", "of") == {
        ("Support answers", "Tier 1", "data", 2, 2),
        ("Support answers", "Tier 1", "org", 1, 2),
        ("Fraud score", "Tier 2", "latency", 1, 1),
        ("no service named", "", "model", 1, 1),
    }
    for line in one.lines:
        if line.behind:
            assert behind(window(), line.behind) == line.values["incidents"]
    assert counted(ask("places", service="fraud-score"), "service", "layer") == {("Fraud score", "latency")}
    assert counted(ask("places", failing="org"), "service", "layer") == {
        ("Support answers", "data"),
        ("Support answers", "org"),
    }


def test_kinds_of_parts_and_seams() -> None:
    index = make.component("Docs index", kind="retrieval_index")
    seam = make.seam()
    one = happened(MARCH)
    record(one, "data", component=index)
    record(one, "integration", dependency=seam)
    record(one, "integration", dependency=seam)
    other = happened(MARCH)
    record(other, "integration", dependency=make.seam())
    happened(MARCH, "org")
    told = ask("kinds")
    assert counted(told, "kind", "incidents") == {("Seam between two", 2), ("Retrieval index", 1)}
    assert (told.n, told.notes) == (2, ["1 of 3 incidents with a finding name no part."])
    assert [behind(window(), line.behind) for line in told.lines] == told.column("incidents") == [2, 1]


def test_a_merged_mode_counts_as_what_it_was_merged_into() -> None:
    by = make.person(role="admin")
    own = coining.add(layer="data", short="stale_rows", name="Stale rows", definition="Old.", by=by, now=NOW)
    head = FailureMode.objects.filter(layer="data", built_in=True).order_by("code")[0]
    one = happened(MARCH)
    record(one, "data", own.code)
    record(one, "data", head.code)
    record(happened(MARCH), "data", own.code)
    record(one, "org")
    assert counted(ask("modes"), "mode", "incidents", "findings") == {
        ("Stale rows", 2, 2),
        (head.name, 1, 1),
        ("without a mode", 1, 1),
    }
    coining.merge(own, into=head, by=by, now=NOW)
    told = ask("modes")
    assert counted(told, "mode", "layer", "incidents", "findings") == {
        (head.name, "data", 2, 3),
        ("without a mode", "", 1, 1),
    }
    assert [behind(window(), line.behind) for line in told.lines] == told.column("incidents")


@pytest.mark.parametrize("slug", ["places", "kinds", "modes"])
def test_private_incidents_count_for_those_who_see_them(slug: str) -> None:
    part = make.component("Docs index", kind="retrieval_index")
    incident = happened(MARCH, service=make.service("Support answers"))
    record(incident, "data", FailureMode.objects.filter(layer="data")[0].code, component=part)
    Incident.objects.filter(pk=incident.pk).update(private=True)
    assert not counted(ask(slug, viewer=make.person()), "incidents")
    assert counted(ask(slug), "incidents") == {(1,)}


@pytest.mark.parametrize("slug", ["places", "kinds", "modes"])
def test_what_was_found_later_is_not_in_an_earlier_answer(slug: str) -> None:
    part = make.component("Docs index", kind="retrieval_index")
    service = make.service("Support answers")
    incident = happened(MARCH, service=service)
    mode = FailureMode.objects.filter(layer="data")[0].code
    record(incident, "data", mode, component=part)
    today = timezone.now()  # versions are known from when the database wrote them
    asked: dict[str, Any] = {"as_of": f"{today + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}
    before = ask(slug, at=today + timedelta(days=2), **asked)
    assert counted(before, "incidents") == {(1,)}
    later = happened(MARCH, service=service)
    fields: dict[str, Any] = {"layer": "data", "mode": FailureMode.objects.get(code=mode), "component": part}
    findings.record(later, by=make.person(), now=today + timedelta(hours=2), **fields)
    assert ask(slug, at=today + timedelta(days=2), **asked) == before
    assert counted(ask(slug, at=today + timedelta(days=2)), "incidents") == {(2,)}


@pytest.mark.parametrize("slug", ["places", "kinds", "modes", "together"])
def test_one_statement_however_much_there_is(slug: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        record(happened(MARCH, "org", service=make.service()), "data", component=make.component())
    asked = about(window(), ADMIN)
    with django_assert_num_queries(1):
        BY_SLUG[slug].ask(asked)


def test_layers_found_in_one_incident() -> None:
    happened(MARCH, "data", "org")
    happened(MARCH, "data", "org", "model", reviewed=True)
    happened(MARCH, "data")
    happened(MARCH)
    one = ask("together")
    assert one.n == 3
    told = {
        ("data", "org", 2, 3, 2),
        ("data", "model", 1, 3, 1),
        ("org", "model", 1, 2, 1),
    }
    assert counted(one, "one", "other", "incidents", "of_one", "of_other") == told
    for line in one.lines:
        if line.behind:
            assert behind(window(), line.behind) == line.values["incidents"]


def test_services_out_on_one_day() -> None:
    answers, fraud, ranking = (make.service(name) for name in ("Support answers", "Fraud score", "Ranking"))
    for day in range(3):
        for service in (answers, fraud):
            happened(MARCH + timedelta(days=day), service=service)
            happened(MARCH + timedelta(days=day, hours=3), service=service)
    happened(MARCH + timedelta(days=9), service=answers)
    happened(MARCH + timedelta(days=1), service=ranking)
    one = ask("together_services")
    told = {(line.values["one"], line.values["other"]): line for line in one.lines}
    assert {key: line.values["days"] for key, line in told.items()} == {
        ("Fraud score", "Support answers"): 3,
        ("Fraud score", "Ranking"): 1,
        ("Ranking", "Support answers"): 1,
    }
    pair = told["Fraud score", "Support answers"]
    assert behind(window(), pair.behind) == 12
    assert behind(window(), told["Ranking", "Support answers"].behind) == 3


def test_services_are_compared_over_the_days_on_which_both_were_there() -> None:
    """Written down here in November: the one was in service from its first incident on, the other retired in May."""
    answers, fraud = make.service("Support answers"), make.service("Fraud score")
    Service.objects.update(created_at=NOW)
    happened(datetime(2026, 2, 1, 23, 0, tzinfo=UTC), service=answers)
    happened(datetime(2026, 9, 1, tzinfo=UTC), service=answers)
    happened(datetime(2026, 4, 1, 12, 0, tzinfo=UTC), service=fraud)
    happened(datetime(2026, 5, 2, tzinfo=UTC), service=fraud)
    Service.objects.filter(pk=fraud.pk).update(retired_at=datetime(2026, 5, 10, tzinfo=UTC))
    one, other = sorted(together.days(about(window(), ADMIN).scope, window()), key=lambda row: row.slug)
    first = date(2025, 12, 1)
    assert [(row.begun, row.ended) for row in (one, other)] == [
        ((date(2026, 4, 1) - first).days, (date(2026, 5, 10) - first).days),
        ((date(2026, 2, 1) - first).days, (NOW.date() - first).days),
    ]
    found = alike.pair(one, other)
    assert (found.observed, found.one, found.other, found.both) == (40, 2, 0, 0)


def test_a_pair_of_services_that_is_none_is_told() -> None:
    make.service("Ranking")
    for text in ("ranking", "ranking.ranking.ranking", "ranking."):
        assert Selection.from_query({"same_day": text}, known=marks.known()).problems
    assert behind(window(), {"same_day": "ranking.nope"}) == 0
