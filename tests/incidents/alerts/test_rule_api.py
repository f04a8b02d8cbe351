"""Rules and the severity table over the API, as each persona."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts import ruling, severity
from incidents.alerts.matching.conditions import Condition
from incidents.alerts.models import Alert
from incidents.alerts.rule_models import AlertRule, SeverityTable
from incidents.alerts.ruling import Wanted
from ownership import tokens
from ownership.models import Component
from tests import factories as make
from tests.factories import NOON
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db

RULES, LAYERS, TABLE = "/api/v1/alert-rules/", "/api/v1/layer-rules/", "/api/v1/severity-table/"
FEAT = {"what": "label", "label": "job", "how": "glob", "values": ["feat-*"]}
SLOW = {"what": "text", "how": "words", "values": ["orders"]}


def client(role: str, scope: str = "write") -> APIClient:
    _, secret = tokens.make(make.person(role=role), label="", scope=scope, now=timezone.now())
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    made.default_format = "json"
    return made


@pytest.fixture
def editor() -> APIClient:
    return client("editor")


@pytest.fixture
def pipeline() -> Component:
    return make.component("Feature pipeline", of=make.service("Fraud score", tier="t1"))


@pytest.fixture
def rule(pipeline: Component) -> AlertRule:
    asked = [Condition("label", "glob", ("feat-*",), "job")]
    return ruling.make("subject", Wanted(asked, component=pipeline), by=make.person(role="editor"), now=NOON)


def said(pipeline: Component, **more: Any) -> dict[str, Any]:
    return {"conditions": [FEAT], "component": pipeline.pk, "note": "batch", **more}


def post(to: APIClient, path: str, data: Any) -> Any:
    return to.post(path, data, format="json")


def test_a_rule_is_written_changed_moved_and_deleted(editor: APIClient, pipeline: Component) -> None:
    made = post(editor, RULES, said(pipeline))
    assert (made.status_code, made.data["number"], made.data["version"]) == (201, 1, 1)
    assert made.data["conditions"] == [FEAT]
    post(editor, RULES, {"conditions": [FEAT], "service": "fraud-score"})
    changed = editor.patch(f"{RULES}1/", {"conditions": [FEAT], "service": "fraud-score"}, format="json").data
    assert (changed["version"], changed["component"], changed["service"]) == (2, None, "fraud-score")
    assert post(editor, f"{RULES}1/move/", {"place": 2}).data["change"] == "moved"
    assert [one["number"] for one in editor.get(RULES).data["results"]] == [2, 1]
    assert editor.patch(f"{RULES}1/", {"enabled": False}, format="json").data["enabled"] is False
    assert editor.delete(f"{RULES}1/").status_code == 204
    assert editor.get(f"{RULES}1/").status_code == 404
    story = [(one["version"], one["change"]) for one in editor.get(f"{RULES}1/versions/").data]
    assert story == [(5, "ended"), (4, "off"), (3, "moved"), (2, "edited"), (1, "made")]
    assert (editor.delete(f"{RULES}1/").status_code, editor.delete(f"{RULES}1/").data["code"]) == (409, "rule_ended")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"conditions": []}, "conditions"),
        ({"conditions": [{**FEAT, "how": "regex", "values": ["("]}]}, "condition_0"),
        ({"conditions": [{**FEAT, "what": "weather"}]}, "conditions"),
        ({"component": None}, "target"),
        ({"service": "fraud-score"}, "target"),
        ({"component": "no such thing"}, "component"),
    ],
)
def test_a_rule_that_cannot_be_is_422(
    editor: APIClient, pipeline: Component, wrong: dict[str, Any], field: str
) -> None:
    for path in (RULES, f"{RULES}try/"):
        answer = post(editor, path, said(pipeline, **wrong))
        assert (answer.status_code, field in answer.data["errors"]) == (422, True), answer.data
    assert not AlertRule.objects.exists()


def test_a_change_to_another_version_is_409(editor: APIClient, pipeline: Component, rule: AlertRule) -> None:
    editor.patch(f"{RULES}1/", said(pipeline), format="json")
    answer = editor.patch(f"{RULES}1/", said(pipeline, note="x", version=1), format="json")
    assert (answer.status_code, answer.data["code"]) == (409, "rule_changed")


def test_a_dry_run_saves_nothing(editor: APIClient, pipeline: Component) -> None:
    now = timezone.now()
    am.send(am.source(), am.alert(summary="Orders late", job="feat-age", starts=now), at=now)
    told = post(editor, f"{RULES}try/", said(pipeline)).data
    assert (told["looked_at"], told["matched"], told["first"], told["decided"], told["elsewhere"]) == (1, 1, 1, 1, 1)
    assert told["samples"][0]["alert"] == Alert.objects.get().pk
    assert told["samples"][0]["would"] == "Feature pipeline → Fraud score"
    layered = post(editor, f"{LAYERS}try/", {"conditions": [SLOW], "layer": "org"}).data
    assert (layered["counts"], layered["matched"]) == ({"org": 1}, 1)
    assert not AlertRule.objects.exists()


def test_layer_rules_and_built_in_ones(editor: APIClient) -> None:
    made = post(editor, LAYERS, {"conditions": [SLOW], "mode": "data.schema_drift"}).data
    assert (made["layer"], made["mode"]) == ("data", "data.schema_drift")
    path = f"{LAYERS}built-in/data.schema/switch/"
    assert post(editor, path, {"enabled": False}).data["enabled"] is False
    off = [one["code"] for one in editor.get(f"{LAYERS}built-in/").data if not one["enabled"]]
    assert off == ["data.schema"]
    assert post(editor, f"{LAYERS}built-in/data.weather/switch/", {"enabled": False}).status_code == 404


def test_the_severity_table(editor: APIClient, pipeline: Component) -> None:
    table = editor.get(TABLE).data
    assert (table["version"], table["columns"], table["cells"]["t1"]) == (
        1,
        ["critical", "high", "medium", "low"],
        ["sev1", "sev2", "sev3", "sev4"],
    )
    now = timezone.now()
    am.send(am.source(), am.alert(severity="critical", component="feature pipeline", starts=now), at=now)
    cells = {**table["cells"], "t1": ["sev2"] * 4}
    assert post(editor, TABLE, cells).data["elsewhere"] == 1
    assert not SeverityTable.objects.exists()
    assert editor.put(TABLE, {"version": 1, "cells": cells}, format="json").data["version"] == 2
    stale = editor.put(TABLE, {"version": 1, "cells": table["cells"]}, format="json")
    assert (stale.status_code, stale.data["code"]) == (409, "table_changed")
    for wrong in ({**cells, "t1": ["sev2"] * 3}, {**cells, "t1": ["pending"] * 4}, {"t1": ["sev2"] * 4}):
        assert editor.put(TABLE, {"version": 2, "cells": wrong}, format="json").status_code == 422
    assert severity.current().version == 2


def test_responders_and_read_tokens_only_read(pipeline: Component, rule: AlertRule) -> None:
    cells = APIClient()
    assert cells.get(RULES).status_code == 401
    for one in (client("responder"), client("editor", scope="read")):
        assert [one.get(path).status_code for path in (RULES, f"{RULES}1/", f"{RULES}1/versions/", LAYERS, TABLE)] == [
            200
        ] * 5
        assert post(one, RULES, said(pipeline)).status_code == 403
        assert post(one, f"{RULES}try/", said(pipeline)).status_code == 403
        assert one.patch(f"{RULES}1/", {"enabled": False}, format="json").status_code == 403
        assert post(one, f"{RULES}1/move/", {"place": 1}).status_code == 403
        assert one.delete(f"{RULES}1/").status_code == 403
        assert post(one, LAYERS, {"conditions": [SLOW], "layer": "org"}).status_code == 403
        assert post(one, f"{LAYERS}built-in/data.schema/switch/", {"enabled": False}).status_code == 403
        assert one.put(TABLE, {}, format="json").status_code == 403
    assert AlertRule.objects.count() == 1


def test_alerts_and_incidents_tell_rule_and_suggestion(editor: APIClient, rule: AlertRule) -> None:
    am.send(am.source(), am.alert("A", summary="Schema drift in orders", job="feat-age"), am.alert("B", summary="Rain"))
    told, *others = editor.get("/api/v1/alerts/?layer=data").data["results"]
    assert (told["rule"], told["layer"], told["suggestion"]["rule"], others) == ("rule 1 v1", "data", "data.schema", [])
    incident = editor.get(f"/api/v1/incidents/{told['incident']}/").data
    assert (incident["suggested_layer"], incident["first_blame"]) == ("data", "")
    assert incident["suggestion"]["why"].startswith("built-in rule data.schema v1")


@pytest.mark.parametrize("item_count", [1, 3])
def test_lists_cost_the_same_for_any_number(
    item_count: int, rule: AlertRule, django_assert_num_queries: Callable[[int], Any]
) -> None:
    reader = client("viewer", scope="read")
    reader.get(RULES)  # the token's day of use is written once
    for _ in range(item_count):
        asked = [Condition("label", "is", ("x",), "job")]
        ruling.make("subject", Wanted(asked, component=rule.component), by=make.person(), now=NOON)
    with django_assert_num_queries(2):
        assert reader.get(RULES).status_code == 200


def test_the_schema_knows_them(editor: APIClient) -> None:
    schema = editor.get("/api/v1/schema/?format=json").json()
    assert {RULES, f"{RULES}try/", f"{RULES}{{number}}/move/", LAYERS, TABLE} <= set(schema["paths"])
    table = schema["paths"][TABLE]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert table["$ref"].endswith("/SeverityTable")
    condition = schema["components"]["schemas"]["Condition"]["properties"]
    assert set(condition) == {"what", "how", "values", "label"}
