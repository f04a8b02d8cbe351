"""Teams and who is in them."""

from __future__ import annotations

import pytest

from ownership import teams
from ownership.models import Membership, Person
from tests import factories as make
from tests.factories import NOON
from web.errors import ConstraintBroken, Invalid

pytestmark = pytest.mark.django_db


def test_a_team_with_its_members(editor: Person) -> None:
    jonas = make.person("Jonas")
    team = teams.create(name=" Search  platform ", members=[jonas], by=editor, now=NOON)
    assert (team.name, team.slug, list(team.members.all())) == ("Search platform", "search-platform", [jonas])


def test_a_team_needs_a_name_of_its_own(editor: Person) -> None:
    teams.create(name="Search", by=editor, now=NOON)
    with pytest.raises(ConstraintBroken) as refused:
        teams.create(name="SEARCH", by=editor, now=NOON)
    assert (refused.value.code, refused.value.field) == ("name_taken", "name")
    with pytest.raises(Invalid):
        teams.create(name=" ", by=editor, now=NOON)


def test_renaming_keeps_the_slug(editor: Person) -> None:
    team = teams.create(name="Search", by=editor, now=NOON)
    teams.rename(team, name="Retrieval", by=editor, now=NOON)
    team.refresh_from_db()
    assert (team.name, team.slug) == ("Retrieval", "search")


def test_somebody_is_in_a_team_once_and_can_leave_it(editor: Person) -> None:
    jonas = make.person("Jonas")
    team = make.team("Search", jonas)
    with pytest.raises(ConstraintBroken) as refused:
        teams.add_member(team, jonas, by=editor, now=NOON)
    assert refused.value.code == "already_member"
    teams.remove_member(team, jonas, by=editor, now=NOON)
    assert not Membership.objects.exists()


def test_somebody_who_left_joins_no_team(editor: Person) -> None:
    with pytest.raises(Invalid, match="no longer here"):
        teams.add_member(make.team(), make.person(is_active=False), by=editor, now=NOON)
