"""A program that uses the API."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from ownership import tokens
from ownership.models import Person

API = "/api/v1"


class Api:
    """A program with a token."""

    def __init__(self, person: Person, scope: str = "write") -> None:
        _, secret = tokens.make(person, label="test", scope=scope, now=timezone.now())
        self.client = Client(headers={"Authorization": f"Token {secret}"})

    def send(self, method: str, path: str, data: Any = None) -> Any:
        body = json.dumps(data) if data is not None else ""
        return self.client.generic(method, f"{API}{path}", body, content_type="application/json")

    def get(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def done(self, method: str, path: str, data: Any = None) -> Any:
        answer = self.send(method, path, data)
        assert answer.status_code in {200, 201, 204}, answer.content
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, data: Any = None) -> tuple[int, str, list[str]]:
        """Status, code and fields at fault."""
        answer = self.send(method, path, data)
        assert answer["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        return answer.status_code, problem["code"], sorted(problem.get("errors", {}))
