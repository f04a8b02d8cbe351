"""Choosing people and teams: a list while it is short, an address typed once there are many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from ownership.forms import fields
from ownership.forms.fields import MemberField, PartyField
from ownership.models import Assignment, Membership, Person, Team
from tests import factories as make
from tests.factories import NOON
from tests.ownership.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """More people than one select takes."""
    monkeypatch.setattr(fields, "MOST_OFFERED", 5)
    return [make.person(f"Person Of Many {number}") for number in range(8)]


def test_what_is_typed_means_a_party() -> None:
    ann, team = make.person("Ann Ode", email="ann@example.org"), make.team("Search")
    field = PartyField(empty="Nobody", required=False)
    assert field.clean(f"person:{ann.pk}") == field.clean(" ANN@example.org ") == field.clean("ann  ode") == ann
    assert field.clean("search") == field.clean(f"team:{team.pk}") == team
    assert field.clean("") is None
    make.team("Ann Ode")
    assert field.clean("ann@example.org") == ann
    for typed in ("ann ode", "nobody@example.org", "a\x00", "\x00", "@", "person:999999999"):
        with pytest.raises(ValidationError):
            field.clean(typed)


def test_who_has_a_name_with_somebody_else_is_told_by_the_address() -> None:
    ann, _ = make.person("Ann", email="ann@example.org"), make.person("Ann")
    field = MemberField(required=True)
    assert field.clean("ann@example.org") == field.clean(str(ann.pk)) == ann
    with pytest.raises(ValidationError):
        field.clean("ann")


def test_who_left_is_named_for_the_past_alone() -> None:
    gone = make.person("Gone", email="gone@example.org", is_active=False)
    old = make.team("Old")
    Team.objects.filter(pk=old.pk).update(dissolved_at=NOON)
    assert PartyField(empty="", everybody=True).clean("gone@example.org") == gone
    assert PartyField(empty="", everybody=True).clean("old") == old
    assert MemberField(everybody=True).clean("gone@example.org") == gone
    for field, typed in ((PartyField(empty=""), "gone@example.org"), (PartyField(empty=""), "old")):
        with pytest.raises(ValidationError):
            field.clean(typed)


def test_a_page_carries_a_select_of_few(as_editor: Client) -> None:
    make.person("Ann")
    make.service("Answers")
    page = text_of(as_editor, "/services/answers/")
    assert '<select name="party"' in page
    assert 'placeholder="A person' not in page


def test_beyond_that_the_address_is_typed(many: list[Person], as_editor: Client) -> None:
    service = make.service("Answers")
    page = text_of(as_editor, "/services/answers/")
    assert '<input type="text" name="party"' in page
    assert "Person Of Many" not in page
    typed = {"party": many[3].email, "role": "accountable"}
    assert as_editor.post("/services/answers/answers/", typed).status_code == 302
    assert Assignment.objects.get(service=service).person == many[3]


def test_what_could_not_be_used_stays_as_it_was_typed(many: list[Person], as_editor: Client) -> None:
    make.service("Answers")
    answer = as_editor.post("/services/answers/answers/", {"party": "who@example.org", "role": "deputy"})
    assert answer.status_code == 422
    assert 'value="who@example.org"' in answer.content.decode()
    assert "Choose somebody from the list, or type their e-mail" in answer.content.decode()


def test_what_is_on_record_stands_there_as_one_would_type_it(many: list[Person], as_editor: Client) -> None:
    row = make.assignment(make.service("Answers"), many[0], since=NOON - timedelta(days=9))
    page = text_of(as_editor, f"/assignments/{row.pk}/")
    assert f'value="{many[0].email}"' in page


def test_members_are_typed_too(many: list[Person], as_editor: Client) -> None:
    team, newcomer = make.team("Search", *many[:2]), many[7]
    assert '<input type="text" name="person"' in text_of(as_editor, "/teams/search/")
    as_editor.post("/teams/search/members/", {"person": newcomer.email})
    assert Membership.objects.filter(team=team, person=newcomer).exists()
    make.service("Answers")
    typed = {"party": "search", "role": "accountable", "answering": many[1].email}
    assert as_editor.post("/services/answers/answers/", typed).status_code == 302
    assert Assignment.objects.get().answering == many[1]
