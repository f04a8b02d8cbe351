"""Who is told of what, and who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ownership import assigning, confirming, handing_over, importing, people, teams
from ownership.models import Assignment, Claim, Dependency, Notice, Person
from tests import factories as make
from tests.factories import NOON
from tests.ownership.proposals import proposal

pytestmark = pytest.mark.django_db


def told(person: Person) -> list[str]:
    """What somebody was told since they were last asked here."""
    rows = Notice.objects.filter(person=person)
    texts = [row.text for row in rows.order_by("pk")]
    rows.delete()
    return texts


@pytest.fixture
def editor(db: None) -> Person:
    return make.person("Edith", role="editor")


def test_who_is_put_down_and_who_is_replaced_hear_of_it_but_not_who_did_it(editor: Person) -> None:
    priya, ann, ben = make.person("Priya"), make.person("Ann"), make.person("Ben")
    team, service = make.team("Search", ann, ben), make.service("Answers")
    row = assigning.assign(subject=service, role="accountable", party=priya, since=NOON, by=editor, now=NOON)
    assert told(priya) == ["Edith made Priya accountable for Answers"]
    assigning.replace(row, party=team, at=NOON + timedelta(days=1), by=ann, now=NOON)
    assert told(priya) == told(ben) == ["Ann made Search accountable for Answers, instead of Priya"]
    assert told(ann) == told(editor) == []
    assigning.assign(subject=service, role="deputy", party=editor, since=NOON, by=editor, now=NOON)
    assert Notice.objects.count() == 0


def test_a_notice_leads_to_the_page_of_its_subject(editor: Person) -> None:
    priya, upstream = make.person(), make.component("Retriever")
    seam = Dependency.objects.create(upstream=upstream, downstream=make.component("Index"))
    for subject in (make.service("Answers"), upstream, seam):
        assigning.assign(subject=subject, role="accountable", party=priya, since=NOON, by=editor, now=NOON)
    paths = list(Notice.objects.order_by("pk").values_list("path", flat=True))
    assert paths == ["/services/answers/", f"/components/{upstream.pk}/", f"/seams/{seam.pk}/"]
    assert Notice.objects.latest("pk").text.endswith("accountable for Retriever → Index")


def test_ended_and_corrected(editor: Person) -> None:
    priya, tomas = make.person("Priya"), make.person("Tomás")
    row = make.assignment(make.service("Answers"), priya)
    fixed = assigning.correct(row, party=tomas, since=NOON - timedelta(days=9), by=editor, now=NOON)
    said = ["Edith corrected the record: Tomás is accountable for Answers since 2026-11-11"]
    assert told(priya) == told(tomas) == said
    assigning.end(fixed, at=NOON, by=editor, now=NOON)
    assert told(tomas) == ["Edith said that Tomás is no longer accountable for Answers"]


def test_who_is_taken_off_the_record_hears_of_it_but_not_who_did_it(editor: Person) -> None:
    priya, ann, ben = make.person("Priya"), make.person("Ann"), make.person("Ben")
    service = make.service("Answers")
    for party in (priya, make.team("Search", ann, ben)):
        assigning.retract(make.assignment(service, party), by=ann, now=NOON)
    assert told(priya) == ["Ann corrected the record: Priya never was accountable for Answers"]
    assert told(ben) == ["Ann corrected the record: Search never was accountable for Answers"]
    assert told(ann) == []


def test_who_is_in_the_team_no_more_is_not_told_in_its_place(editor: Person) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    team = make.team("Search", ann, ben)
    row = Assignment.objects.get(pk=make.assignment(make.service("Answers"), team, answering=ann).pk)
    teams.remove_member(team, ann, by=editor, now=NOON)
    confirming.remind(row, by=editor, now=NOON)
    confirming.remind_due(now=NOON)
    assigning.end(row, at=NOON, by=editor, now=NOON)
    assert (told(ann), len(told(ben))) == ([], 3)


def test_the_life_of_a_hand_over_is_told_to_both_sides() -> None:
    owner, tomas = make.person("Priya"), make.person("Tomás")
    service = make.service("Answers", owner=owner)
    asked = proposal(tomas, subject=service, by=owner)
    assert told(tomas) == ["Priya asks you to take over Answers"]
    handing_over.decline(asked, reason="Busy.", by=tomas, now=NOON)
    assert (told(owner), told(tomas)) == (["Tomás declined to take over Answers: Busy."], [])
    asked = proposal(tomas, subject=service, by=owner)
    handing_over.withdraw(asked, by=owner, now=NOON)
    assert told(tomas)[1:] == ["Priya withdrew the hand-over of Answers to Tomás"]
    proposal(tomas, subject=service, by=owner)
    assert handing_over.expire(NOON + timedelta(days=15)) == 1
    assert handing_over.expire(NOON + timedelta(days=15)) == 0
    expired = "The hand-over of Answers to Tomás expired; nobody answered"
    assert (told(owner), told(tomas)[1:]) == ([expired], [expired])
    asked = proposal(tomas, subject=service, by=owner)
    handing_over.accept(asked, by=tomas, now=NOON)
    assert told(owner) == ["Tomás accepted the hand-over of Answers"]
    assert len(told(tomas)) == 1  # asked; nobody tells them that they said yes


def test_an_editor_who_proposes_and_a_team_that_is_asked(editor: Person) -> None:
    owner, ann, ben = make.person("Priya"), make.person("Ann"), make.person("Ben")
    service, team = make.service("Answers", owner=owner), make.team("Search", ann, ben)
    asked = handing_over.propose(subject=service, to=team, by=editor, now=NOON)
    assert told(ann) == told(ben) == ["Edith asks Search to take over Answers"]
    handing_over.accept(asked, by=ann, now=NOON)
    said = ["Ann accepted the hand-over of Answers to Search"]
    assert told(owner) == told(editor) == told(ben) == said
    asked = handing_over.propose(subject=make.service("Scores", owner=owner), to=team, by=editor, now=NOON)
    handing_over.decline(asked, reason="We do not know it.", by=ann, now=NOON)
    assert told(owner) == ["Ann declined to take over Scores for Search: We do not know it."]


def test_everybody_who_loses_a_role_hears_of_it(editor: Person) -> None:
    priya, tomas, ann = make.person("Priya"), make.person("Tomás"), make.person("Ann")
    row = make.service("Answers", owner=priya).assignments.get()
    later, day = NOON + timedelta(days=9), timedelta(days=1)
    assigning.replace(row, party=tomas, at=later, by=editor, now=NOON)
    told(priya), told(tomas)
    shown = Assignment.objects.get(person=priya, superseded_at=None)
    assigning.replace(shown, party=ann, at=NOON + day, by=editor, now=NOON)
    said = ["Edith made Ann accountable for Answers, instead of Priya and Tomás"]
    assert told(priya) == told(tomas) == told(ann) == said


def test_a_claim_that_changes_the_owner(editor: Person) -> None:
    priya, tomas = make.person("Priya"), make.person("Tomás")
    service = make.service("Answers", owner=priya)
    claim = Claim.objects.create(
        fingerprint="0", format="csv", source="x.csv", line=1, owner="t", role="accountable", subject_kind="service",
        subject_name="answers", service=service, person=tomas, first_seen=NOON, last_seen=NOON,
    )  # fmt: skip
    importing.accept(claim, by=editor, now=NOON)
    said = ["Edith made Tomás accountable for Answers, instead of Priya"]
    assert told(priya) == told(tomas) == said


def test_when_an_owner_leaves_those_who_stand_in_hear_it_first(editor: Person) -> None:
    admin, priya, deputy, mate = (
        make.person("Ada", role="admin"), make.person("Priya"), make.person("Dan"), make.person("Mia"),
    )  # fmt: skip
    other_admin, called = make.person(role="admin"), make.person("Cleo")
    make.team("Search", priya, mate)
    one, two = make.service("Answers", owner=priya), make.service("Scores", owner=priya)
    make.assignment(one, deputy, role="deputy")
    make.assignment(two, deputy, role="deputy")
    make.assignment(two, make.team("On call", called), role="escalation")
    people.deactivate(priya, by=admin, now=NOON)
    assert told(deputy) == ["Priya is no longer here, and you stand in for Answers and Scores"]
    assert told(called) == ["Priya is no longer here, and you stand in for Scores"]
    nobody = ["Priya is no longer here, so nobody is accountable for Answers and Scores"]
    path = Notice.objects.get(person=mate).path
    assert told(mate) == told(other_admin) == nobody
    assert path == f"/reassign/?who=person:{priya.pk}"
    assert told(admin) == told(priya) == []


def test_who_answers_for_nothing_leaves_without_a_word(admin: Person) -> None:
    make.person(role="admin")
    people.deactivate(make.person(), by=admin, now=NOON)
    people.deactivate(Person.objects.latest("pk"), by=admin, now=NOON)
    assert Notice.objects.count() == 0


def test_nobody_waits_for_the_answer_of_who_left(admin: Person, editor: Person) -> None:
    asked, team = make.person("Tomás"), make.team("Search", make.person())
    first, second = proposal(asked), proposal(team)
    people.deactivate(asked, by=admin, now=NOON)
    teams.dissolve(team, by=editor, now=NOON)
    for handover in (first, second):
        handover.refresh_from_db()
        assert (handover.state, handover.reason) == ("withdrawn", handing_over.GONE)
    assert "withdrew" in told(first.proposed_by)[-1]


def test_a_dissolved_team_that_answered_is_told_to_its_members(editor: Person) -> None:
    mia = make.person("Mia")
    team = make.team("Search", mia)
    make.service("Answers", owner=team)
    teams.dissolve(team, by=editor, now=NOON)
    teams.dissolve(team, by=editor, now=NOON)
    assert told(mia) == ["Search is no longer here, so nobody is accountable for Answers"]


def test_a_hand_over_from_who_left_counts_from_the_moment_of_accepting(admin: Person, editor: Person) -> None:
    priya, tomas = make.person(), make.person()
    service = make.service(owner=priya)
    people.deactivate(priya, by=admin, now=NOON)
    asked = handing_over.propose(subject=service, to=tomas, by=editor, now=NOON)
    later = NOON + timedelta(days=3)
    handing_over.accept(asked, by=tomas, now=later)
    known = Assignment.objects.filter(service=service, superseded_at=None).order_by("during")
    assert [(row.party, row.during.lower) for row in known] == [(priya, NOON - timedelta(days=60)), (tomas, later)]


def test_what_expires_is_told_in_as_many_statements_for_one_as_for_twelve(editor: Person) -> None:
    ann, ben, gone = make.person("Ann"), make.person("Ben"), make.person("Gone")
    team = make.team("Search", ann, gone)
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    costs = []
    for number in (1, 12):
        for _ in range(number):
            seam = make.seam()
            make.assignment(seam, editor)
            proposal(team, subject=make.service(owner=ben), by=editor)
            proposal(team, subject=seam, by=editor)
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            assert handing_over.expire(NOON + timedelta(days=15)) == 2 * number
        costs.append(len(queries))
        assert len(told(ann)) == 2 * number
        assert len(told(ben)) == number
        assert Notice.objects.filter(person=gone).count() == 0
    assert costs[0] == costs[1]
