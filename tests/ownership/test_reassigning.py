"""Giving away what somebody left behind: all that was chosen, or nothing, and a word on each that could not be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ownership import access, handing_over, people, reassigning, teams
from ownership.models import Assignment, Component, Handover, Notice, Person, Service, Team
from ownership.queries import owners, vacancies
from ownership.vocabulary import AssignmentRole
from tests import factories as make
from tests.factories import NOON
from web import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(db: None) -> Person:
    return make.person("Edith", role="editor")


@pytest.fixture
def gone(editor: Person) -> Person:
    """Somebody who was accountable for two services, deputy of a third, and has left."""
    priya = make.person("Priya")
    for name in ("Answers", "Scores"):
        make.service(name, owner=priya)
    make.assignment(make.service("Summaries", owner=make.person()), priya, role="deputy")
    people.deactivate(priya, by=make.person(role="admin"), now=NOON)
    Notice.objects.all().delete()
    return priya


def rows_of(party: Person | Team) -> list[Assignment]:
    return list(vacancies.held(at=NOON, party=party).order_by("pk"))


def answers(name: str) -> owners.Answering:
    service = Service.objects.get(name=name)
    return owners.of_services([service.pk], at=NOON)[service.pk]


def test_all_of_it_goes_to_one_party_from_now_on(gone: Person, editor: Person) -> None:
    team = make.team("Search", editor)
    assert reassigning.give(rows_of(gone), to=team, by=editor, now=NOON) == 3
    assert answers("Answers").accountable == answers("Answers").asked
    for name in ("Answers", "Scores"):
        holding = answers(name).accountable
        assert holding is not None
        assert (holding.party, holding.since) == (team, NOON)
    assert [one.party for one in answers("Summaries").deputies] == [team]
    assert rows_of(gone) == []
    before = owners.of_services([Service.objects.get(name="Answers").pk], at=NOON - timedelta(days=1))
    assert [one.accountable.party for one in before.values() if one.accountable] == [gone]


def test_one_row_that_cannot_be_undoes_the_rest_and_says_why(gone: Person, editor: Person) -> None:
    tomas = make.person("Tomás")
    make.assignment(Service.objects.get(name="Summaries"), tomas, role="deputy")
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give(rows_of(gone), to=tomas, by=editor, now=NOON)
    assert refused.value.rows == ("Summaries: Tomás is deputy already.",)
    assert len(rows_of(gone)) == 3
    assert Notice.objects.count() == 0


def test_what_changed_meanwhile_is_refused(gone: Person, editor: Person) -> None:
    rows, tomas = rows_of(gone), make.person()
    reassigning.give(rows[:1], to=tomas, by=editor, now=NOON)
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give(rows, to=make.person(), by=editor, now=NOON)
    assert len(refused.value.rows) == 1
    assert refused.value.rows[0].startswith("Answers: Somebody changed who answers meanwhile")


def test_nobody_who_is_here_loses_anything_by_it(editor: Person) -> None:
    owner = make.person("Priya")
    make.service("Answers", owner=owner)
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give(rows_of(owner), to=editor, by=editor, now=NOON)
    assert refused.value.rows == ("Answers: Priya is still here; ask for a hand-over instead.",)


def test_asking_proposes_each_and_leaves_the_other_roles(gone: Person, editor: Person) -> None:
    tomas = make.person("Tomás")
    made = reassigning.ask(rows_of(gone), to=tomas, by=editor, now=NOON)
    assert [str(one.subject) for one in made] == ["Answers", "Scores"]
    assert [one.handover is not None for one in vacancies.listed(at=NOON, party=gone).rows] == [True, True, False]
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.ask(rows_of(gone), to=tomas, by=editor, now=NOON)
    assert len(refused.value.rows) == 2
    assert Handover.objects.count() == 2
    handing_over.accept(made[0], by=tomas, now=NOON)
    assert answers("Answers").accountable == answers("Answers").asked


def test_assigning_at_once_overtakes_a_proposal(gone: Person, editor: Person) -> None:
    [asked, _] = reassigning.ask(rows_of(gone), to=make.person(), by=editor, now=NOON)
    reassigning.give(rows_of(gone)[:1], to=editor, by=editor, now=NOON)
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_who_takes_over_later_is_not_overrun(editor: Person) -> None:
    priya, tomas = make.person("Priya"), make.person("Tomás")
    service = make.service("Answers", owner=priya)
    ahead = NOON + timedelta(days=5)
    asked = handing_over.propose(subject=service, to=tomas, by=priya, now=NOON, effective_at=ahead)
    handing_over.accept(asked, by=tomas, now=NOON)
    people.deactivate(priya, by=make.person(role="admin"), now=NOON)
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give(rows_of(priya), to=editor, by=editor, now=NOON)
    assert "settled already who takes over" in refused.value.rows[0]


def test_a_role_that_begins_later_is_given_from_then_on(editor: Person) -> None:
    priya = make.person()
    service = make.service("Answers")
    ahead = NOON + timedelta(days=5)
    make.assignment(service, priya, since=ahead, known_from=NOON)
    people.deactivate(priya, by=make.person(role="admin"), now=NOON)
    reassigning.give(rows_of(priya), to=editor, by=editor, now=NOON)
    [row] = Assignment.objects.filter(service=service, superseded_at=None)
    assert (row.party, row.during.lower) == (editor, ahead)


def test_ending_is_for_roles_that_nobody_needs(gone: Person, editor: Person) -> None:
    deputy = [row for row in rows_of(gone) if row.role == AssignmentRole.DEPUTY]
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.end(rows_of(gone), by=editor, now=NOON)
    assert len(refused.value.rows) == 2
    assert reassigning.end(deputy, by=editor, now=NOON) == 1
    assert answers("Summaries").deputies == ()


def test_something_has_to_be_chosen_and_somebody_who_is_here(gone: Person, editor: Person) -> None:
    for act in (reassigning.give, reassigning.ask):
        with pytest.raises(reassigning.NothingChosen):
            act([], to=editor, by=editor, now=NOON)
    dissolved = teams.dissolve(make.team("Old"), by=editor, now=NOON)
    for party in (gone, dissolved):
        with pytest.raises(Exception, match="no longer here"):
            reassigning.give(rows_of(gone), to=party, by=editor, now=NOON)


def test_components_of_a_dissolved_team_want_another(editor: Person) -> None:
    team, other = make.team("Old"), make.team("New")
    component = make.component("Retriever", custodian=team)
    make.component("Retired", custodian=team, retired_at=NOON)
    make.component("Index", custodian=other)
    assert registry.gather(reassigning.PLACE, editor) == []
    teams.dissolve(team, by=editor, now=NOON)
    [gathered] = registry.gather(reassigning.PLACE, editor)
    assert [(item.label, item.held_by) for item in gathered.items] == [("Retriever", team)]
    key = [f"component:{component.pk}"]
    with pytest.raises(reassigning.Refused, match="Nothing was changed") as refused:
        reassigning.give([], others=key, to=editor, by=editor, now=NOON)
    assert refused.value.rows == ("Retriever: a team looks after a component, not a person.",)
    reassigning.give([], others=key, to=other, by=editor, now=NOON)
    assert Component.objects.get(pk=component.pk).custodian == other
    with pytest.raises(reassigning.Refused):
        reassigning.give([], others=key, to=other, by=editor, now=NOON)


def test_retired_services_want_nobody(gone: Person) -> None:
    Service.objects.filter(name="Answers").update(retired_at=NOON)
    assert [str(row.service) for row in rows_of(gone)] == ["Scores", "Summaries"]


@pytest.fixture
def collector() -> Iterator[list[tuple[list[int], object]]]:
    """Another room's things, and what was moved of them; number 13 never can be."""
    moved: list[tuple[list[int], object]] = []

    def gather(viewer: object, *, party: object, limit: int) -> list[registry.Item]:
        return [registry.Item(number, f"Thing {number}", "/", party) for number in (12, 13)][:limit]

    def move(numbers: list[int], *, to: object, by: object, now: object) -> list[str]:
        moved.append((numbers, to))
        return ["Thing 13: no."] if 13 in numbers else []

    registry.add_collector(reassigning.PLACE, registry.Collector("thing", "Thing", gather, move))
    yield moved
    registry._collectors[reassigning.PLACE].pop()


