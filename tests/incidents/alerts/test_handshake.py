"""CloudEvents' webhook handshake, at addresses of CloudEvents sources alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from incidents.alerts import intake, sourcing
from incidents.alerts.models import Source
from tests import factories as make
from tests.incidents.alerts import factories as am

pytestmark = pytest.mark.django_db
ORIGIN = "eventemitter.example.com"


def ask(path: str, **headers: str) -> HttpResponse:
    return Client(headers=headers).options(path)


@pytest.fixture
def path() -> str:
    _, key = sourcing.add(kind="cloudevents", name="Events", by=None, now=timezone.now(), rate_limit=2)
    return f"/hooks/cloudevents/{key}/"


def test_the_origin_that_asks_is_allowed_at_the_sources_limit(path: str) -> None:
    answer = ask(path, webhook_request_origin=ORIGIN, webhook_request_rate="1000")
    assert answer.status_code == 200
    assert (answer["WebHook-Allowed-Origin"], answer["WebHook-Allowed-Rate"]) == (ORIGIN, "120")
    assert answer["Allow"] == "POST"
    assert ask(path.rstrip("/"), webhook_request_origin=ORIGIN).status_code == 200


def test_without_a_limit_any_rate_is_allowed() -> None:
    _, key = sourcing.add(kind="cloudevents", name="Free", by=None, now=timezone.now(), rate_limit=0)
    answer = ask(f"/hooks/cloudevents/{key}/", webhook_request_origin=ORIGIN)
    assert answer["WebHook-Allowed-Rate"] == "*"
    bearer = ask("/hooks/cloudevents/", webhook_request_origin=ORIGIN, authorization=f"Bearer {key}")
    assert bearer.status_code == 200


@pytest.mark.parametrize("origin", ["", "two words", "x" * 300, "<script>"])
def test_nobody_who_says_no_name_is_allowed(path: str, origin: str) -> None:
    answer = ask(path, webhook_request_origin=origin)
    assert (answer.status_code, answer.has_header("WebHook-Allowed-Origin")) == (400, False)


def test_other_keys_and_other_kinds_know_no_handshake(path: str) -> None:
    assert ask("/hooks/cloudevents/wrong/", webhook_request_origin=ORIGIN).status_code == 404
    assert ask("/hooks/cloudevents/", webhook_request_origin=ORIGIN).status_code == 404
    _, key = am.with_key()
    answer = ask(f"/hooks/alertmanager/{key}/", webhook_request_origin=ORIGIN)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert not answer.has_header("WebHook-Allowed-Origin")


def test_a_disabled_source_allows_nobody(path: str) -> None:
    source = Source.objects.get()
    sourcing.disable(source, by=make.person(), now=timezone.now())
    assert ask(path, webhook_request_origin=ORIGIN).status_code == 404


def test_a_database_that_is_away(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(intake, "knows", away)
    answer = ask(path, webhook_request_origin=ORIGIN)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
