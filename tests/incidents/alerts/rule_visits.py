"""How tests visit the pages of rules: as whom, and what the forms take."""

from __future__ import annotations

from django.test import Client

from incidents.alerts import severity
from incidents.alerts.matching.conditions import Condition
from ownership.models import Component, Person, Service

SUBJECT, LAYER, TABLE = "/rules/subject/", "/rules/layer/", "/rules/severity/"
HTMX = {"HX-Request": "true", "HX-Target": "tried", "HX-Current-URL": "http://testserver/rules/subject/new/"}


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def job(value: str) -> Condition:
    return Condition("label", "glob", (value,), "job")


def row(number: int = 0, **said: str) -> dict[str, str]:
    filled = {"what": "label", "label": "job", "how": "glob", "condition": "feat-*", **said}
    return {f"{name}_{number}": value for name, value in filled.items()}


def about(target: Component | Service, **said: str) -> dict[str, str]:
    kind = "component" if isinstance(target, Component) else "service"
    return {**row(), **row(1, what=""), "target": f"{kind}:{target.pk}", "note": "", **said}


def cells(**said: str) -> dict[str, str]:
    shipped = severity.SHIPPED.cells
    filled = {
        f"{tier}_{column}": sev.value
        for tier in shipped
        for column, sev in zip(severity.COLUMNS, shipped[tier], strict=True)
    }
    return {**filled, "seen": "1", **said}
