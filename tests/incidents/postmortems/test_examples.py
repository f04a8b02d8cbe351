"""Failing examples: recorded, corrected, taken back, erased; listed, counted and exported."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator, FormatChecker

from incidents.postmortems import checking, exemplifying, jsonl
from incidents.postmortems.exemplifying import LONGEST, Said
from incidents.postmortems.models import FailingExample
from incidents.postmortems.queries import examples, pointing
from incidents.postmortems.queries import review as reviews
from incidents.postmortems.queries.examples import Filter
from incidents.response import confiding, merging
from incidents.response.models import Incident, TimelineRow
from ownership.models import Person
from tests import factories as make
from tests.factories import NOON
from tests.house.sources import ROOT
from tests.incidents.postmortems import factories as pm
from tests.incidents.postmortems.visits import signed_in
from web import references
from web.errors import DomainError, Invalid

pytestmark = pytest.mark.django_db
BYPASS = "guardrail.injection_bypass"


@pytest.fixture
def maya() -> Person:
    return make.person("Maya")


@pytest.fixture
def incident(maya: Person) -> Incident:
    return make.incident("Leaks", by=maya, service=make.service("Answers"))


def lines_of(viewer: Person, **asked: Any) -> list[dict[str, Any]]:
    found = examples.every(viewer, Filter(**asked))
    return [json.loads(line) for line in jsonl.lines(found)]


# ---- recording ----


def test_it_is_kept_without_what_looks_private(incident: Incident, maya: Person) -> None:
    made = pm.example(incident, by=maya, input="I am bo@example.org", observed="Hello bo@example.org", tags=["B", "a "])
    assert (made.input, made.observed) == ("I am [email 1]", "Hello [email 1]")
    assert (made.replaced, made.kept, made.tags, made.version) == ({"email": 1}, 0, ["a", "b"], 1)
    row = TimelineRow.objects.filter(incident=incident).latest("pk")
    assert (row.text, row.by) == ("a failing example recorded", maya)


def test_what_is_left_on_purpose_is_counted(incident: Incident, maya: Person) -> None:
    said = pm.said(input="Ask support@example.org or bo@example.org")
    code = said.plan.replacements[0].code
    made = exemplifying.add(incident, said, keep={code, "0" * 16}, by=maya, now=NOON)
    assert (made.input, made.kept) == ("Ask support@example.org or [email 2]", 1)


def test_json_is_kept_as_json(incident: Incident, maya: Person) -> None:
    made = pm.example(incident, by=maya, input='{"to": "bo@example.org"}', input_format="json")
    assert json.loads(made.input) == {"to": "[email 1]"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"input": "  "}, "input"),
        ({"input": "x" * (LONGEST + 1)}, "input"),
        ({"input": "{", "input_format": "json"}, "input"),
        ({"observed": "", "expected": ""}, "expected"),
        ({"layer": "", "mode": None}, "layer"),
        ({"tags": ["two words"]}, "tags"),
        ({"tags": ["123456789"]}, "tags"),
        ({"tags": [str(number) for number in range(11)]}, "tags"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"source_url": "https://maya:pass1@example.org/"}, "source_url"),
        ({"source_url": "https://example.org/?token=abc123def"}, "source_url"),
        ({"source_url": "https://crm.example/customers/4111111111111111"}, "source_url"),
        ({"source_url": "https://crm.example/?phone=+4915112345678"}, "source_url"),
        ({"source_url": "https://crm.example/?to=jane%40example.org"}, "source_url"),
    ],
)
def test_what_cannot_be_kept_says_which_field(incident: Incident, maya: Person, fields: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        exemplifying.add(incident, pm.said(**fields), by=maya, now=NOON)
    assert refused.value.field == field
    assert not FailingExample.objects.exists()


@pytest.mark.parametrize(
    "address", ["http://10.20.30.40:3000/d/1", "https://traces.example.org/4711081500?at=1732354800000#a%20b"]
)
def test_an_address_of_a_host_or_a_trace_is_kept(incident: Incident, maya: Person, address: str) -> None:
    assert pm.example(incident, by=maya, source_url=address).source_url == address


def test_a_text_of_the_full_length_is_kept(incident: Incident, maya: Person) -> None:
    assert len(pm.example(incident, by=maya, input="x " * (LONGEST // 2)).input) == LONGEST - 1


def test_a_mode_brings_its_layer(incident: Incident, maya: Person) -> None:
    made = pm.example(incident, by=maya, mode=pm.mode(BYPASS), layer="data")
    assert made.layer == "guardrail"


def test_of_what_was_merged_none_is_recorded(incident: Incident, maya: Person) -> None:
    other = make.incident("The same", by=maya)
    merging.merge(incident, into=other, reason="same", by=maya, now=NOON)
    with pytest.raises(DomainError):
        pm.example(Incident.objects.get(pk=incident.pk), by=maya)


# ---- versions ----


def test_a_correction_is_the_next_version(incident: Incident, maya: Person) -> None:
    first, priya = pm.example(incident, by=maya), make.person("Priya")
    later = NOON + timedelta(days=1)
    second = exemplifying.correct(first, pm.said(expected="Declines."), by=priya, now=later)
    assert (second.line, second.version, second.expected) == (first.line, 2, "Declines.")
    assert (second.created_by, second.by, second.created_at) == (maya, priya, NOON)
    assert [one.version for one in examples.versions(first.line)] == [2, 1]
    assert exemplifying.correct(second, pm.said(expected="Declines."), by=maya, now=later) == second
    with pytest.raises(exemplifying.ExampleChanged):
        exemplifying.correct(first, pm.said(expected="Other"), by=maya, now=later)


def test_taken_back_it_has_no_words_and_is_in_no_list(incident: Incident, maya: Person) -> None:
    first = pm.example(incident, by=maya)
    gone = exemplifying.take_back(first, why=" Not ours. ", by=maya, now=NOON)
    assert (gone.withdrawn_why, gone.input, gone.layer) == ("Not ours.", "", first.layer)
    assert lines_of(maya) == []
    assert not examples.has_one(incident.pk)
    for why in (" ", "x" * 301):
        with pytest.raises(Invalid):
            exemplifying.take_back(pm.example(incident, by=maya), why=why, by=maya, now=NOON)


def test_why_it_is_taken_back_says_nothing_private_and_stays_off_the_timeline(incident: Incident, maya: Person) -> None:
    first = pm.example(incident, by=maya)
    with pytest.raises(Invalid) as refused:
        exemplifying.take_back(first, why="it had jane@example.org in it", by=maya, now=NOON)
    assert refused.value.field == "why"
    exemplifying.take_back(first, why="It named Jane Doe.", by=maya, now=NOON)
    row = TimelineRow.objects.filter(incident=incident).latest("pk")
    assert (row.text, row.why) == ("a failing example taken back", "")


def test_earlier_words_can_be_erased_and_the_present_ones_stay(incident: Incident, maya: Person) -> None:
    first = pm.example(incident, by=maya, input="the secret")
    exemplifying.correct(first, pm.said(input="harmless"), by=maya, now=NOON)
    assert exemplifying.erase(first, by=maya, now=NOON) == 1
    now, before = examples.versions(first.line)
    assert (now.input, before.input, before.expected, before.erased_by) == ("harmless", "", "", maya)
    assert exemplifying.erase(first, by=maya, now=NOON) == 0


@pytest.mark.parametrize(
    "sql", ["UPDATE incidents_failingexample SET input = 'x'", "DELETE FROM incidents_failingexample"]
)
def test_the_database_overwrites_none(incident: Incident, maya: Person, sql: str) -> None:
    exemplifying.correct(pm.example(incident, by=maya), pm.said(input="other"), by=maya, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


# ---- lists and exports ----


def test_each_filter_narrows(incident: Incident, maya: Person) -> None:
    filters = make.component("PII filter", kind="guardrail")
    one = pm.example(incident, by=maya, mode=pm.mode(BYPASS), component=filters, guardrail_kind="bypass", tags=["a"])
    pm.example(make.incident(by=maya), by=maya, layer="evaluation", now=NOON - timedelta(days=5))
    for asked in (
        {"service": "answers"}, {"layer": "guardrail"}, {"mode": BYPASS}, {"component": filters.pk},
        {"guardrail": "bypass"}, {"guardrail": "any"}, {"tag": "a"}, {"since": date(2026, 11, 20)},
    ):  # fmt: skip
        assert [row["id"] for row in lines_of(maya, **asked)] == [str(one.line)], asked
    assert len(lines_of(maya)) == 2
    assert lines_of(maya, tag="b") == lines_of(maya, guardrail="workaround") == []


@pytest.mark.parametrize(
    "said", [{"since": "soon"}, {"layer": "ui"}, {"guardrail": "x"}, {"component": "x"}, {"tag": "\x00"}]
)
def test_what_a_filter_cannot_mean_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Filter.of(said)


def test_an_address_says_what_its_filter_says() -> None:
    said = {"service": "answers", "since": "2026-11-20", "component": "7", "tag": "a b"}
    assert Filter.of(said).query == "service=answers&component=7&tag=a+b&since=2026-11-20"
    assert Filter.of({}).query == ""


def test_each_line_is_as_its_schema_says(incident: Incident, maya: Person) -> None:
    pm.example(
        incident,
        by=maya,
        mode=pm.mode(BYPASS),
        guardrail_kind="bypass",
        tags=["a"],
        note="n",
        source_url="https://example.org/t",
    )
    pm.example(
        make.incident(by=maya), by=maya, input='[{"role": "user"}]', input_format="json", expected="", layer="org"
    )
    schema = json.loads((ROOT / "static/schemas/failing-example-1.json").read_text())
    check = Draft202012Validator(schema, format_checker=FormatChecker())
    rows = lines_of(maya)
    assert [list(check.iter_errors(row)) for row in rows] == [[], []]
    assert {frozenset(row) for row in rows} == {frozenset(schema["required"])} == {frozenset(schema["properties"])}
    assert rows[0]["input"] == [{"role": "user"}]
    assert (rows[0]["expected"], rows[0]["service"], rows[1]["service"]) == (None, None, "answers")
    assert list(check.iter_errors({**rows[1], "input": 1}))
    assert list(check.iter_errors({**rows[1], "severity": "high"}))


def test_an_export_reads_in_pieces_and_skips_none(
    incident: Incident, maya: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "CHUNK", 2)
    made = [pm.example(incident, by=maya, input=f"input {number}") for number in range(5)]
    assert [row["id"] for row in lines_of(maya)] == [str(one.line) for one in reversed(made)]


def test_of_a_private_incident_they_are_for_its_people(incident: Incident, maya: Person) -> None:
    pm.example(incident, by=maya)
    confiding.make_private(incident, reason="A customer.", by=maya, now=NOON)
    stranger = make.person()
    assert (len(lines_of(maya)), lines_of(stranger)) == (1, [])
    assert examples.page(stranger, Filter(), after=None).rows == []


# ---- coverage ----


def test_incidents_of_evaluation_and_guardrail_without_one_are_listed(incident: Incident, maya: Person) -> None:
    make.finding(incident, BYPASS, by=maya)
    other = make.incident("Not evaluated", by=maya)
    make.finding(other, "evaluation.offline_only_eval", by=maya)
    make.finding(make.incident("Slow", by=maya), by=maya)
    now = NOON + timedelta(days=1)
    before = examples.coverage(maya, now=now)
    assert (before.incidents, before.covered, before.wanting) == (2, 0, [other, incident])
    pm.example(incident, by=maya)
    after = examples.coverage(maya, now=now)
    assert (after.covered, after.wanting) == (1, [other])
    assert examples.coverage(maya, now=now, service="answers").wanting == []
    assert examples.coverage(maya, now=NOON + timedelta(days=400)).incidents == 0


def test_the_checklist_advises_and_does_not_block(maya: Person) -> None:
    draft = pm.draft(by=maya, mode=BYPASS)
    asked = [item for item in checking.checklist(reviews.of(draft)) if item.label == "A failing example"]
    assert [(item.ok, item.soft, item.missing) for item in asked] == [(False, True, False)]
    pm.example(draft.incident, by=maya)
    assert [item.ok for item in checking.checklist(reviews.of(draft)) if item.label == "A failing example"] == [True]


def test_other_layers_are_not_asked_for_one(maya: Person) -> None:
    assert "A failing example" not in {item.label for item in checking.checklist(reviews.of(pm.draft(by=maya)))}


# ---- for findings ----


def test_evidence_can_name_them(incident: Incident, maya: Person) -> None:
    made = pm.example(incident, by=maya, input="word " * 40)
    said = {"kind": "example", "id": str(made.line)}
    words = f"{('word ' * 16)[:79]}…"
    assert [(one.id, one.label) for one in pointing.offered(maya, incident.pk)] == [(said["id"], words)]
    found = references.resolved(maya, incident.pk, [said, {"kind": "example", "id": "12"}])
    assert found == {f"example:{made.line}": references.Target(words, made.get_absolute_url())}
    exemplifying.take_back(made, why="Not ours.", by=maya, now=NOON)
    taken_back = references.shown(said, references.resolved(maya, incident.pk, [said]))
    assert (taken_back.label, taken_back.lost) == ("Failing example", "taken back since")
    assert pointing.offered(maya, incident.pk) == []


def test_of_a_private_incident_elsewhere_none_is_resolved(incident: Incident, maya: Person) -> None:
    said = {"kind": "example", "id": str(pm.example(incident, by=maya).line)}
    confiding.make_private(incident, reason="A customer.", by=maya, now=NOON)
    other = make.incident(by=maya).pk
    assert references.resolved(make.person(), other, [said]) == {}
    assert len(references.resolved(maya, other, [said])) == 1


def test_a_finding_takes_one_over_the_api(incident: Incident, maya: Person) -> None:
    links = [{"kind": "example", "id": str(pm.example(incident, by=maya).line)}]
    sent = {"incident": incident.pk, "layer": "guardrail", "links": links}
    answer = signed_in(maya).post("/api/v1/findings/", sent, content_type="application/json")
    assert (answer.status_code, answer.json().get("links")) == (201, links)


def test_panels_ask_a_constant_number_of_questions(maya: Person) -> None:
    numbers = []
    for count in (1, 4):
        of = [make.incident(by=maya) for _ in range(count)]
        for one in of:
            pm.example(one, by=maya)
        with CaptureQueriesContext(connection) as asked:
            examples.of_incidents(maya, [one.pk for one in of])
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


def test_said_is_tidied_before_it_is_looked_through() -> None:
    tidy = exemplifying.checked(Said(input=" a\r\nb ", observed="c", layer="data", tags=(["x", " y"])))
    assert (tidy.input, tidy.tags) == ("a\nb", ["x", "y"])
