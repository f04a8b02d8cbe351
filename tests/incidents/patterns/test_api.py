"""The rows for programs are the rows of the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.patterns.questions import QUESTIONS
from ownership import tokens
from tests import factories as make
from tests.incidents.patterns.factories import happened

pytestmark = pytest.mark.django_db

LIST = "/api/v1/patterns/"
URL = "/api/v1/patterns/months/"


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
        {"month": f"{at:%Y-%m}", "layer": "data", "findings": 3, "reviewed": 2}
    ]
    assert len(body["rows"]) == 84
    assert body["headline"] == "Too few findings to say anything: 3 in 12 months."
    assert [body[name] for name in ("incidents", "tagged", "untagged", "open", "n")] == [3, 2, 1, 0, 3]
    assert [column["name"] for column in body["columns"]] == list(body["rows"][0])


def test_the_filters_are_those_of_the_page(token: dict[str, str]) -> None:
    happened(timezone.now() - timedelta(days=40), "data", service=make.service("Support answers"))
    happened(timezone.now() - timedelta(days=40), "org")
    body = read(token, "?service=support-answers&from=2024-01&to=2026-12")
    assert (body["since"], body["filters"]) == ("2024-01-01", {"service": "support-answers"})
    assert {row["layer"] for row in body["rows"] if row["findings"]} == {"data"}
    assert len(read(token, "?months=3")["rows"]) == 21


def test_what_cannot_be_used_is_refused(token: dict[str, str]) -> None:
    body = read(token, "?from=yesterday", 422)
    assert (body["code"], list(body["errors"])) == ("unusable_filter", ["from"])
    assert read(token, "?service=nope", 422)["errors"]["service"]


def test_every_question_that_is_listed_is_answered(
    token: dict[str, str], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    happened(timezone.now() - timedelta(days=40), "data", "org", service=make.service(), reviewed=True)
    listed = Client().get(LIST, headers=token).json()
    assert [one["slug"] for one in listed] == [one.slug for one in QUESTIONS]
    for one in listed:
        with django_assert_max_num_queries(14):
            answer = Client().get(f"{LIST}{one['slug']}/", headers=token)
        assert (answer.status_code, answer.json()["title"]) == (200, one["title"])
        assert answer.json()["headline"].endswith(".")
    assert Client().get(f"{LIST}nothing/", headers=token).status_code == 404


def test_what_was_known_then_is_answered_when_asked_for(token: dict[str, str]) -> None:
    happened(timezone.now() - timedelta(days=40), "data")
    before = (timezone.now() - timedelta(days=60)).date()
    assert (read(token)["incidents"], read(token, f"?as_of={before}")["incidents"]) == (1, 0)


def test_without_a_token_nothing_is_told() -> None:
    assert Client().get(URL).status_code == 401


def test_it_is_for_reading_only(token: dict[str, str]) -> None:
    assert Client().post(URL, {}, headers=token).status_code in {403, 405}
