"""The whole page, or the part that htmx aims at; the same answer after a change."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from web import partials
from web.errors import DomainError

PAGE = "refused.html"  # any page with a part will do; this one's is called alert
WHOLE = "<title>"


def asked(method: str = "GET", **headers: str) -> HttpRequest:
    named = {f"HTTP_HX_{name.upper()}": value for name, value in headers.items()}
    request = RequestFactory().generic(method, "/x/", **named)
    HtmxMiddleware(lambda _: HttpResponse())(request)
    return request


def shown(request: HttpRequest, **more: Any) -> HttpResponse:
    return partials.page(request, PAGE, {"error": DomainError("found")}, parts=("alert",), **more)


def test_a_browser_gets_the_whole_page() -> None:
    text = shown(asked()).content.decode()
    assert WHOLE in text
    assert "found" in text


def test_htmx_gets_the_part_it_aims_at() -> None:
    text = shown(asked(request="true", target="alert")).content.decode()
    assert WHOLE not in text
    assert text.lstrip().startswith("<div")
    assert "found" in text


@pytest.mark.parametrize(
    "headers",
    [
        {"request": "true"},
        {"request": "true", "target": "secret"},
        {"request": "true", "target": "../../etc/passwd"},
        {"request": "true", "target": "alert", "boosted": "true"},
        {"request": "true", "target": "alert", "history_restore_request": "true"},
        {"target": "alert"},
    ],
)
def test_everything_else_gets_the_whole_page(headers: dict[str, str]) -> None:
    assert WHOLE in shown(asked(**headers)).content.decode()


def test_a_part_that_is_not_offered_is_not_given() -> None:
    answer = partials.page(asked(request="true", target="alert"), PAGE, {"error": DomainError("x")}, parts=())
    assert WHOLE in answer.content.decode()


def test_caches_are_told_what_the_answer_depends_on() -> None:
    for request in (asked(), asked(request="true", target="alert")):
        assert {"HX-Request", "HX-Target"} <= set(shown(request)["Vary"].split(", "))


def test_the_status_is_kept() -> None:
    assert shown(asked(request="true", target="alert"), status=422).status_code == 422


def test_after_a_change_htmx_gets_the_part_and_others_go_to_the_page() -> None:
    def done(request: HttpRequest) -> HttpResponse:
        return partials.done(request, PAGE, {"error": DomainError("new")}, parts=("alert",), to="/x/7/")

    assert "new" in done(asked("POST", request="true", target="alert")).content.decode()
    redirect = done(asked("POST"))
    assert (redirect.status_code, redirect["Location"]) == (302, "/x/7/")
