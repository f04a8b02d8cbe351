"""Open actions of somebody who left, or of a team that was dissolved, go to somebody else, also after publishing."""

from __future__ import annotations

from datetime import date

import pytest

from incidents.postmortems import acting, settling
from incidents.postmortems.models import Action, Postmortem
from incidents.response.models import TimelineRow
from ownership import people, reassigning, teams
from ownership.models import Notice, Person, Team
from tests import factories as make
from tests.factories import NOON
from tests.incidents.postmortems import factories as review
from tests.incidents.postmortems.factories import LATER
from tests.ownership.conftest import signed_in
from web import registry

pytestmark = pytest.mark.django_db


def action(title: str, party: Person | Team) -> Action:
    postmortem = review.draft()
    owner = {"owner": party} if isinstance(party, Person) else {"owner_team": party}
    return acting.add(postmortem, title=title, due_on=date(2026, 12, 1), by=postmortem.author, now=LATER, **owner)


def listed(viewer: Person, party: Person | Team | None = None) -> list[tuple[str, object, str]]:
    found = registry.gather(reassigning.PLACE, viewer, party=party)
    items = [item for one in found if one.collector.code == "action" for item in one.items]
    return [(item.label, item.held_by, item.note) for item in items]


@pytest.fixture
def editor(db: None) -> Person:
    return make.person("Edith", role="editor")


def leave(person: Person) -> None:
    people.deactivate(person, by=make.person(role="admin"), now=NOON)


def test_they_want_an_owner_from_the_moment_somebody_leaves(editor: Person) -> None:
    priya, team = make.person("Priya"), make.team("Search")
    action("Cap retries", priya)
    action("Draw the seam", team)
    done = action("Done one", priya)
    settling.mark_done(done, by=editor, now=LATER)
    action("Of somebody here", editor)
    assert listed(editor) == []
    assert listed(editor, priya) == [("Cap retries", priya, "due 1 Dec 2026")]
    leave(priya)
    teams.dissolve(team, by=editor, now=NOON)
    assert {label for label, _, _ in listed(editor)} == {"Cap retries", "Draw the seam"}


@pytest.mark.parametrize("published", [False, True])
def test_they_go_to_a_person_or_a_team_with_a_row_and_a_word(editor: Person, published: bool) -> None:
    priya, mia = make.person("Priya"), make.person("Mia")
    team = make.team("Search", mia)
    one = action("Cap retries", priya)
    if published:
        Postmortem.objects.filter(pk=one.postmortem_id).update(published_at=LATER, published_by=editor)
    leave(priya)
    key = [f"action:{one.pk}"]
    reassigning.give([], others=key, to=team, by=editor, now=NOON)
    one.refresh_from_db()
    assert one.party == team
    assert TimelineRow.objects.filter(text="action “Cap retries” goes from Priya to Search", by=editor).count() == 1
    assert Notice.objects.get(person=mia).text == "Edith gave the action “Cap retries” to Search"
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give([], others=key, to=mia, by=editor, now=NOON)
    assert "somebody has it by now" in refused.value.rows[0]


def test_a_dissolved_team_is_no_choice_but_stays_what_it_was(editor: Person) -> None:
    team = make.team("Search")
    one = action("Cap retries", team)
    teams.dissolve(team, by=editor, now=NOON)
    page = signed_in(editor).get(f"/postmortems/{one.postmortem.incident_id}/").content.decode()
    assert "Search" in page
    other = action("Another", editor)
    page = signed_in(editor).get(f"/postmortems/{other.postmortem.incident_id}/").content.decode()
    assert f'value="team:{team.pk}"' not in page