def test_what_other_rooms_add_goes_along_or_undoes_it_all(
    gone: Person, editor: Person, collector: list[tuple[list[int], object]]
) -> None:
    with pytest.raises(reassigning.Refused) as refused:
        reassigning.give(rows_of(gone), others=["thing:12", "thing:13"], to=editor, by=editor, now=NOON)
    assert refused.value.rows == ("Thing 13: no.",)
    assert len(rows_of(gone)) == 3
    assert reassigning.give(rows_of(gone), others=["thing:12"], to=editor, by=editor, now=NOON) == 4
    assert collector == [([12, 13], editor), ([12], editor)]
    for wrong in ("nothing:1", "thing:x", "thing"):
        with pytest.raises(Exception, match="changed this list meanwhile"):
            reassigning.give([], others=[wrong], to=editor, by=editor, now=NOON)
    assert [one.more for one in registry.gather(reassigning.PLACE, editor, limit=1)] == [True]


def test_who_was_taken_out_of_a_team_answers_for_it_no_more(editor: Person) -> None:
    ada, mia = make.person("Ada"), make.person("Mia")
    team = make.team("Search", ada, mia)
    row = make.assignment(make.service("Answers"), team, answering=ada)
    assert access.may_confirm(ada, row)
    assert vacancies.listed(at=NOON).rows == []
    teams.remove_member(team, ada, by=editor, now=NOON)
    assert not access.may_confirm(ada, row)
    assert access.may_confirm(mia, row)
    (one,) = vacancies.listed(at=NOON).rows
    assert (one.what, one.held_by, one.is_named) == ("Answers for a team (accountable)", ada, True)
    held = answers("Answers").accountable
    assert held is not None
    assert (held.words, held.names_nobody, held.as_known()["answering"]) == ("Search", True, None)
    with pytest.raises(reassigning.Refused):
        reassigning.end([one.row], by=editor, now=NOON)
    assert reassigning.give([one.row], to=mia, by=editor, now=NOON) == 1
    assert vacancies.listed(at=NOON).rows == []
    assert answers("Answers").words == "Search (Mia) answers"


