"""Assignments over the API: given, replaced, ended, corrected."""

from __future__ import annotations

from typing import Any

import pytest

from ownership.models import Assignment, Person
from tests import factories as make
from tests.ownership.api.program import Api
from tests.ownership.world import World

pytestmark = pytest.mark.django_db


def test_an_assignment_and_what_became_of_it(api: Api, editor: Person) -> None:
    make.service("Support answers")
    priya, team = make.person("Priya Nair"), make.team("Answers team")
    given = {
        "service": "support-answers",
        "role": "accountable",
        "person": priya.email,
        "since": "2026-01-05T08:00:00Z",
    }
    told = api.done("POST", "/assignments/", given)
    assert (told["since"], told["until"], told["made_by"]) == ("2026-01-05T08:00:00Z", None, editor.email)
    assert api.refused("POST", "/assignments/", {**given, "person": None, "team": team.slug})[:2] == (
        409,
        "already_owned",
    )
    replaced = api.done("POST", f"/assignments/{told['id']}/replace/", {"team": team.slug})
    assert api.refused("POST", f"/assignments/{told['id']}/end/", {})[:2] == (409, "outdated")
    api.done("POST", f"/assignments/{replaced['id']}/end/", {})
    assert [row["until"] is None for row in api.get("/assignments/?service=support-answers")["results"]] == [
        False,
        False,
    ]
    (over,) = [row for row in api.get("/assignments/?service=support-answers")["results"] if row["team"]]
    assert api.refused("POST", f"/assignments/{over['id']}/replace/", {"person": editor.email})[:2] == (409, "over")
    assert len(api.get("/assignments/?known=all")["results"]) == 4
    assert len(api.get("/assignments/?at=2026-02-01T00:00:00Z")["results"]) == 1
    assert api.get(f"/assignments/?person={priya.email}&known_at=2020-01-01T00:00:00Z")["results"] == []


def test_a_correction_over_the_api(api: Api) -> None:
    row = make.assignment(make.service("Support answers"), make.person("Wrong"))
    right = make.person("Right")
    told = api.done(
        "POST",
        f"/assignments/{row.pk}/correct/",
        {"person": right.email, "since": "2026-10-01T00:00:00Z", "until": "2026-10-05T00:00:00Z"},
    )
    assert (told["person"], told["until"]) == (right.email, "2026-10-05T00:00:00Z")
    row.refresh_from_db()
    assert row.superseded_at is not None


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"role": "deputy", "team": "answers-team"}, ["service"]),
        ({"role": "deputy", "service": "support-answers"}, ["person"]),
        ({"role": "boss", "service": "support-answers", "team": "answers-team"}, ["role"]),
        ({"role": "deputy", "service": "none", "team": "answers-team"}, ["service"]),
        ({"role": "deputy", "component": "none", "team": "answers-team"}, ["component"]),
    ],
)
def test_an_assignment_names_one_subject_one_party_and_a_role(
    api: Api, world: World, given: Any, fields: list[str]
) -> None:
    before = Assignment.objects.count()
    assert api.refused("POST", "/assignments/", given) == (422, "invalid", fields)
    assert Assignment.objects.count() == before


def test_seams_and_components_can_be_answered_for(api: Api, world: World) -> None:
    for subject in ({"dependency": world.seam.pk}, {"component": world.component.pk}):
        api.done("POST", "/assignments/", {**subject, "role": "accountable", "team": "answers-team"})
    rows = api.get("/assignments/?team=answers-team")["results"]
    assert {(row["component"], row["dependency"]) for row in rows} == {
        (world.component.pk, None),
        (None, world.seam.pk),
    }
