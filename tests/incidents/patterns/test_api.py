"""The rows for programs are the rows of the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ownership import tokens
from tests import factories as make
from tests.incidents.patterns.factories import happened

pytestmark = pytest.mark.django_db

URL = "/api/v1/patterns/findings-by-layer/"


@pytest.fixture
def token() -> dict[str, str]:
    _, secret = tokens.make(make.person(role="viewer"), label="charts", scope="read", now=timezone.now())
    return {"Authorization": f"Token {secret}"}


def read(token: dict[str, str], query: str = "", status: int = 200) -> dict[str, Any]:
    answer = Client().get(URL + query, headers=token)
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_rows_counts_and_sentence(token: dict[str, str]) -> None:
    at = timezone.now() - timedelta(days=40)
    happened(at, "data", "data", reviewed=True)
    happened(at, "data")
    happened(at)
    body = read(token)
    assert [row for row in body["rows"] if row["findings"]] == [
        {"month": f"{at:%Y-%m}", "layer": "data", "reviewed": 2, "provisional": 1, "findings": 3}
    ]
    assert len(body["rows"]) == 84
    assert body["headline"] == "Too few findings to say anything: 3 in 12 months."
    counted = ("incidents", "tagged", "untagged", "open", "reviewed", "provisional")
    assert [body[name] for name in counted] == [3, 2, 1, 0, 2, 1]


def test_the_filters_are_those_of_the_page(token: dict[str, str]) -> None:
    happened(timezone.now() - timedelta(days=40), "data", service=make.service("Support answers"))
    happened(timezone.now() - timedelta(days=40), "org")
    body = read(token, "?service=support-answers&from=2024-01&to=2026-12")
    assert (body["since"], body["service"]) == ("2024-01-01", "support-answers")
    assert {row["layer"] for row in body["rows"] if row["findings"]} == {"data"}
    assert len(read(token, "?months=3")["rows"]) == 21


def test_what_cannot_be_used_is_refused(token: dict[str, str]) -> None:
    body = read(token, "?from=yesterday", 422)
    assert (body["code"], list(body["errors"])) == ("unusable_filter", ["from"])
    assert read(token, "?service=nope", 422)["errors"]["service"]


def test_without_a_token_nothing_is_told() -> None:
    assert Client().get(URL).status_code == 401


def test_it_is_for_reading_only(token: dict[str, str]) -> None:
    assert Client().post(URL, {}, headers=token).status_code in {403, 405}
