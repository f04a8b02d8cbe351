"""The pages of rules and of the severity table, as each persona, with and without htmx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.alerts import ruling
from incidents.alerts.rule_models import AlertRule, SeverityTable
from incidents.alerts.ruling import Wanted
from incidents.response.models import Incident
from ownership.models import Component, Person, Service
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.rule_visits import HTMX, LAYER, SUBJECT, TABLE, about, cells, job, row, signed_in

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])


@pytest.fixture
def maya() -> Person:
    return make.person("Maya Okafor", role="editor")


@pytest.fixture
def editor(maya: Person) -> Client:
    return signed_in(maya)


@pytest.fixture
def service() -> Service:
    return make.service("Fraud score", owner=make.person("Priya Nair"), tier="t1")


@pytest.fixture
def pipeline(service: Service) -> Component:
    return make.component("Feature pipeline", of=service)


@pytest.fixture
def rule(maya: Person, pipeline: Component) -> AlertRule:
    return ruling.make("subject", Wanted([job("feat-*")], component=pipeline, note="the cluster"), by=maya, now=NOON)


# ---- who may ----


POSTS: list[tuple[str, Callable[[Component], dict[str, str]]]] = [
    ("/rules/subject/new/", about),
    ("/rules/subject/1/", lambda component: about(component, seen="1")),
    ("/rules/subject/1/move/", lambda _: {"to": "2"}),
    ("/rules/subject/1/switch/", lambda _: {"on": "0"}),
    ("/rules/subject/1/end/", lambda _: {}),
    ("/rules/layer/new/", lambda _: {**row(), "layer": "data"}),
    ("/rules/built-in/data.schema/switch/", lambda _: {"on": "0"}),
    ("/rules/severity/", lambda _: cells(t1_critical="sev4")),
]


def state() -> tuple[Any, ...]:
    return list(AlertRule.objects.order_by("pk").values()), list(SeverityTable.objects.values())


@pytest.mark.parametrize(("path", "data"), POSTS, ids=[path for path, _ in POSTS])
def test_only_editors_write(
    editor: Client, rule: AlertRule, pipeline: Component, path: str, data: Callable[[Component], dict[str, str]]
) -> None:
    ruling.make("subject", Wanted([job("x")], component=pipeline), by=make.person(role="editor"), now=NOON)
    before = state()
    assert Client().post(path, data(pipeline))["Location"].startswith("/accounts/login/")
    for role in ("viewer", "responder"):
        assert signed_in(make.person(role=role)).post(path, data(pipeline)).status_code == 403
    assert state() == before
    assert editor.post(path, {**data(pipeline), "note": "changed"}).status_code == 302
    assert state() != before


@pytest.mark.parametrize(
    "path", [SUBJECT, LAYER, TABLE, "/rules/subject/1/", "/rules/subject/1/1/", "/rules/severity/1/"]
)
def test_everybody_reads_and_strangers_do_not(rule: AlertRule, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/accounts/login/")
    page = signed_in(make.person(role="viewer")).get(path)
    assert page.status_code == 200
    html = page.content.decode()
    assert "Save" not in html
    assert "Switch off" not in html
    assert "/rules/severity/" in html


@pytest.mark.parametrize(
    "path",
    [
        "/rules/weather/", "/rules/built_in/", "/rules/weather/new/", "/rules/subject/9/", "/rules/built_in/0/",
        "/rules/subject/1/9/", "/rules/severity/9/", "/rules/subject/new/?incident=999",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(editor: Client, rule: AlertRule, path: str) -> None:
    assert editor.get(path).status_code == 404


def test_the_sources_page_leads_here(editor: Client) -> None:
    assert f'href="{SUBJECT}"' in editor.get("/sources/").content.decode()


# ---- the lists ----


def test_an_empty_list_says_what_a_rule_is_for(editor: Client) -> None:
    assert "No rule yet" in editor.get(SUBJECT).content.decode()
    layers = editor.get(LAYER).content.decode()
    assert "No rule of your own yet" in layers
    assert "data.schema v1" in layers


def test_a_list_shows_rules_in_order_and_what_they_decided(editor: Client, rule: AlertRule, maya: Person) -> None:
    ruling.make("subject", Wanted([job("x")], service=make.service("Answers")), by=maya, now=NOON)
    now = timezone.now()
    am.send(am.source(), am.alert(job="feat-age", starts=now), at=now)
    page = editor.get(SUBJECT)
    assert [one["decided"] for one in page.context["rows"]] == [1, 0]
    html = page.content.decode()
    assert "label job matches “feat-*”" in html
    assert html.index("Rule 1") < html.index("Rule 2")
    editor.post("/rules/subject/2/move/", {"to": "1"})
    assert [one["rule"].number for one in editor.get(SUBJECT).context["rows"]] == [2, 1]


def test_the_whole_list_can_be_tried(editor: Client, pipeline: Component, maya: Person) -> None:
    now = timezone.now()
    am.send(am.source(), am.alert(job="feat-age", starts=now), at=now)
    ruling.make("subject", Wanted([job("feat-*")], component=pipeline), by=maya, now=NOON)
    page = editor.get(f"{SUBJECT}?try=1")
    assert [one["tried"] for one in page.context["rows"]] == [1]
    assert "1 of 1 stored alert would come out otherwise" in page.content.decode()
    assert "all of the last 30 days" in page.content.decode()
    layers = editor.get(f"{LAYER}?try=1").content.decode()
    assert "Nothing would come out otherwise" in layers


@pytest.mark.parametrize("path", [SUBJECT, f"{SUBJECT}?try=1", LAYER, f"{LAYER}?try=1", "/rules/subject/1/"])
def test_a_page_costs_the_same_for_any_number(editor: Client, rule: AlertRule, maya: Person, path: str) -> None:
    counts = set()
    for count in (2, 6):
        while AlertRule.objects.filter(book="subject", superseded_at=None).count() < count:
            ruling.make("subject", Wanted([job("feat-*")], component=rule.component), by=maya, now=NOON)
            ruling.make("layer", Wanted([job("feat-*")], layer="data"), by=maya, now=NOON)
            ruling.switch(rule, on=not AlertRule.objects.get(number=1, book="subject", superseded_at=None).enabled,
                          by=maya, now=NOON)  # fmt: skip
            now = timezone.now()
            am.send(am.source(), am.alert(f"A{count}", job="feat-age", starts=now), at=now)
        with CaptureQueriesContext(connection) as captured:
            assert editor.get(path).status_code == 200
        counts.add(len(captured))
    assert len(counts) == 1


# ---- writing one ----


@BOTH
def test_trying_a_rule_tells_and_saves_nothing(editor: Client, pipeline: Component, headers: dict[str, str]) -> None:
    now = timezone.now()
    am.send(am.source(), am.alert(summary="Feature age is 3 h", job="feat-age", starts=now), at=now)
    answer = editor.post("/rules/subject/new/", about(pipeline, **{"try": "1"}), headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert ("<html" in html) is not bool(headers)
    assert "1 of 1 stored alert would come out otherwise" in html
    assert f"/incidents/{Incident.objects.get().pk}/" in html
    assert "Feature pipeline → Fraud score" in html
    assert not AlertRule.objects.exists()


def test_saving_a_rule(editor: Client, pipeline: Component, maya: Person) -> None:
    answer = editor.post("/rules/subject/new/", about(pipeline, note="the batch cluster"))
    assert answer["Location"] == SUBJECT
    made = AlertRule.objects.get()
    assert (made.component, made.note, made.by, made.change) == (pipeline, "the batch cluster", maya, "made")
    assert made.conditions == [{"what": "label", "how": "glob", "values": ["feat-*"], "label": "job"}]
    assert "Rule 1 decides about alerts from now on" in editor.get(SUBJECT).content.decode()


@BOTH
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"target": ""}, "Choose the component or service"),
        ({"condition_0": " "}, "Give at least one value"),
        ({"label_0": ""}, "Name the label"),
        ({"what_0": ""}, "Give at least one condition"),
        ({"how_0": "regex", "condition_0": "(oops"}, "The expression cannot be used: missing )"),
        ({"how_0": "words"}, "For a label choose"),
        ({"note": "x" * 201}, "at most 200"),
    ],
)
def test_a_rule_that_cannot_be_used_is_422_with_the_text_kept(
    editor: Client, pipeline: Component, headers: dict[str, str], said: dict[str, str], told: str
) -> None:
    for more in ({}, {"try": "1"}):
        answer = editor.post("/rules/subject/new/", {**about(pipeline, note="kept"), **said, **more}, headers=headers)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert told in html
        if not headers and "note" not in said:
            assert 'value="kept"' in html
    assert not AlertRule.objects.exists()


def test_a_complaint_stands_beside_its_row_also_after_an_empty_one(editor: Client, pipeline: Component) -> None:
    rows = {**row(0, what=""), **row(1), **row(2, what="name", how="regex", condition="(")}
    answer = editor.post("/rules/subject/new/", {**about(pipeline), **rows})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["condition_2"]


def test_one_more_row_without_javascript(editor: Client, pipeline: Component) -> None:
    answer = editor.post("/rules/subject/new/", about(pipeline, more="1", note="kept"))
    assert answer.status_code == 200
    form = answer.context["form"]
    assert (form.count, form["condition_0"].value(), form["note"].value()) == (3, "feat-*", "kept")
    assert not form.errors
    assert not AlertRule.objects.exists()


def test_sources_and_kinds_are_written_by_name(editor: Client, pipeline: Component) -> None:
    batch = am.source("Batch cluster")
    rows = {**row(0, what="source", condition="batch cluster"), **row(1, what="kind", condition="Great Expectations")}
    assert editor.post("/rules/subject/new/", {**about(pipeline), **rows}).status_code == 302
    made = AlertRule.objects.get()
    assert [one["values"] for one in made.conditions] == [[str(batch.pk)], ["great-expectations"]]
    html = editor.get("/rules/subject/1/").content.decode()
    assert ">\nBatch cluster</textarea>" in html
    assert "the source is “Batch cluster”" in editor.get(SUBJECT).content.decode()
    rows = {**row(0, what="source", condition="No such cluster")}
    refused = editor.post("/rules/subject/new/", {**about(pipeline), **rows})
    assert (refused.status_code, "A source is named by its number" in refused.content.decode()) == (422, True)


def test_editing_makes_a_version_and_the_old_one_explains_old_alerts(
    editor: Client, rule: AlertRule, pipeline: Component, service: Service
) -> None:
    am.send(am.source(), am.alert(summary="Feature age is 3 h", job="feat-age"))
    answer = editor.post("/rules/subject/1/", about(service, seen="1"))
    assert answer["Location"] == "/rules/subject/1/"
    old = editor.get("/rules/subject/1/1/").content.decode()
    assert "This is how it stood then" in old
    assert "Feature age is 3 h" in old
    assert "rule 1 v1: label job=feat-age" in old
    incident = editor.get(f"/incidents/{Incident.objects.get().pk}/").content.decode()
    assert '<a href="/rules/subject/1/1/">rule 1 v1</a>' in incident
    stale = editor.post("/rules/subject/1/", about(pipeline, seen="1", note="mine"))
    assert (stale.status_code, "Somebody changed this rule meanwhile" in stale.content.decode()) == (422, True)
    assert 'value="mine"' in stale.content.decode()


def test_a_deleted_rule_can_still_be_read(editor: Client, rule: AlertRule) -> None:
    assert editor.post("/rules/subject/1/end/")["Location"] == SUBJECT
    html = editor.get("/rules/subject/1/").content.decode()
    assert "deleted" in html
    assert "Save as a new version" not in html
    assert editor.post("/rules/subject/1/switch/", {"on": "1"}).status_code == 409


@pytest.mark.parametrize("to", ["", "up", "-1", "9999999"])
def test_a_place_that_is_none_is_refused(editor: Client, rule: AlertRule, to: str) -> None:
    assert editor.post("/rules/subject/1/move/", {"to": to}).status_code == 422


def test_a_layer_rule(editor: Client) -> None:
    now = timezone.now()
    am.send(am.source(), am.alert(summary="Orders are slow", starts=now), at=now)
    said = {**row(what="text", how="words", condition="orders"), "layer": "data.late_or_partial_join"}
    tried = editor.post("/rules/layer/new/", {**said, "try": "1"}).content.decode()
    assert "1 of 1 stored alert would come out otherwise" in tried
    assert editor.post("/rules/layer/new/", said)["Location"] == LAYER
    made = AlertRule.objects.get()
    assert (made.layer, made.mode_id) == ("data", "data.late_or_partial_join")
    assert editor.post("/rules/layer/new/", {**said, "layer": ""}).status_code == 422


def test_a_built_in_rule_is_switched_off_and_on(editor: Client) -> None:
    path = "/rules/built-in/latency.tail/switch/"
    editor.post(path, {"on": "0"})
    (off,) = (one for one in editor.get(LAYER).context["built_in"] if not one["on"])
    assert off["rule"].code == "latency.tail"
    editor.post(path, {"on": "1"})
    assert all(one["on"] for one in editor.get(LAYER).context["built_in"])
    assert editor.post("/rules/built-in/data.weather/switch/", {"on": "0"}).status_code == 404
