"""Notices, confirmations and dissolved teams over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ownership import notifying
from ownership.models import Confirmation, Notice, Person
from tests import factories as make
from tests.ownership.api.program import API, Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db


def test_one_reads_and_marks_ones_own_and_nobody_elses(editor: Person) -> None:
    other = make.person()
    for text in ("one", "two"):
        notifying.tell([editor, other], kind="assigned", text=text, path="/services/x/", now=timezone.now())
    api = Api(editor)
    rows = api.get("/notices/?seen=false&kind=assigned")["results"]
    assert [row["text"] for row in rows] == ["two", "one"]
    assert api.get(f"/notices/{rows[0]['id']}/") == rows[0]
    assert api.send("GET", f"/notices/{Notice.objects.filter(person=other)[0].pk}/").status_code == 404
    assert api.done("POST", "/notices/seen/") == {"marked": 2}
    assert api.done("POST", "/notices/seen/") == {"marked": 0}
    assert api.get("/notices/?seen=false")["results"] == []
    assert Notice.objects.filter(person=other, seen_at=None).count() == 2
    assert Api(editor, "read").refused("POST", "/notices/seen/")[0] == 403
    assert Client().get(f"{API}/notices/").status_code == 401


def test_only_who_is_accountable_confirms() -> None:
    owner, mate, stranger = make.person(role="viewer"), make.person(role="viewer"), make.person(role="admin")
    service = make.service(owner=make.team("", owner, mate), name="Answers")
    row = service.assignments.get()
    due = Api(stranger).get("/confirmations/due/")["results"]
    assert [(one["assignment"], one["service"], one["confirmed_at"]) for one in due] == [(row.pk, service.slug, None)]
    assert Api(stranger).refused("POST", "/confirmations/", {"assignment": row.pk})[0] == 403
    told = Api(mate).done("POST", "/confirmations/", {"assignment": row.pk})
    assert (told["assignment"], told["by"]) == (row.pk, mate.email)
    assert Api(owner).get(f"/confirmations/?assignment={row.pk}")["results"] == [told]
    assert Api(owner).get(f"/confirmations/{told['id']}/") == told
    assert Api(owner).get("/confirmations/due/")["results"] == []
    assert Api(owner).refused("POST", "/confirmations/", {"assignment": 0})[0] == 422
    assert Api(owner).send("POST", "/confirmations/", {"assignment": 999_999}).status_code == 404


def test_what_is_superseded_cannot_be_confirmed() -> None:
    owner = make.person()
    row = make.service(owner=owner).assignments.get()
    type(row).objects.filter(pk=row.pk).update(superseded_at=timezone.now() + timedelta(hours=1))
    assert Api(owner).refused("POST", "/confirmations/", {"assignment": row.pk})[:2] == (409, "nothing_to_confirm")


@pytest.mark.parametrize("what", ["notices", "confirmations", "confirmations/due"])
def test_lists_cost_the_same_with_one_and_with_three(editor: Person, what: str) -> None:
    api, costs = Api(editor, "read"), []
    for more in (1, 2):
        for _ in range(more):
            row = make.service(owner=make.person()).assignments.get()
            make.service(owner=make.team("", make.person()))
            Confirmation.objects.create(assignment=row, by=row.person)
            notifying.tell([editor], kind="assigned", text="x", path="/", now=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert len(api.get(f"/{what}/")["results"]) >= 1
        costs.append(len(queries) - (1 if not costs else 0))  # the first use of the day notes the day
    assert costs[0] == costs[1]


def test_a_dissolved_team_is_left_out_of_lists_and_choices_until_it_is_restored(editor: Person, world: World) -> None:
    api = Api(editor)
    assert api.done("POST", "/teams/answers-team/dissolve/")["dissolved_at"] is not None
    assert [team["slug"] for team in api.get("/teams/")["results"]] == []
    assert {team["slug"] for team in api.get("/teams/?dissolved=true")["results"]} == {"answers-team", "gone-team"}
    assert api.get(f"/people/{world.member.pk}/")["teams"] == []
    named = {"service": "support-answers", "role": "escalation", "team": "answers-team"}
    assert api.refused("POST", "/assignments/", named) == (422, "invalid", ["team"])
    assert api.refused("PATCH", "/teams/answers-team/", {"name": "x"})[:2] == (409, "dissolved")
    added = {"person": world.outsider.email}
    assert api.refused("POST", "/teams/answers-team/members/", added)[:2] == (409, "dissolved")
    assert api.done("POST", "/teams/", {"name": "Answers TEAM"})["slug"] == "answers-team-2"
    assert api.refused("POST", "/teams/answers-team/restore/")[:2] == (409, "name_taken")
    api.done("PATCH", "/teams/answers-team-2/", {"name": "Another"})
    assert api.done("POST", "/teams/answers-team/restore/")["dissolved_at"] is None
    assert api.done("POST", "/assignments/", named)["team"] == "answers-team"
