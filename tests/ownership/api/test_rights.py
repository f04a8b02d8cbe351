"""Who may read and write over the API, and that lists cost the same however long."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ownership.models import Alias, Dependency, Person, Waiver
from tests import factories as make
from tests.ownership.api.program import API, Api
from tests.ownership.proposals import proposal
from tests.ownership.world import World, fingerprint

pytestmark = pytest.mark.django_db


LISTS = ["teams", "people", "components", "dependencies", "services", "assignments", "handovers", "waivers"]
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/teams/", {"name": "New team"}),
    ("PATCH", "/teams/answers-team/", {"name": "Renamed"}),
    ("POST", "/teams/answers-team/members/", {"person": "{w.outsider.email}"}),
    ("DELETE", "/teams/answers-team/members/{w.member.pk}/", {}),
    ("POST", "/teams/answers-team/dissolve/", {}),
    ("POST", "/teams/gone-team/restore/", {}),
    ("POST", "/components/", {"name": "New", "kind": "api"}),
    ("PATCH", "/components/{w.component.pk}/", {"description": "d"}),
    ("POST", "/components/{w.component.pk}/aliases/", {"system": "job", "key": "new"}),
    ("DELETE", "/components/{w.component.pk}/aliases/{w.alias.pk}/", {}),
    ("POST", "/components/{w.component.pk}/links/", {"kind": "other", "url": "https://example.org"}),
    ("DELETE", "/components/{w.component.pk}/links/{w.component_link.pk}/", {}),
    ("POST", "/components/{w.component.pk}/retire/", {}),
    ("POST", "/components/{w.retired.pk}/restore/", {}),
    ("POST", "/dependencies/", {"upstream": "Search fallback", "downstream": "retriever"}),
    ("PATCH", "/dependencies/{w.seam.pk}/", {"timeout_ms": 100}),
    ("DELETE", "/dependencies/{w.seam.pk}/", {}),
    ("POST", "/services/", {"name": "New", "outcome": "Works."}),
    ("PATCH", "/services/support-answers/", {"tier": "t4"}),
    ("POST", "/services/support-answers/retire/", {}),
    ("POST", "/services/old-answers/restore/", {}),
    ("POST", "/services/support-answers/parts/", {"component": "New part", "kind": "tool"}),
    ("PATCH", "/services/support-answers/parts/{w.part.pk}/", {"role": "fallback", "position": 1}),
    ("DELETE", "/services/support-answers/parts/{w.part.pk}/", {}),
    ("POST", "/services/support-answers/links/", {"kind": "other", "url": "https://example.org"}),
    ("DELETE", "/services/support-answers/links/{w.link.pk}/", {}),
    ("POST", "/assignments/", {"service": "support-answers", "role": "deputy", "team": "answers-team"}),
    ("POST", "/assignments/{w.owned.pk}/replace/", {"team": "answers-team"}),
    ("POST", "/assignments/{w.owned.pk}/end/", {}),
    ("POST", "/assignments/{w.owned.pk}/correct/", {"team": "answers-team", "since": "2026-10-01T00:00:00Z"}),
    ("POST", "/waivers/", {"component": "Retriever", "reason": "Ends soon."}),
    ("POST", "/waivers/{w.waiver.pk}/end/", {}),
    ("POST", "/people/", {"email": "new@example.org", "name": "New"}),
    ("PATCH", "/people/{w.member.pk}/", {"role": "viewer"}),
    ("POST", "/people/{w.member.pk}/link/", {}),
    ("POST", "/people/{w.member.pk}/deactivate/", {}),
    ("POST", "/people/{w.outsider.pk}/reactivate/", {}),
]
every_write = pytest.mark.parametrize(("method", "path", "data"), WRITES, ids=lambda one: str(one)[:40])


def needed(path: str) -> str:
    return "admin" if path.startswith("/people/") else "editor"


def filled(data: dict[str, Any], world: World) -> dict[str, Any]:
    return {key: value.format(w=world) if isinstance(value, str) else value for key, value in data.items()}


@every_write
def test_who_may_writes(world: World, method: str, path: str, data: dict[str, Any]) -> None:
    if "reactivate" in path:
        Person.objects.filter(pk=world.outsider.pk).update(is_active=False)
    api = Api(make.person(role=needed(path)))
    before = fingerprint()
    api.done(method, path.format(w=world), filled(data, world))
    assert fingerprint() != before


@every_write
def test_who_may_not_writes_nothing(world: World, method: str, path: str, data: dict[str, Any]) -> None:
    weaker = {"admin": "editor", "editor": "responder"}[needed(path)]
    programs = [Api(make.person(role=weaker)), Api(make.person(role="admin"), "read")]
    programs.append(Api(make.person(role="admin"), "ingest"))
    stranger = Client()
    before = fingerprint()
    for program in programs:
        assert program.refused(method, path.format(w=world), filled(data, world))[:2] == (403, "permission_denied")
    assert stranger.generic(method, f"{API}{path.format(w=world)}", "{}").status_code == 401
    assert _but_last_used(fingerprint()) == _but_last_used(before)


def _but_last_used(rows: list[object]) -> str:
    return str([[{**row, "last_used_on": None} for row in table] for table in rows])


@pytest.mark.parametrize("what", LISTS)
def test_everybody_reads_with_a_token_and_nobody_without(world: World, what: str) -> None:
    proposal(subject=world.service)
    viewer = Api(make.person(role="viewer"), "read")
    rows = viewer.get(f"/{what}/")["results"]
    assert rows
    key = rows[0].get("slug") or rows[0]["id"]
    assert viewer.get(f"/{what}/{key}/") == rows[0]
    assert Client().get(f"{API}/{what}/").status_code == 401
    assert Api(make.person(role="admin"), "ingest").refused("GET", f"/{what}/")[:2] == (403, "permission_denied")


@pytest.mark.parametrize("what", LISTS)
def test_a_list_costs_the_same_with_one_and_with_three(editor: Person, what: str) -> None:
    api = Api(editor, "read")
    costs = []
    for more in (1, 2):
        for _ in range(more):
            service = make.service(owner=make.person())
            team = make.team("", make.person(), make.person())
            upstream, downstream = make.component(of=service, custodian=team), make.component(of=service)
            Alias.objects.create(component=upstream, system="job", key=upstream.name)
            seam = Dependency.objects.create(upstream=upstream, downstream=downstream)
            make.assignment(service, team, role="deputy")
            proposal(team, subject=service)
            Waiver.objects.create(dependency=seam, reason="Ends soon.", made_by=editor)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(api.get(f"/{what}/")["results"]) >= 1
        costs.append(len(queries) - (1 if not costs else 0))  # the first use of the day notes the day
    assert costs[0] == costs[1]


def test_pages_of_a_list_follow_each_other(api: Api) -> None:
    for number in range(5):
        make.component(f"c{number}")
    seen, url = [], "/components/?page_size=2"
    while url:
        page = api.get(url)
        seen += [row["name"] for row in page["results"]]
        url = (page["next"] or "").removeprefix(f"http://testserver{API}")
    assert seen == ["c0", "c1", "c2", "c3", "c4"]
