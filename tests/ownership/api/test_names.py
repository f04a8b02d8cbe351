"""Texts that name something: what the database cannot hold names nothing, and the answer says in which field."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories as make
from tests.ownership.api.program import Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db

NUL = "a\x00"
UNNAMED: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/assignments/", {"service": NUL, "role": "deputy", "team": "answers-team"}, "service"),
    ("POST", "/assignments/", {"service": "support-answers", "role": "deputy", "team": NUL}, "team"),
    ("POST", "/assignments/", {"service": "support-answers", "role": "deputy", "person": NUL}, "person"),
    ("POST", "/assignments/", {"component": NUL, "role": "deputy", "team": "answers-team"}, "component"),
    ("POST", "/assignments/{w.teams.pk}/name_answering/", {"answering": NUL}, "answering"),
    ("POST", "/assignments/{w.owned.pk}/correct/", {"person": NUL, "since": "2026-10-01T00:00:00Z"}, "person"),
    ("POST", "/handovers/", {"service": "support-answers", "person": NUL}, "person"),
    ("POST", "/teams/", {"name": "New team", "members": [NUL]}, "members"),
    ("POST", "/teams/answers-team/members/", {"person": NUL}, "person"),
    ("POST", "/components/", {"name": "New", "kind": "api", "custodian": NUL}, "custodian"),
    ("PATCH", "/components/{w.component.pk}/", {"custodian": NUL}, "custodian"),
    ("POST", "/waivers/", {"service": NUL, "reason": "Ends soon."}, "service"),
    ("POST", "/incidents/", {"title": "Wrong answers", "service": NUL}, "service"),
    ("PATCH", "/incidents/{incident}/", {"service": NUL}, "service"),
    ("POST", "/findings/", {"incident": "{incident}", "layer": "data", "component": NUL}, "component"),
]


@pytest.mark.parametrize(("method", "path", "data", "field"), UNNAMED, ids=lambda one: str(one)[:60])
def test_what_cannot_be_kept_names_nothing(
    world: World, method: str, path: str, data: dict[str, Any], field: str
) -> None:
    incident = make.incident().pk
    api = Api(make.person(role="admin"))
    said = {key: incident if value == "{incident}" else value for key, value in data.items()}
    answer = api.refused(method, path.format(w=world, incident=incident), said)
    assert answer == (422, "invalid", [field])
