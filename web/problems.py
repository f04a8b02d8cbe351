"""API errors as problem details (RFC 9457) with a code that clients may rely on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from web.errors import DomainError

NO_NUL = "Null characters are not allowed."  # as the framework says it of a text


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every 4xx is {type, title, status, code, detail[, errors]}."""
    if isinstance(error, DomainError):
        set_rollback()
        errors = {error.field: [error.message]} if error.field else None
        return _problem(error.status, error.code, error.message, errors)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        return _problem(422, "invalid", "Some fields cannot be used as they are.", _by_field(response.data))
    detail = str(response.data.get("detail", "")) if isinstance(response.data, dict) else ""
    problem = _problem(response.status_code, _code(error), detail)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in response.headers:
            problem[name] = response.headers[name]
    return problem


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404: a problem under /api/, the house's page elsewhere."""
    if not request.path.startswith("/api/"):
        return page_not_found(request, exception)
    body = _body(404, "not_found", "There is nothing at this address; the schema is at /api/v1/schema/.")
    return JsonResponse(body, status=404, content_type="application/problem+json")


def unreadable_query(names: Sequence[str]) -> HttpResponse:
    """What the API answers when these parameters of a query hold a NUL character, which no text of ours does."""
    words = "Some parameters cannot be used as they are."
    body = _body(422, "invalid", words) | {"errors": {name: [NO_NUL] for name in names}}
    return JsonResponse(body, status=422, content_type="application/problem+json")


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """For drf-spectacular: every operation may also answer with a problem."""
    text = {"type": "string"}
    errors = {"type": "object", "additionalProperties": True, "description": "What is wrong, by field."}
    result["components"].setdefault("schemas", {})["Problem"] = {
        "type": "object",
        "description": "Problem details (RFC 9457); clients may rely on `code`.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            **dict.fromkeys(("type", "title", "code", "detail"), text),
            "status": {"type": "integer"},
            "errors": errors,
        },
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "Refused, with the reason.", "content": content}
    return result


def _code(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    return str(getattr(error, "default_code", "error"))


def _by_field(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {"non_field_errors": data}


def _problem(status: int, code: str, detail: str, errors: dict[str, Any] | None = None) -> Response:
    body = _body(status, code, detail)
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type="application/problem+json")


def _body(status: int, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
