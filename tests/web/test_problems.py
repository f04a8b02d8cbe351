"""API errors have one shape, whatever went wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from web import problems
from web.errors import DomainError, Invalid


def told(error: Exception) -> Response:
    answer = problems.handler(error, {"request": None, "view": None})
    assert answer is not None
    return answer


def body(error: Exception) -> dict[str, Any]:
    data: dict[str, Any] = told(error).data
    return data


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DomainError("Somebody was faster."), 409, "conflict"),
        (Invalid("Not a day."), 422, "invalid"),
        (Http404("no"), 404, "not_found"),
        (PermissionDenied("no"), 403, "permission_denied"),
        (exceptions.NotFound("no"), 404, "not_found"),
        (exceptions.PermissionDenied("no"), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.ParseError("no"), 400, "parse_error"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
        (exceptions.ValidationError({"title": ["Fill it in."]}), 422, "invalid"),
    ],
)
def test_every_error_is_a_problem_with_a_code(error: Exception, status: int, code: str) -> None:
    answer = told(error)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.data["status"] == status
    assert answer.data["code"] == code
    assert answer.data["title"] == code.replace("_", " ")
    assert set(answer.data) - {"errors"} == {"type", "title", "status", "code", "detail"}


def test_a_refusal_names_its_field() -> None:
    told_body = body(Invalid("Not a day.", field="due_on"))
    assert (told_body["detail"], told_body["errors"]) == ("Not a day.", {"due_on": ["Not a day."]})
    assert "errors" not in body(DomainError("x"))


def test_wrong_fields_are_listed() -> None:
    assert body(exceptions.ValidationError({"title": ["Fill it in."]}))["errors"] == {"title": ["Fill it in."]}
    assert body(exceptions.ValidationError(["No."]))["errors"] == {"non_field_errors": ["No."]}


def test_headers_that_clients_need_are_kept() -> None:
    throttled = exceptions.Throttled(wait=7)
    assert told(throttled)["Retry-After"] == "7"
    unknown = exceptions.NotAuthenticated()
    unknown.auth_header = "Token"
    assert told(unknown)["WWW-Authenticate"] == "Token"


def test_what_nobody_foresaw_is_left_to_the_500_page() -> None:
    assert problems.handler(ValueError("x"), {"request": None, "view": None}) is None


def test_the_schema_says_how_refusals_look() -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    schema = problems.describe({"components": {}, "paths": {"/x/": {"get": {"responses": {"200": {}}}}}})
    refused = schema["paths"]["/x/"]["get"]["responses"]["default"]
    assert list(refused["content"]) == ["application/problem+json"]
    shape = validator(schema["components"]["schemas"]["Problem"])
    shape.validate(body(Http404("no")))
    shape.validate(body(exceptions.ValidationError({"title": ["Fill it in."]})))
    assert not shape.is_valid({"detail": "no"})
