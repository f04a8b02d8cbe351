"""The page of what files say."""

from __future__ import annotations

import pytest
from django.test import Client

from ownership.models import Assignment, Claim
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import HTMX, cost, signed_in

pytestmark = pytest.mark.django_db


def claim(number: int = 0, **fields: object) -> Claim:
    given: dict[str, object] = {
        "fingerprint": str(number), "format": "backstage", "source": "x/catalog-info.yaml", "line": 3,
        "owner": "search", "role": "accountable", "subject_kind": "system", "subject_name": f"system:default/s{number}",
        "service": make.service(owner=make.team()), "team": make.team(), "first_seen": NOON, "last_seen": NOON,
    }  # fmt: skip
    return Claim.objects.create(**{**given, **fields})


def test_it_shows_both_sides_and_where_it_was_read(as_editor: Client) -> None:
    said = claim()
    shown = as_editor.get("/claims/").content.decode()
    for text in (said.service.name, said.team.name, "x/catalog-info.yaml, line 3", "Accept", "Ignore"):  # type: ignore[union-attr]
        assert text in shown


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize(("deed", "held"), [("accept", True), ("ignore", False)])
def test_a_decision_takes_it_off_the_list(as_editor: Client, deed: str, held: bool, htmx: bool) -> None:
    said = claim()
    headers = {**HTMX, "HX-Target": "claims"} if htmx else {}
    answer = as_editor.post(f"/claims/{said.pk}/{deed}/", headers=headers, follow=not htmx)
    assert answer.status_code == 200
    assert "Files and people agree" in answer.content.decode()
    assert Assignment.objects.filter(service=said.service, team=said.team, superseded_at=None).exists() is held


def test_an_owner_nobody_knows_stands_apart_and_cannot_be_accepted(as_editor: Client) -> None:
    said = claim(team=None, owner="group:gone")
    assert "group:gone" not in as_editor.get("/claims/").content.decode()
    shown = as_editor.get("/claims/?show=unknown").content.decode()
    assert "group:gone" in shown
    assert "/accept/" not in shown
    assert as_editor.post(f"/claims/{said.pk}/accept/").status_code == 422
    assert Claim.objects.get().state == "new"


def test_readers_decide_nothing() -> None:
    said = claim()
    reader = signed_in(make.person(role="responder"))
    assert "/accept/" not in reader.get("/claims/").content.decode()
    assert reader.post(f"/claims/{said.pk}/accept/").status_code == 403


def test_three_cost_as_much_as_one(as_editor: Client) -> None:
    claim()
    one = cost(as_editor, "/claims/")
    claim(1)
    claim(2)
    assert cost(as_editor, "/claims/") == one