def test_who_answered_for_a_team_and_left_is_on_the_list_until_another_member_is_named(editor: Person) -> None:
    ada, mia, outsider = make.person("Ada"), make.person("Mia"), make.person("Olu")
    team = make.team("Search", ada, mia)
    make.assignment(make.service("Answers"), team, answering=ada)
    (row,) = rows_of(ada)
    assert vacancies.is_named(row, at=NOON, party=ada)
    people.deactivate(ada, by=make.person(role="admin"), now=NOON)
    (one,) = vacancies.listed(at=NOON).rows
    assert (one.what, one.held_by) == ("Answers for a team (accountable)", ada)
    assert vacancies.parties(at=NOON) == [ada]
    assert reassigning.nameable([one.row], to=outsider, now=NOON) == (
        [],
        ["Answers: Search keeps it, and Olu is not in that team; name one of its members."],
    )
    for refused in (outsider, make.team("Other")):
        with pytest.raises(reassigning.Refused):
            reassigning.give([one.row], to=refused, by=editor, now=NOON)
    with pytest.raises(reassigning.Refused):
        reassigning.end([one.row], by=editor, now=NOON)
    assert reassigning.nameable([one.row], to=mia, now=NOON) == ([one.row], [])
    assert reassigning.give([one.row], to=mia, by=editor, now=NOON) == 1
    held = answers("Answers").accountable
    assert held is not None
    assert (held.party, held.answering) == (team, mia)
    assert vacancies.listed(at=NOON).rows == []
