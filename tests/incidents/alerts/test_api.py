"""Sources, deliveries and alerts over the API, as each persona."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.alerts.models import Delivery, Source
from ownership import tokens
from ownership.signing import digest_of
from tests import factories as make
from tests.incidents.alerts import factories as am
from tests.incidents.alerts.factories import minutes

pytestmark = pytest.mark.django_db


def client(role: str, scope: str = "write") -> APIClient:
    _, secret = tokens.make(make.person(role=role), label="", scope=scope, now=timezone.now())
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return made


@pytest.fixture
def editor() -> APIClient:
    return client("editor")


@pytest.fixture
def source() -> Source:
    return am.source("Main cluster")


def test_a_new_source_tells_its_hook_url_once(editor: APIClient) -> None:
    answer = editor.post("/api/v1/sources/", {"kind": "alertmanager", "name": "Main cluster"})
    assert answer.status_code == 201
    source = Source.objects.get()
    assert am.live_keys(source) == [digest_of(answer.data["hook_url"].rstrip("/").rsplit("/", 1)[1])]
    again = editor.get(f"/api/v1/sources/{source.pk}/").data
    assert set(again) == {
        *("id", "kind", "name", "key_hint", "disabled", "signed", "rate_limit", "built_in", "expected_hours"),
        "created_at",
    }


@pytest.mark.parametrize("said", [{"kind": "smoke-signals", "name": "x"}, {"kind": "alertmanager"}])
def test_a_source_that_cannot_be_is_422(editor: APIClient, said: dict[str, str]) -> None:
    assert editor.post("/api/v1/sources/", said).status_code == 422
    assert not Source.objects.exists()


def test_a_name_taken_is_409(editor: APIClient, source: Source) -> None:
    answer = editor.post("/api/v1/sources/", {"kind": "alertmanager", "name": "Main cluster"})
    assert (answer.status_code, answer.data["code"]) == (409, "name_taken")


def test_renaming_disabling_and_a_new_key(editor: APIClient, source: Source) -> None:
    path = f"/api/v1/sources/{source.pk}/"
    assert editor.patch(path, {"name": "Second cluster", "disabled": True}).data["disabled"] is True
    assert editor.patch(path, {"disabled": False}).data["name"] == "Second cluster"
    url = editor.post(f"{path}key/").data["hook_url"]
    assert am.live_keys(source)[0] == digest_of(url.rstrip("/").rsplit("/", 1)[1])
    assert editor.post(f"{path}test/").status_code == 202
    assert Delivery.objects.filter(is_test=True).count() == 2


def test_keys_are_listed_and_ended_one_by_one(editor: APIClient, source: Source) -> None:
    path = f"/api/v1/sources/{source.pk}/"
    (old,) = editor.get(f"{path}keys/").data
    assert set(old) == {"id", "hint", "created_at", "ends_at", "last_used_at"}
    assert editor.post(f"{path}key/", {"overlap_days": None}).data["key_hint"] != old["hint"]
    new, still = editor.get(f"{path}keys/").data
    assert (still["id"], still["ends_at"]) == (old["id"], None)
    refused = editor.post(f"{path}key/")
    assert (refused.status_code, refused.data["code"]) == (409, "two_live_already")
    assert editor.post(f"{path}keys/{old['id']}/end/").status_code == 204
    assert [one["id"] for one in editor.get(f"{path}keys/").data] == [new["id"]]
    assert editor.post(f"{path}keys/{old['id']}/end/").status_code == 404
    assert editor.post(f"{path}key/", {"overlap_days": 0}).status_code == 200
    assert len(am.live_keys(source)) == 1
    assert editor.post(f"{path}key/", {"overlap_days": -1}).status_code == 422
    assert client("responder").post(f"{path}keys/{new['id']}/end/").status_code == 403


def test_a_limit_over_the_api(editor: APIClient, source: Source) -> None:
    path = f"/api/v1/sources/{source.pk}/"
    assert editor.patch(path, {"rate_limit": 20}).data["rate_limit"] == 20
    assert editor.patch(path, {"rate_limit": None}).data["rate_limit"] is None
    assert editor.patch(path, {"rate_limit": -1}).status_code == 422


def test_responders_and_read_tokens_only_read(source: Source) -> None:
    for one in (client("responder"), client("editor", scope="read")):
        assert one.get("/api/v1/sources/").status_code == 200
        assert one.post("/api/v1/sources/", {"kind": "alertmanager", "name": "x"}).status_code == 403
        assert one.post(f"/api/v1/sources/{source.pk}/key/").status_code == 403
    assert APIClient().get("/api/v1/sources/").status_code == 401


def test_a_body_is_for_editors(editor: APIClient, source: Source) -> None:
    delivery = am.deliver(source, am.alert())
    path = f"/api/v1/deliveries/{delivery.pk}/"
    assert editor.get(path).data["body"] == bytes(delivery.body).decode()
    assert client("responder").get(path).data["body"] is None
    assert "body" not in editor.get("/api/v1/deliveries/").data["results"][0]


def test_replaying(editor: APIClient, source: Source) -> None:
    delivery = am.rejected(source)
    path = f"/api/v1/deliveries/{delivery.pk}/replay/"
    assert client("responder").post(path).status_code == 403
    assert (editor.post(path).status_code, Delivery.objects.get().state) == (202, "waiting")
    assert editor.post(path).status_code == 409


def test_deliveries_filter_by_state_and_source(editor: APIClient, source: Source) -> None:
    am.deliver(source, am.alert())
    am.deliver(am.source(), raw=b"{")
    assert len(editor.get("/api/v1/deliveries/?state=rejected").data["results"]) == 1
    assert len(editor.get(f"/api/v1/deliveries/?source={source.pk}").data["results"]) == 1


def test_alerts_and_their_filters(editor: APIClient, source: Source) -> None:
    make.service("Support answers")
    am.send(source, am.alert("One", service="support-answers"))
    am.send(source, am.alert("Two"), am.alert("One", service="support-answers", ends=minutes(2)), at=minutes(2))
    found = editor.get("/api/v1/alerts/?state=firing").data["results"]
    assert [(one["name"], one["state"], one["service"]) for one in found] == [("Two", "firing", None)]
    (resolved,) = editor.get("/api/v1/alerts/?service=support-answers").data["results"]
    assert (resolved["state"], resolved["incident"] is not None) == ("resolved", True)
    assert editor.post("/api/v1/alerts/", {}).status_code == 405


@pytest.mark.parametrize("path", ["sources", "deliveries", "alerts"])
@pytest.mark.parametrize("item_count", [1, 3])
def test_lists_cost_the_same_for_any_number(
    path: str, item_count: int, source: Source, django_assert_num_queries: Callable[[int], Any]
) -> None:
    make.component("retriever", of=make.service())
    reader = client("viewer", scope="read")
    reader.get("/api/v1/sources/")  # the token's day of use is written once
    for number in range(item_count):
        am.send(am.source(), am.alert(f"A{number}", component="retriever"))
    with django_assert_num_queries(2):
        assert reader.get(f"/api/v1/{path}/").status_code == 200
